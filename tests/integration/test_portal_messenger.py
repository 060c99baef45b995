"""The messenger of a person over REST: reading, searching, pinning, sharing; and its limits for extranet users."""

from typing import Any

import pytest

from portal.testing import Setup


async def test_chats_are_marked_as_read_and_unread(setup: Setup) -> None:
    """A chat is read up to a message, unread from one on, or all chats are read at once."""
    anna, boris = setup.client(2), setup.client(3)
    ids = [await anna.result("im.message.add", DIALOG_ID="chat11", MESSAGE=str(n)) for n in range(4)]
    read = await boris.result("im.dialog.read", DIALOG_ID="chat11", MESSAGE_ID=ids[2])
    assert (read["chatId"], read["lastId"], read["counter"]) == (11, ids[2], 1)
    assert await boris.result("im.dialog.unread", DIALOG_ID="chat11", MESSAGE_ID=ids[1]) is True
    assert (await boris.result("im.dialog.get", DIALOG_ID="chat11"))["counter"] == 3
    assert await boris.refusal("im.dialog.unread", DIALOG_ID="chat11") == (400, "MESSAGE_ID_ERROR")
    assert await boris.refusal("im.dialog.unread", MESSAGE_ID=1) == (400, "DIALOG_ID_EMPTY")
    assert await boris.result("im.dialog.read.all") is True
    assert (await boris.result("im.counters.get"))["TYPE"]["ALL"] == 0


async def test_unread_messages_are_counted(setup: Setup) -> None:
    """Dialogs, chats, muted chats and notifications are counted separately; the sum has no muted ones."""
    anna, boris = setup.client(2), setup.client(3)
    for dialog, times in (("3", 2), ("chat10", 1), ("chat11", 3)):
        for number in range(times):
            await anna.result("im.message.add", DIALOG_ID=dialog, MESSAGE=str(number))
    await anna.result("im.notify", USER_ID=3, MESSAGE="x")
    await boris.result("im.chat.mute", CHAT_ID=11)
    counted = await boris.result("im.counters.get")
    assert (counted["DIALOG"], counted["CHAT"], counted["CHAT_MUTED"]) == ({"2": 2}, {"10": 1}, {"11": 3})
    assert counted["TYPE"] == {"ALL": 4, "NOTIFY": 1, "DIALOG": 2, "CHAT": 1, "LINES": 0, "MESSENGER": 3}
    await boris.result("im.recent.unread", DIALOG_ID="chat10")
    await boris.result("im.recent.unread", DIALOG_ID=2)
    counted = await boris.result("im.counters.get")
    assert (counted["DIALOG_UNREAD"], counted["CHAT_UNREAD"]) == ([2], [10])


async def test_recent_chats(setup: Setup) -> None:
    """Pinned chats come first, then the newest; hidden ones return with the next message."""
    anna, boris = setup.client(2), setup.client(3)
    for dialog in ("chat10", "3", "chat11"):
        await anna.result("im.message.add", DIALOG_ID=dialog, MESSAGE=f"to {dialog}")
        setup.p.clock.advance(60)

    async def recent(method: str = "im.recent.get", **more: Any) -> list[Any]:
        answer = await boris.result(method, more)
        return [row["id"] for row in (answer["items"] if isinstance(answer, dict) else answer)]

    assert await recent() == ["chat11", 2, "chat10"]
    assert await recent(SKIP_DIALOG="Y") == ["chat11", "chat10"]
    assert await recent(SKIP_CHAT="Y") == [2]
    assert await recent(ONLY_OPENLINES="Y") == []
    assert await recent(LAST_SYNC_DATE="2026-09-21T16:14:00+02:00") == ["chat11", 2]
    assert await boris.result("im.recent.pin", DIALOG_ID="chat10") is True
    assert await recent() == ["chat10", "chat11", 2]
    assert await boris.result("im.recent.hide", DIALOG_ID="chat11") is True
    assert await recent() == ["chat10", 2]
    await anna.result("im.message.add", DIALOG_ID="chat11", MESSAGE="again")
    assert await recent() == ["chat10", "chat11", 2]
    await boris.result("im.recent.pin", DIALOG_ID="chat10", PIN="N")
    assert await recent("im.recent.list", LIMIT=2) == ["chat11", 2]
    page = await boris.result("im.recent.list", LIMIT=2, OFFSET=2)
    assert ([row["id"] for row in page["items"]], page["hasMore"], page["hasMorePages"]) == (["chat10"], False, False)
    assert await recent("im.recent.list", LAST_MESSAGE_DATE="2026-09-21T16:14:20+02:00") == ["chat10"]
    await boris.result("im.dialog.read", DIALOG_ID="chat11")
    assert await recent("im.recent.list", UNREAD_ONLY="Y") == [2, "chat10"]
    row = (await boris.result("im.recent.get"))[0]
    assert (row["type"], row["chat_id"], row["title"], row["counter"], row["pinned"]) == (
        "chat",
        11,
        "Launch crew",
        0,
        False,
    )
    assert (row["message"]["text"], row["message"]["author_id"]) == ("again", 2)


async def test_searching_messages(setup: Setup) -> None:
    """Messages are found by three letters and dates, paged by the last id, in both orders."""
    for text in ("Budget draft", "Lunch", "Final budget", "About"):
        await setup.client(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE=text)
        setup.p.clock.advance(600)
    boris, search = setup.client(3), "im.dialog.messages.search"

    async def found(**more: Any) -> list[str]:
        return [row["text"] for row in (await boris.result(search, CHAT_ID=11, **more))["messages"]]

    assert await found(SEARCH_MESSAGE="budget") == ["Final budget", "Budget draft"]
    assert await found(SEARCH_MESSAGE="budget", ORDER={"ID": "ASC"}, LIMIT=1) == ["Budget draft"]
    assert await found(SEARCH_MESSAGE="dr") == []
    assert await found(DATE_FROM="2026-09-21T16:40:00+02:00") == ["About"]
    assert await found(DATE_TO="2026-09-21T16:20:00+02:00") == ["Budget draft"]
    assert await found(DATE="2026-09-22T00:00:00+02:00") == []
    page = await boris.result(search, CHAT_ID=11, SEARCH_MESSAGE="budget", LIMIT=1)
    assert await found(SEARCH_MESSAGE="budget", LAST_ID=page["messages"][0]["id"]) == ["Budget draft"]
    lists = {"messages", "users", "files", "additionalMessages", "stickers", "reactions", "usersShort"}
    assert page.keys() == lists | {"copilot", "tariffRestrictions"}
    assert await boris.refusal(search) == (400, "CHAT_ID_EMPTY")
    assert await setup.client(5).refusal(search, CHAT_ID=11) == (403, "ACCESS_ERROR")


async def test_dialogs_of_the_last_search_are_kept(setup: Setup) -> None:
    """Dialogs opened from the search are stored, newest first, and can be removed."""
    anna, last = setup.client(2), "im.search.last"
    assert [await anna.result(f"{last}.add", DIALOG_ID=name) for name in ("chat11", "3", "chat11")] == [True] * 3
    rows = await anna.result(f"{last}.get")
    assert [(row["id"], row["type"], row["title"]) for row in rows] == [
        ("chat11", "chat", "Launch crew"),
        (3, "user", "Boris Klein"),
    ]
    assert [row["id"] for row in await anna.result(f"{last}.get", SKIP_CHAT="Y")] == [3]
    assert await anna.result(f"{last}.delete", DIALOG_ID="chat11") is True
    assert [row["id"] for row in await anna.result(f"{last}.get")] == [3]
    assert await setup.client(5).refusal(f"{last}.add", DIALOG_ID="chat11") == (403, "ACCESS_ERROR")
    assert await anna.refusal(f"{last}.delete") == (400, "DIALOG_ID_EMPTY")


@pytest.mark.parametrize("method", ["im.search.user.list", "im.search.chat.list"])
async def test_a_search_needs_two_letters(setup: Setup, method: str) -> None:
    """A shorter phrase is FIND_SHORT, and an empty result is []."""
    assert await setup.client(2).refusal(method, FIND="a") == (400, "FIND_SHORT")
    assert await setup.client(2).result(method, FIND="zzz") == []


async def test_employees_find_open_chats(setup: Setup) -> None:
    """Employees find open chats that they are not in, extranet users do not; closed chats only their members."""
    for kind in ("OPEN", "CHAT"):
        await setup.client(2).result("im.chat.add", TITLE=f"Garden {kind}", TYPE=kind)
    found = {
        user: [row["name"] for row in await setup.client(user).result("im.search.chat.list", FIND="garden")]
        for user in (2, 5, 6)
    }
    assert found == {2: ["Garden OPEN", "Garden CHAT"], 5: ["Garden OPEN"], 6: []}


async def test_a_status_is_set_and_shown(setup: Setup) -> None:
    """A status is shown to others; an unknown one is refused; idle time has a start."""
    anna, boris = setup.client(2), setup.client(3)
    assert await anna.result("im.user.status.get") == "online"
    assert await anna.result("im.user.status.set", STATUS="dnd") is True
    assert await anna.refusal("im.user.status.set", STATUS="asleep") == (400, "STATUS_ERROR")
    assert await anna.result("im.user.status.idle.start", AGO=5) is True
    shown = await boris.result("im.user.get", ID=2)
    assert (shown["status"], shown["idle"]) == ("dnd", "2026-09-21T16:08:20+02:00")
    assert await anna.result("im.user.status.idle.end") is True
    assert (await boris.result("im.user.get", ID=2))["idle"] is False


async def test_a_message_is_shared_as_a_post_or_chat(setup: Setup) -> None:
    """TYPE=POST publishes it to the chat's people only; TYPE=CHAT creates a chat that begins with it."""
    anna, share = setup.client(2), "im.message.share"
    number = await anna.result("im.message.add", DIALOG_ID="chat11", MESSAGE="We ship on Monday")
    target = {"MESSAGE_ID": number, "DIALOG_ID": "chat11"}
    assert await anna.result(share, target, TYPE="POST") is True
    post = setup.p.posts()[-1]
    assert (post.text, post.author, post.dest) == ("We ship on Monday", 2, ("U2", "U3", "U6"))
    assert await setup.client(5).result("log.blogpost.get", POST_ID=post.id) == []
    assert await anna.result(share, target, TYPE="CHAT") is True
    made = list(setup.p.emulator.world.messenger.chats.values())[-1]
    assert (made.title, made.members) == ("We ship on Monday", (2, 3, 6))
    assert [await anna.result(share, target, TYPE=kind) for kind in ("TASK", "CALEND")] == [True, True]
    assert await anna.refusal(share, DIALOG_ID="chat11", TYPE="POST") == (400, "MESSAGE_ID_ERROR")
    assert await anna.refusal(share, MESSAGE_ID=number, TYPE="POST") == (400, "DIALOG_ID_EMPTY")
    assert await anna.refusal(share, target, TYPE="FAX") == (400, "PARAMS_ERROR")
    assert await setup.client(5).refusal(share, target, TYPE="POST") == (403, "ACCESS_ERROR")
    wrong = {"MESSAGE_ID": number, "DIALOG_ID": "chat10", "TYPE": "POST"}
    assert await setup.client(2).refusal(share, wrong) == (403, "ACCESS_ERROR")


async def test_only_the_owner_changes_a_chat(setup: Setup) -> None:
    """The owner appoints, removes and gives away; members change the looks only, and others nothing."""
    anna, boris, clara = setup.client(2), setup.client(3), setup.client(4)
    place = {"CHAT_ID": 11}
    assert await anna.result("im.chat.updateTitle", place, TITLE="Crew") is True
    assert await anna.result("im.chat.updateColor", place, COLOR="LIME") is True
    assert await clara.refusal("im.chat.updateColor", place, COLOR="RED") == (403, "ACCESS_ERROR")
    assert await anna.refusal("im.chat.updateTitle", place) == (400, "TITLE_EMPTY")
    assert await anna.refusal("im.chat.updateColor", place, COLOR="NONE") == (400, "WRONG_COLOR")
    assert await anna.refusal("im.chat.updateAvatar", place, AVATAR="") == (400, "AVATAR_ERROR")
    assert await boris.refusal("im.chat.setManager", place, USER_ID=3) == (400, "WRONG_REQUEST")
    assert await anna.result("im.chat.setManager", place, USER_ID=3) is True
    assert await boris.result("im.chat.updateTitle", place, TITLE="Crew 2") is True
    assert await boris.refusal("im.chat.user.delete", place, USER_ID=2) == (403, "ACCESS_DENIED_KICK")
    assert await anna.result("im.chat.setOwner", place, USER_ID=3) is True
    assert await anna.refusal("im.chat.setOwner", place, USER_ID=2) == (400, "WRONG_REQUEST")
    assert await anna.refusal("im.chat.setOwner", place) == (400, "USER_ID_EMPTY")
    chat = setup.p.emulator.world.messenger.chats[11]
    assert (chat.title, chat.color, chat.owner, chat.managers) == ("Crew 2", "#58cc47", 3, (3,))
    private = await anna.result("im.dialog.get", DIALOG_ID=3)
    for method in ("im.chat.leave", "im.chat.user.add", "im.chat.updateTitle"):
        given = {"CHAT_ID": private["id"], "USERS": [4], "TITLE": "x"}
        assert await anna.refusal(method, given) == (403, "ACCESS_ERROR"), method


async def test_extranet_users_see_only_their_groups(setup: Setup) -> None:
    """Extranet users see, find, write to and invite only people and chats of their own groups."""
    extranet_user = setup.client(6)
    assert (await extranet_user.result("im.user.get", ID=2))["name"] == "Anna Petrova"
    assert await extranet_user.refusal("im.user.get", ID=5) == (403, "ACCESS_DENIED")
    assert await extranet_user.result("im.user.list.get", ID=[2, 5], RESULT_TYPE="array") == [
        await extranet_user.result("im.user.get", ID=2)
    ]
    assert list(await extranet_user.result("im.search.user.list", FIND="anna")) == ["2"]
    assert await extranet_user.refusal("im.message.add", DIALOG_ID=5, MESSAGE="x") == (400, "ERROR_NO_ACCESS")
    assert await extranet_user.refusal("im.dialog.get", DIALOG_ID=5) == (403, "ACCESS_ERROR")
    assert await extranet_user.refusal("im.chat.user.add", CHAT_ID=11, USERS=[3]) == (403, "ACCESS_DENIED_EXTEND")
    number = await extranet_user.result("im.chat.add", TITLE="Ours", USERS=[2, 5])
    assert setup.p.emulator.world.messenger.chats[number].members == (6, 2)
    assert await extranet_user.result("im.chat.get", ENTITY_TYPE="X", ENTITY_ID="1") is None


async def test_a_foreign_chat_is_not_found(setup: Setup) -> None:
    """im.chat.get returns the id of a chat to its members only."""
    await setup.client(2).result("im.chat.add", TITLE="T", ENTITY_TYPE="CRM", ENTITY_ID="LEAD|12")
    wanted = {"ENTITY_TYPE": "CRM", "ENTITY_ID": "LEAD|12"}
    assert await setup.client(3).result("im.chat.get", wanted) is None
    assert await setup.client(2).result("im.chat.get", wanted)


async def test_members_are_paged(setup: Setup) -> None:
    """Members are paged by offset or last id, with the total; bots count as external."""
    bot = await setup.v1_bot()
    anna = setup.client(1)
    await anna.result("im.chat.user.add", CHAT_ID=10, USERS=[bot])

    async def page(**more: Any) -> tuple[list[int], int, int | None]:
        _, body = await anna.call("im.dialog.users.list", DIALOG_ID="chat10", **more)
        return [row["id"] for row in body["result"]], body["total"], body.get("next")

    assert await page(LIMIT=2) == ([1, 2], 6, 2)
    assert await page(LIMIT=2, OFFSET=4) == ([5, bot], 6, None)
    assert await page(LIMIT=3, LAST_ID=4) == ([5, bot], 6, None)
    assert await page(SKIP_EXTERNAL="Y") == ([1, 2, 3, 4, 5], 5, None)
    assert await page(SKIP_EXTERNAL="Y", SKIP_EXTERNAL_EXCEPT_TYPES="bot") == ([1, 2, 3, 4, 5, bot], 6, None)


DEPARTMENTS = [
    ("im.department.get", {"ID": [3, 99]}, [{"id": 3, "name": "Sales", "full_name": "Sales / Company"}]),
    ("im.department.get", {"ID": "[2]"}, [{"id": 2, "name": "Marketing", "full_name": "Marketing / Company"}]),
    ("im.department.employees.get", {"ID": [3, 4]}, {"3": [3, 5], "4": [4]}),
    ("im.department.managers.get", {"ID": [3, 1]}, {"3": [3], "1": [1]}),
    ("im.department.colleagues.list", {}, [5]),
]


@pytest.mark.parametrize(("method", "params", "expected"), DEPARTMENTS, ids=[f"{m}-{p}" for m, p, _ in DEPARTMENTS])
async def test_departments(setup: Setup, method: str, params: dict[str, Any], expected: Any) -> None:
    """Employees see departments as ids, or with USER_DATA as people; extranet users and bots do not."""
    boris = setup.client(3)
    found = await boris.result(method, params)
    if method == "im.department.get":
        found = [{name: row[name] for name in ("id", "name", "full_name")} for row in found]
    assert found == expected
    with_people = await boris.result(method, params, USER_DATA="Y")
    flat = next(iter(with_people.values())) if isinstance(with_people, dict) else with_people
    assert (flat[0].get("manager_user_data") or flat[0])["type"] == "user"
    for refused_user in (6, await setup.v1_bot()):
        assert await setup.client(refused_user).refusal(method, params) == (403, "ACCESS_ERROR")
    if params:
        assert await boris.refusal(method) == (400, "ID_EMPTY")
        assert await boris.refusal(method, ID="three") == (400, "INVALID_FORMAT")


async def test_departments_are_searched(setup: Setup) -> None:
    """Departments are found by word beginnings; a short phrase gives all, a missing one FIND_SHORT."""
    anna, search = setup.client(2), "im.search.department.list"
    assert [row["name"] for row in await anna.result(search, FIND="tea")] == ["HR team"]
    _, body = await anna.call(search, FIND="x", LIMIT=3)
    assert (len(body["result"]), body["total"], body["next"]) == (3, 4, 3)
    assert await anna.refusal(search) == (400, "FIND_SHORT")
    assert await setup.client(6).refusal(search, FIND="sales") == (403, "ACCESS_ERROR")
