"""Notifications: sent by applications and webhooks, replaced by tag, listed, read, answered, searched, deleted."""

from typing import Any

import aiohttp
import pytest

from portal.testing import RestClient, Setup

BIG = [{"MESSAGE": "a" * 60_000}]


async def texts(client: RestClient, **more: Any) -> list[str]:
    """Return the texts of a person's notifications in the order of the list."""
    page = await client.result("im.notify.get", more)
    return [row["text"] for row in page["notifications"]]


@pytest.mark.parametrize(
    ("method", "more", "kind", "author"),
    [
        ("im.notify", {}, 2, 2),
        ("im.notify", {"TYPE": "SYSTEM"}, 4, 0),
        ("im.notify.personal.add", {}, 2, 2),
        ("im.notify.system.add", {}, 4, 0),
    ],
    ids=["user", "system", "personal.add", "system.add"],
)
async def test_a_notification_arrives(setup: Setup, method: str, more: dict[str, Any], kind: int, author: int) -> None:
    """A notification has an id, a kind, an author unless it is a system one, and is unread."""
    given = {"USER_ID": 3, "MESSAGE": "The [b]offer[/b] is due", "TAG": "OFFER_7", "SUB_TAG": "OFFER", **more}
    number = await setup.client(2).result(method, given, ATTACH=[{"MESSAGE": "Look"}])
    boris = setup.client(3)
    page = await boris.result("im.notify.get")
    (row,) = page["notifications"]
    assert (page["total_count"], page["total_unread_count"]) == (1, 1)
    assert (row["id"], row["notify_type"], row["author_id"], row["notify_read"]) == (number, kind, author, "N")
    assert row["notify_tag"] == f"MP|{setup.app.client_id}|OFFER_7"
    assert row["params"]["ATTACH"][0]["BLOCKS"] == [{"MESSAGE": "Look"}]
    assert [user["id"] for user in page["users"]] == ([author] if author else [])
    assert await texts(boris, CONVERT_TEXT="Y") == ["The offer is due"]
    assert (await boris.result("im.counters.get"))["TYPE"]["NOTIFY"] == 1


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"MESSAGE": "x"}, "USER_ID_EMPTY"),
        ({"USER_ID": 3}, "MESSAGE_EMPTY"),
        ({"USER_ID": 3, "MESSAGE": "x", "ATTACH": [{"NO": 1}]}, "ATTACH_ERROR"),
        ({"USER_ID": 3, "MESSAGE": "x", "ATTACH": BIG}, "ATTACH_OVERSIZE"),
    ],
    ids=["no recipient", "no text", "no-attach", "big-attach"],
)
@pytest.mark.parametrize("method", ["im.notify", "im.notify.personal.add", "im.notify.system.add"])
async def test_an_invalid_notification_is_refused(
    setup: Setup, method: str, params: dict[str, Any], error: str
) -> None:
    """An invalid one is refused with its code; an unknown person gives false."""
    anna = setup.client(2)
    assert await anna.refusal(method, params) == (400, error)
    assert await anna.result(method, USER_ID=77, MESSAGE="x") is False
    assert setup.p.emulator.world.notifications.rows == {}


async def test_a_tag_replaces_the_earlier_notification(setup: Setup) -> None:
    """The same tag to the same person replaces the earlier notification; a sub-tag does not."""
    anna, boris = setup.client(2), setup.client(3)
    for text in ("one", "two"):
        await anna.result("im.notify", USER_ID=3, MESSAGE=text, TAG="T", SUB_TAG="S")
    await anna.result("im.notify", USER_ID=3, MESSAGE="three", SUB_TAG="S")
    assert await texts(boris) == ["three", "two"]
    assert await anna.result("im.notify.delete", TAG="T") is True
    assert await anna.result("im.notify.delete", TAG="T") is False
    assert await anna.result("im.notify.delete", SUB_TAG="S") is True
    assert await texts(boris) == []
    assert await anna.refusal("im.notify.delete") == (400, "PARAMS_ERROR")


async def test_tags_of_webhooks_need_a_client_id(setup: Setup) -> None:
    """CLIENT_ID is the owner of a tag; without it ACCESS_DENIED; a foreign tag deletes nothing."""
    hook = setup.p.client(webhook=setup.p.webhook(user=2))
    given = {"USER_ID": 3, "MESSAGE": "x", "TAG": "T"}
    assert await hook.refusal("im.notify", given) == (403, "ACCESS_DENIED")
    assert await hook.result("im.notify", given, CLIENT_ID="me")
    assert await hook.refusal("im.notify.delete", TAG="T") == (403, "ACCESS_DENIED")
    assert await setup.client(2).result("im.notify.delete", TAG="T") is False
    assert await hook.result("im.notify.delete", TAG="T", CLIENT_ID="me") is True
    number = await hook.result("im.notify", USER_ID=3, MESSAGE="untagged")
    assert await setup.client(2).result("im.notify.delete", ID=number) is False, "it is not Anna's"
    assert await setup.client(3).result("im.notify.delete", ID=number) is True


async def test_notifications_are_marked_as_read(setup: Setup) -> None:
    """One notification with all before it, one alone, some, or all are marked read or unread."""
    anna, boris = setup.client(2), setup.client(3)
    ids = [await anna.result("im.notify", USER_ID=3, MESSAGE=f"n{n}") for n in range(4)]

    async def read() -> list[int]:
        rows = (await boris.result("im.notify.get"))["notifications"]
        return sorted(ids.index(row["id"]) for row in rows if row["notify_read"] == "Y")

    assert await boris.result("im.notify.read", ID=ids[2], ONLY_CURRENT="Y") is True
    assert await read() == [2]
    await boris.result("im.notify.read", ID=ids[1])
    assert await read() == [0, 1, 2]
    assert await boris.result("im.notify.read.list", IDS=[ids[0], ids[1], 9], ACTION="N") is True
    assert await read() == [2]
    assert await boris.result("im.notify.read.all") == {"result": True, "newCounter": 0}
    assert await read() == [0, 1, 2, 3]
    assert await boris.refusal("im.notify.read.list", IDS=3) == (400, "PARAMS_ERROR")
    assert await texts(boris, LIMIT=2) == ["n3", "n2"]
    assert await texts(boris, LAST_ID=ids[2], LAST_TYPE=3) == ["n1", "n0"]
    assert await boris.refusal("im.notify.get", LAST_ID=ids[2]) == (400, "LAST_ID_AND_LAST_TYPE")
    assert await boris.refusal("im.notify.get", LAST_ID="x", LAST_TYPE=3) == (400, "LAST_ID_STRING")


async def test_a_question_is_answered_once(setup: Setup) -> None:
    """A question comes first and is answered once, by button or text; other notifications cannot be answered."""
    anna, boris = setup.client(2), setup.client(3)
    body = {"as": 2, "user": 3, "text": "Join the launch?", "confirm": True}
    async with aiohttp.ClientSession(setup.p.control) as session:
        asked = [(await (await session.post("notify", json=body)).json())["notification_id"] for _ in (1, 2)]
    plain = await anna.result("im.notify", USER_ID=3, MESSAGE="Later")
    rows = (await boris.result("im.notify.get"))["notifications"]
    assert [(row["id"], "notify_buttons" in row) for row in rows] == [
        (asked[1], True),
        (asked[0], True),
        (plain, False),
    ]
    confirm = {"NOTIFY_ID": asked[0], "NOTIFY_VALUE": "Y"}
    assert (await boris.result("im.notify.confirm", confirm))["result_message"]
    assert await boris.result("im.notify.confirm", confirm) == {"result_message": False}
    assert (await boris.result("im.notify.answer", NOTIFY_ID=asked[1], ANSWER_TEXT="Gladly"))["result_message"]
    assert await boris.result("im.notify.answer", NOTIFY_ID=plain, ANSWER_TEXT="Hm") == {"result_message": False}
    assert await anna.result("im.notify.confirm", confirm) == {"result_message": False}
    assert await boris.refusal("im.notify.confirm") == (400, "ID_ERROR")
    assert await boris.refusal("im.notify.answer", NOTIFY_ID=1) == (400, "ANSWER_TEXT_ERROR")
    assert await boris.refusal("im.notify.confirm", NOTIFY_ID=1) == (400, "NOTIFY_VALUE_ERROR")


async def test_notifications_are_searched(setup: Setup) -> None:
    """Notifications are found by three letters or another filter; the first page has the total."""
    for author, text in ((2, "Launch moved"), (4, "Holiday list"), (2, "Launch done")):
        await setup.client(author).result("im.notify", USER_ID=3, MESSAGE=text)
        setup.p.clock.advance(86_400)
    boris, search = setup.client(3), "im.notify.history.search"

    async def found(**more: Any) -> list[str]:
        return [row["text"] for row in (await boris.result(search, more))["notifications"]]

    first = await boris.result(search, SEARCH_TEXT="launch", LIMIT=1)
    assert (first["total_results"], [row["text"] for row in first["notifications"]]) == (2, ["Launch done"])
    second = await boris.result(search, SEARCH_TEXT="launch", LAST_ID=first["notifications"][0]["id"])
    assert ("total_results" in second, [row["text"] for row in second["notifications"]]) == (False, ["Launch moved"])
    assert await found(SEARCH_AUTHORS=[4]) == ["Holiday list"]
    assert await found(SEARCH_TYPES=["tasks|task_update"]) == []
    assert await found(SEARCH_TYPE="rest|rest_notify", SEARCH_DATE_FROM="2026-09-23T00:00:00+02:00") == ["Launch done"]
    assert await found(SEARCH_DATE_TO="2026-09-22T00:00:00+02:00") == ["Launch moved"]
    assert await found(SEARCH_DATE="2026-09-22T00:00:00+02:00") == ["Holiday list"]
    assert await boris.refusal(search, SEARCH_TEXT="la") == (400, "SEARCH_TEXT_ERROR")
    assert "rest" in await boris.result("im.notify.schema.get")


async def test_an_extranet_user_notifies_only_known_people(setup: Setup) -> None:
    """For people whom an extranet user may not contact, the result is false."""
    extranet_user = setup.client(6)
    assert await extranet_user.result("im.notify", USER_ID=2, MESSAGE="x")
    assert await extranet_user.result("im.notify", USER_ID=5, MESSAGE="x") is False
