"""The control API over HTTP: data and commands of the page, and protection from other web pages."""

import json
from typing import Any

import aiohttp
import pytest

from portal.control.server import Control
from portal.testing import Setup
from tests.controlling import do, look


async def test_the_state_of_a_persons_screen(setup: Setup) -> None:
    """The state has the person's chats, all people, applications with bots, and switches."""
    await setup.v2_bot()
    state = await look(setup, "state", **{"as": 6})
    assert (state["me"]["name"], state["me"]["extranet"]) == ("Gustav Ahlberg", True)
    assert [chat["dialog"] for chat in state["chats"]] == ["chat11"]
    assert [bot["api"] for bot in state["apps"][0]["bots"]] == ["v2"]
    assert state["portal"]["url"] == setup.p.url
    assert state["switches"]["size_rule"] == "60000"
    assert state["crm"] == []
    theirs = (await look(setup, "state", **{"as": 2}))["crm"]
    assert {
        "type": "deal", "id": 42, "title": "Coffee machines for Nordwind", "stage": "Prepayment invoice",
        "amount": "12500.00 EUR", "responsible": 3,
    } in theirs  # fmt: skip


async def test_messages_are_listed_with_sizes_and_marked_as_read(setup: Setup) -> None:
    """Messages are listed oldest first, unread until read, with the sizes of their objects."""
    bot = await setup.v2_bot()
    fields = {"command": "post", "title": {"en": "Publish", "ru": "Опубликовать"}}
    await setup.client().result("imbot.v2.Command.register", botId=bot, fields=fields)
    attached = {"message": "x", "attach": [{"MESSAGE": "a"}]}
    await setup.client().result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields=attached)
    number = (await do(setup, "say", **{"as": 2, "dialog": str(bot), "text": "hello"}))["message_id"]
    shown = await look(setup, "messages", **{"as": 2, "dialog": bot})
    assert [message["text"] for message in shown["messages"]] == ["x", "hello"]
    first = shown["messages"][0]
    assert first["sizes"]["attach"] == {"chars": 82, "limit": 59_999}
    assert first["author"] == {"id": bot, "name": "New bot", "bot": True, "system": False}
    assert shown["messages"][1]["id"] == number
    assert [(row["command"], row["title"]) for row in shown["commands"]] == [("/post", "Опубликовать")]
    assert shown["typing"] == [bot]
    await do(setup, "say", **{"as": 3, "dialog": "chat10", "text": "unread"})
    chats = {chat["dialog"]: chat["unread"] for chat in (await look(setup, "state", **{"as": 2}))["chats"]}
    assert chats == {"chat10": 1, "chat11": 0, str(bot): 0}


async def test_the_feed_and_the_timeline(setup: Setup) -> None:
    """The page publishes, edits, comments, reads and deletes within the person's rights."""
    made = await do(setup, "posts", **{"as": 2, "text": "Hello #all", "title": "T", "dest": ["DR3"], "important": True})
    post = made["post_id"]
    await do(setup, "posts/edit", **{"as": 2, "post_id": post, "text": "Bye"})
    await do(setup, "posts/comment", **{"as": 3, "post_id": post, "text": "ok"})
    await do(setup, "posts/read", **{"as": 3, "post_id": post})
    shown = next(row for row in (await look(setup, "feed", **{"as": 3}))["posts"] if row["id"] == post)
    assert (shown["title"], shown["text"], shown["dest_names"], shown["edited"]) == ("T", "Bye", ["Sales"], True)
    assert ([comment["text"] for comment in shown["comments"]], shown["can_edit"]) == (["ok"], False)
    assert await setup.client(2).result("log.blogpost.getusers.important", POST_ID=post) == ["3"]
    assert "error" in await do(setup, "posts/delete", **{"as": 3, "post_id": post})
    assert await do(setup, "posts/delete", **{"as": 2, "post_id": post}) == {"ok": True}
    fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": 42, "COMMENT": "x"}
    await setup.client(3).result("crm.timeline.comment.add", fields=fields)
    timeline = await look(setup, "timeline", type="deal", id=42)
    assert [(item["kind"], item["text"]) for item in timeline["items"]] == [("comment", "x")]


async def test_chats_of_people(setup: Setup) -> None:
    """Groups are created, joined and left; messages edited, deleted, liked; dialogs opened."""
    bot = await setup.v2_bot()
    dialog = (await do(setup, "chats", **{"as": 2, "title": "Team", "members": [3]}))["dialog"]
    await do(setup, "chats/join", **{"as": 2, "dialog": dialog, "user": bot})
    assert (await setup.receiver.wait_for("ONIMBOTV2JOINCHAT"))["data"]["dialogId"] == dialog
    await do(setup, "chats/leave", **{"as": 2, "dialog": dialog, "user": 3})
    assert setup.p.emulator.world.messenger.chats[int(dialog[4:])].members == (2, bot)
    number = (await do(setup, "say", **{"as": 2, "dialog": dialog, "text": "one"}))["message_id"]
    for command, more in (("edit", {"text": "two"}), ("like", {}), ("delete", {})):
        assert await do(setup, command, **{"as": 2, "message_id": number, **more}) == {"ok": True}
    assert await do(setup, "open", **{"as": 4, "dialog": str(bot)}) == {"dialog": str(bot)}
    assert (await setup.receiver.wait_for("ONIMBOTV2JOINCHAT", times=2))["data"]["user"]["id"] == "4"


async def test_an_extranet_user_adds_known_people_to_their_own_chats(setup: Setup) -> None:
    """An extranet user adds only people of common groups, and only to their own chats; employees add anybody."""
    extranet_user, anna, clara = 6, 2, 4
    for command, more in (
        ("chats/join", {"dialog": "chat11", "user": clara}),
        ("chats/join", {"dialog": "chat11", "user": 1}),
        ("chats", {"title": "Mine", "members": [anna, clara]}),
        ("notify", {"user": clara, "text": "Hello"}),
    ):
        assert "extranet user" in (await do(setup, command, **{"as": extranet_user, **more}))["error"]
    mine = (await do(setup, "chats", **{"as": extranet_user, "title": "Mine", "members": [anna]}))["dialog"]
    assert await do(setup, "chats/join", **{"as": extranet_user, "dialog": mine, "user": 3}) == {"ok": True}
    assert (
        "extranet user"
        in (await do(setup, "chats/join", **{"as": extranet_user, "dialog": mine, "user": clara}))["error"]
    )
    assert await do(setup, "chats/join", **{"as": anna, "dialog": mine, "user": clara}) == {"ok": True}


async def test_the_owner_and_managers_remove_members(setup: Setup) -> None:
    """The owner and managers remove members, but not the owner; everybody may leave."""
    boris, extranet_user = 3, 6
    assert (
        "owner" in (await do(setup, "chats/leave", **{"as": boris, "dialog": "chat11", "user": extranet_user}))["error"]
    )
    assert "owner" in (await do(setup, "chats/leave", **{"as": boris, "dialog": "chat11", "user": 2}))["error"]
    assert await do(setup, "chats/leave", **{"as": boris, "dialog": "chat11"}) == {"ok": True}
    assert await do(setup, "chats/leave", **{"as": 2, "dialog": "chat11", "user": extranet_user}) == {"ok": True}


async def test_extranet_users_see_no_crm(setup: Setup) -> None:
    """An extranet user sees no cards and no timelines."""
    for path in ("timeline", "timeline/comment"):
        asked = {"as": 6, "type": "deal", "id": 42}
        refused = await (look(setup, path, **asked) if path == "timeline" else do(setup, path, text="x", **asked))
        assert "cannot see a deal 42" in refused["error"]


async def test_calls_and_deliveries_are_recorded_without_secrets(setup: Setup) -> None:
    """All calls and deliveries are recorded with numbers and masked tokens."""
    client = setup.client(2)
    await client.result("imbot.v2.Revision.get", botToken="my-bot-token")
    await client.refusal("im.message.add")
    await setup.p.idle()
    calls = await look(setup, "calls")
    assert [(row["method"], row["status"], row.get("error")) for row in calls["calls"]] == [
        ("imbot.v2.Revision.get", 200, None),
        ("im.message.add", 400, "MESSAGE_EMPTY"),
    ]
    assert calls["calls"][0]["who"] == {"user": 2, "app": setup.app.client_id, "webhook": False}
    assert await look(setup, "calls", since=calls["next"]) == {"calls": [], "next": calls["next"]}
    deliveries = await look(setup, "deliveries")
    assert [(row["event"], row["status"]) for row in deliveries["deliveries"]] == [("ONAPPINSTALL", 200)]
    everything = json.dumps([calls, deliveries])
    for secret in (client.token, "my-bot-token", setup.app.application_token, setup.app.client_secret):
        assert secret not in everything


async def test_applications_and_webhooks(setup: Setup) -> None:
    """An application is added, installed and removed; the address of a webhook works."""
    added = await do(setup, "apps", name="Second", handler=setup.receiver.url, client_id="local.second", scopes=["im"])
    assert set(added) == {"client_id", "client_secret", "application_token"}
    assert await do(setup, "apps/install", **{"client_id": "local.second", "as": 1}) == {"ok": True}
    assert (await setup.receiver.wait_for("ONAPPINSTALL", times=2))["auth"]["scope"] == "im"
    await do(setup, "apps/uninstall", client_id="local.second", clean=1)
    assert (await setup.receiver.wait_for("ONAPPUNINSTALL"))["data"]["CLEAN"] == "1"
    url = (await do(setup, "webhooks", **{"as": 3, "scopes": ["im"]}))["url"]
    assert (await setup.p.client(webhook=url).result("profile"))["ID"] == "3"


async def test_your_own_event_is_sent_unchanged(setup: Setup) -> None:
    """Your own event is sent unchanged to its address, or to all applications without one."""
    forged = {"application_token": "forged", "member_id": "x"}
    await do(setup, "event", url=setup.receiver.url, event="ONIMBOTMESSAGEADD", data={"a": [1]}, auth=forged)
    event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    assert (event["data"], event["auth"]) == ({"a": ["1"]}, forged)
    assert await do(setup, "event", event="ONAPPTEST", data={}) == {"sent": 1}
    assert (await setup.receiver.wait_for("ONAPPTEST"))["auth"]["application_token"] == setup.app.application_token


async def test_clock_switches_and_reset(setup: Setup) -> None:
    """The clock moves, switches change, and a reset restores the seed."""
    assert (await do(setup, "clock", advance=3600))["now"] == "2026-09-21T17:13:20+02:00"
    assert (await do(setup, "switches", crm_feed="alive"))["switches"]["crm_feed"] == "alive"
    await setup.p.publish("x")
    assert await do(setup, "reset") == {"ok": True}
    assert setup.p.emulator.switches.crm_feed == "dead"
    assert len(setup.p.posts()) == 3
    assert (await look(setup, "state"))["apps"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("say", {"as": 99, "dialog": "chat10", "text": "x"}),
        ("say", {"as": 6, "dialog": "chat10", "text": "x"}),
        ("say", {"as": 2, "dialog": "chat10", "text": ""}),
        ("say", {"as": 2, "dialog": ["x"], "text": "x"}),
        ("press", {"as": 2, "message_id": 1, "button": 0}),
        ("edit", {"as": 2, "message_id": "x", "text": "x"}),
        ("posts", {"as": 6, "text": "x"}),
        ("posts/edit", {"as": 3, "post_id": 218, "text": "x"}),
        ("apps/install", {"client_id": "none"}),
        ("apps", {"name": "x"}),
        ("switches", {"none": 1}),
        ("faults", {"rules": [{"kind": "x"}]}),
        ("clock", {"advance": "soon"}),
        ("chats/join", {"as": 2, "dialog": "3", "user": 4}),
        ("no/such/command", {}),
    ],
    ids=str,
)
async def test_an_invalid_request_gets_a_sentence(setup: Setup, path: str, body: dict[str, Any]) -> None:
    """An invalid request gives 400 with a sentence and changes nothing."""
    before = dict(setup.p.emulator.world.messenger.messages)
    async with aiohttp.ClientSession() as http, http.post(f"{setup.p.control}{path}", json=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]
    assert setup.p.emulator.world.messenger.messages == before


async def test_other_web_pages_cannot_use_the_control_api(setup: Setup) -> None:
    """A foreign host name, or a body not declared as JSON, is refused, so no web page can act here."""
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{setup.p.control}state", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 400
        async with http.post(f"{setup.p.control}reset", data="{}", headers={"Content-Type": "text/plain"}) as answer:
            assert answer.status == 400
        async with http.post(
            f"{setup.p.control}reset", data="[", headers={"Content-Type": "application/json"}
        ) as answer:
            assert answer.status == 400


PATHS = ("state", "messages", "feed", "timeline", "calls", "deliveries", "stream", "recording")
FOREIGN = (
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8080",
    "192.0.2.7",
    "0.0.0.0",
)


def test_every_path_of_the_control_api_is_tried(setup: Setup) -> None:
    """The next test tries every path of the control API."""
    routes = Control(setup.p.emulator).routes()
    assert {one.path for one in routes if one.method == "GET"} == {f"/-/{path}" for path in PATHS}


@pytest.mark.parametrize("host", FOREIGN)
async def test_no_path_answers_under_a_foreign_host_name(setup: Setup, host: str) -> None:
    """Under a foreign host name (DNS rebinding), a web page can neither read nor change anything."""
    before = setup.p.clock.now()
    async with aiohttp.ClientSession(headers={"Host": host}) as http:
        for path in PATHS:
            async with http.get(f"{setup.p.control}{path}") as answer:
                assert (answer.status, answer.content_type) == (400, "application/json"), path
                assert "this machine only" in (await answer.json())["error"], path
        for path, body in (("clock", {"seconds": 60}), ("nothing", {}), ("record", {"on": True}), ("say", "no object")):
            async with http.post(f"{setup.p.control}{path}", json=body) as answer:
                assert answer.status == 400
                assert "this machine only" in (await answer.json())["error"], path
    assert setup.p.clock.now() - before < 30


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:1234", "[::1]:80"])
async def test_names_of_this_machine_are_answered(setup: Setup, host: str) -> None:
    """Loopback names are answered with any port."""
    async with aiohttp.ClientSession(headers={"Host": host}) as http:
        async with http.get(f"{setup.p.control}state?as=1") as answer:
            assert answer.status == 200
        async with http.get(f"{setup.p.control}stream") as answer:
            assert answer.content_type == "text/event-stream"


async def test_the_stream_has_every_change(setup: Setup) -> None:
    """The stream has messages with the dialog of each member, posts, calls and deliveries."""
    async with aiohttp.ClientSession() as http, http.get(f"{setup.p.control}stream") as answer:
        assert answer.content_type == "text/event-stream"
        await answer.content.readuntil(b"\n\n")
        await setup.p.person(2).says("hi", dialog="3")
        await setup.p.publish("x")
        changes: list[dict[str, Any]] = []
        while not any(change["type"] == "feed" for change in changes):
            line = await answer.content.readuntil(b"\n\n")
            changes.append(json.loads(line.removeprefix(b"data: ")))
    received = [(change["type"], change.get("dialog"), change.get("as")) for change in changes]
    assert ("message", "3", 2) in received
    assert ("message", "2", 3) in received
