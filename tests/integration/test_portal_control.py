"""The control side over HTTP: what the page shows and does, and what strangers may not."""

import json
from typing import Any

import aiohttp
import pytest

from portal.testing import Stage
from tests.controlling import do, look


async def test_the_state_of_a_persons_screen(stage: Stage) -> None:
    """The person's own chats, everybody, the applications with their bots, and the switches."""
    await stage.v2_bot()
    state = await look(stage, "state", **{"as": 6})
    assert (state["me"]["name"], state["me"]["extranet"]) == ("Gustav Ahlberg", True)
    assert [chat["dialog"] for chat in state["chats"]] == ["chat11"]
    assert [bot["api"] for bot in state["apps"][0]["bots"]] == ["v2"]
    assert state["portal"]["url"] == stage.p.url
    assert state["switches"]["size_rule"] == "60000"
    assert state["crm"] == []
    theirs = (await look(stage, "state", **{"as": 2}))["crm"]
    assert {"type": "deal", "id": 42, "title": "Coffee machines for Nordwind"} in theirs


async def test_saying_reading_and_weights(stage: Stage) -> None:
    """What is said is read oldest first, unread until looked at, with the weight of its objects."""
    bot = await stage.v2_bot()
    fields = {"command": "post", "title": {"en": "Publish", "ru": "Опубликовать"}}
    await stage.caller().result("imbot.v2.Command.register", botId=bot, fields=fields)
    attached = {"message": "x", "attach": [{"MESSAGE": "a"}]}
    await stage.caller().result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields=attached)
    number = (await do(stage, "say", **{"as": 2, "dialog": str(bot), "text": "hello"}))["message_id"]
    shown = await look(stage, "messages", **{"as": 2, "dialog": bot})
    assert [message["text"] for message in shown["messages"]] == ["x", "hello"]
    first = shown["messages"][0]
    assert first["sizes"]["attach"] == {"chars": 82, "limit": 59_999}
    assert first["author"] == {"id": bot, "name": "New bot", "bot": True, "system": False}
    assert shown["messages"][1]["id"] == number
    assert [(row["command"], row["title"]) for row in shown["commands"]] == [("/post", "Опубликовать")]
    assert shown["typing"] == [bot]
    await do(stage, "say", **{"as": 3, "dialog": "chat10", "text": "unread"})
    chats = {chat["dialog"]: chat["unread"] for chat in (await look(stage, "state", **{"as": 2}))["chats"]}
    assert chats == {"chat10": 1, "chat11": 0, str(bot): 0}


async def test_the_feed_and_the_timeline(stage: Stage) -> None:
    """The page publishes, edits, comments, reads and deletes within the person's rights."""
    made = await do(stage, "posts", **{"as": 2, "text": "Hello #all", "title": "T", "dest": ["DR3"], "important": True})
    post = made["post_id"]
    await do(stage, "posts/edit", **{"as": 2, "post_id": post, "text": "Bye"})
    await do(stage, "posts/comment", **{"as": 3, "post_id": post, "text": "ok"})
    await do(stage, "posts/read", **{"as": 3, "post_id": post})
    shown = next(row for row in (await look(stage, "feed", **{"as": 3}))["posts"] if row["id"] == post)
    assert (shown["title"], shown["text"], shown["dest_names"], shown["edited"]) == ("T", "Bye", ["Sales"], True)
    assert ([comment["text"] for comment in shown["comments"]], shown["can_edit"]) == (["ok"], False)
    assert await stage.caller(2).result("log.blogpost.getusers.important", POST_ID=post) == ["3"]
    assert "error" in await do(stage, "posts/delete", **{"as": 3, "post_id": post})
    assert await do(stage, "posts/delete", **{"as": 2, "post_id": post}) == {"ok": True}
    fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": 42, "COMMENT": "x"}
    await stage.caller(3).result("crm.timeline.comment.add", fields=fields)
    timeline = await look(stage, "timeline", type="deal", id=42)
    assert [(item["kind"], item["text"]) for item in timeline["items"]] == [("comment", "x")]


async def test_chats_of_people(stage: Stage) -> None:
    """Groups are made, joined and left; messages edited, deleted, liked; dialogs opened."""
    bot = await stage.v2_bot()
    dialog = (await do(stage, "chats", **{"as": 2, "title": "Team", "members": [3]}))["dialog"]
    await do(stage, "chats/join", **{"as": 2, "dialog": dialog, "user": bot})
    assert (await stage.inbox.got("ONIMBOTV2JOINCHAT"))["data"]["dialogId"] == dialog
    await do(stage, "chats/leave", **{"as": 2, "dialog": dialog, "user": 3})
    assert stage.p.house.world.talk.chats[int(dialog[4:])].members == (2, bot)
    number = (await do(stage, "say", **{"as": 2, "dialog": dialog, "text": "one"}))["message_id"]
    for deed, more in (("edit", {"text": "two"}), ("like", {}), ("delete", {})):
        assert await do(stage, deed, **{"as": 2, "message_id": number, **more}) == {"ok": True}
    assert await do(stage, "open", **{"as": 4, "dialog": str(bot)}) == {"dialog": str(bot)}
    assert (await stage.inbox.got("ONIMBOTV2JOINCHAT", times=2))["data"]["user"]["id"] == "4"


async def test_a_guest_brings_in_whom_they_know_where_they_rule(stage: Stage) -> None:
    """A guest adds to chats of their own alone, and only people they share something with; employees add anywhere."""
    guest, anna, clara = 6, 2, 4
    for deed, more in (
        ("chats/join", {"dialog": "chat11", "user": clara}),
        ("chats/join", {"dialog": "chat11", "user": 1}),
        ("chats", {"title": "Mine", "members": [anna, clara]}),
        ("notify", {"user": clara, "text": "Hello"}),
    ):
        assert "guest" in (await do(stage, deed, **{"as": guest, **more}))["error"]
    mine = (await do(stage, "chats", **{"as": guest, "title": "Mine", "members": [anna]}))["dialog"]
    assert await do(stage, "chats/join", **{"as": guest, "dialog": mine, "user": 3}) == {"ok": True}
    assert "guest" in (await do(stage, "chats/join", **{"as": guest, "dialog": mine, "user": clara}))["error"]
    assert await do(stage, "chats/join", **{"as": anna, "dialog": mine, "user": clara}) == {"ok": True}


async def test_who_takes_somebody_out_of_a_chat(stage: Stage) -> None:
    """A chat's owner and managers do, never its owner; everybody leaves by themselves."""
    boris, guest = 3, 6
    assert "owner" in (await do(stage, "chats/leave", **{"as": boris, "dialog": "chat11", "user": guest}))["error"]
    assert "owner" in (await do(stage, "chats/leave", **{"as": boris, "dialog": "chat11", "user": 2}))["error"]
    assert await do(stage, "chats/leave", **{"as": boris, "dialog": "chat11"}) == {"ok": True}
    assert await do(stage, "chats/leave", **{"as": 2, "dialog": "chat11", "user": guest}) == {"ok": True}


async def test_the_crm_is_not_for_guests(stage: Stage) -> None:
    """A guest sees neither cards nor their timelines."""
    for path in ("timeline", "timeline/comment"):
        asked = {"as": 6, "type": "deal", "id": 42}
        refused = await (look(stage, path, **asked) if path == "timeline" else do(stage, path, text="x", **asked))
        assert "sees no deal 42" in refused["error"]


async def test_calls_and_deliveries_are_recorded_without_secrets(stage: Stage) -> None:
    """Every call and delivery is there, numbered, with its tokens masked."""
    client = stage.caller(2)
    await client.result("imbot.v2.Revision.get", botToken="my-bot-token")
    await client.refusal("im.message.add")
    await stage.p.idle()
    calls = await look(stage, "calls")
    assert [(row["method"], row["status"], row.get("error")) for row in calls["calls"]] == [
        ("imbot.v2.Revision.get", 200, None),
        ("im.message.add", 400, "MESSAGE_EMPTY"),
    ]
    assert calls["calls"][0]["who"] == {"user": 2, "app": stage.app.client_id, "webhook": False}
    assert await look(stage, "calls", since=calls["next"]) == {"calls": [], "next": calls["next"]}
    deliveries = await look(stage, "deliveries")
    assert [(row["event"], row["status"]) for row in deliveries["deliveries"]] == [("ONAPPINSTALL", 200)]
    everything = json.dumps([calls, deliveries])
    for secret in (client.token, "my-bot-token", stage.app.application_token, stage.app.client_secret):
        assert secret not in everything


async def test_applications_and_webhooks(stage: Stage) -> None:
    """An application is added, installed and removed; a webhook's address works."""
    added = await do(stage, "apps", name="Second", handler=stage.inbox.url, client_id="local.second", scopes=["im"])
    assert set(added) == {"client_id", "client_secret", "application_token"}
    assert await do(stage, "apps/install", **{"client_id": "local.second", "as": 1}) == {"ok": True}
    assert (await stage.inbox.got("ONAPPINSTALL", times=2))["auth"]["scope"] == "im"
    await do(stage, "apps/uninstall", client_id="local.second", clean=1)
    assert (await stage.inbox.got("ONAPPUNINSTALL"))["data"]["CLEAN"] == "1"
    url = (await do(stage, "webhooks", **{"as": 3, "scopes": ["im"]}))["url"]
    assert (await stage.p.caller(webhook=url).result("profile"))["ID"] == "3"


async def test_an_event_of_ones_own_making(stage: Stage) -> None:
    """A raw event goes where it is told, as it is; without an address to every application."""
    forged = {"application_token": "forged", "member_id": "x"}
    await do(stage, "event", url=stage.inbox.url, event="ONIMBOTMESSAGEADD", data={"a": [1]}, auth=forged)
    event = await stage.inbox.got("ONIMBOTMESSAGEADD")
    assert (event["data"], event["auth"]) == ({"a": ["1"]}, forged)
    assert await do(stage, "event", event="ONAPPTEST", data={}) == {"sent": 1}
    assert (await stage.inbox.got("ONAPPTEST"))["auth"]["application_token"] == stage.app.application_token


async def test_clock_switches_and_reset(stage: Stage) -> None:
    """The clock moves, switches turn, and a reset brings back the seed."""
    assert (await do(stage, "clock", advance=3600))["now"] == "2026-09-21T17:13:20+02:00"
    assert (await do(stage, "switches", crm_feed="alive"))["switches"]["crm_feed"] == "alive"
    await stage.p.publish("x")
    assert await do(stage, "reset") == {"ok": True}
    assert stage.p.house.switches.crm_feed == "dead"
    assert len(stage.p.posts()) == 3
    assert (await look(stage, "state"))["apps"] == []


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
        ("no/such/deed", {}),
    ],
    ids=str,
)
async def test_nonsense_gets_a_sentence(stage: Stage, path: str, body: dict[str, Any]) -> None:
    """What makes no sense is 400 with a sentence, and changes nothing."""
    before = dict(stage.p.house.world.talk.messages)
    async with aiohttp.ClientSession() as http, http.post(f"{stage.p.control}{path}", json=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]
    assert stage.p.house.world.talk.messages == before


async def test_only_pages_of_this_machine_drive_it(stage: Stage) -> None:
    """A foreign host name and a body that is not declared as JSON are refused, so that no web page can act here."""
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{stage.p.control}state", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 400
        async with http.post(f"{stage.p.control}reset", data="{}", headers={"Content-Type": "text/plain"}) as answer:
            assert answer.status == 400
        async with http.post(
            f"{stage.p.control}reset", data="[", headers={"Content-Type": "application/json"}
        ) as answer:
            assert answer.status == 400


async def test_the_stream_tells_every_change(stage: Stage) -> None:
    """Watchers hear of messages with the dialog as each sees it, of posts, calls and deliveries."""
    async with aiohttp.ClientSession() as http, http.get(f"{stage.p.control}stream") as answer:
        assert answer.content_type == "text/event-stream"
        await answer.content.readuntil(b"\n\n")
        await stage.p.person(2).says("hi", dialog="3")
        await stage.p.publish("x")
        heard: list[dict[str, Any]] = []
        while not any(change["type"] == "feed" for change in heard):
            line = await answer.content.readuntil(b"\n\n")
            heard.append(json.loads(line.removeprefix(b"data: ")))
    told = [(change["type"], change.get("dialog"), change.get("as")) for change in heard]
    assert ("message", "3", 2) in told
    assert ("message", "2", 3) in told
