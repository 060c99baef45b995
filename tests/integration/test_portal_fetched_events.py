"""Fetched events: queues of bots and people with one offset; and events of edits and contexts."""

import asyncio
from pathlib import Path
from typing import Any

from portal.engine.core import Portal
from portal.engine.snapshot import load, save
from portal.testing import Setup

GET, SEND = "imbot.v2.Event.get", "imbot.v2.Chat.Message.send"


async def fetched(setup: Setup) -> int:
    """Register a bot in fetch mode and return its id; pages have only the current cursor."""
    setup.p.switch(old_formats="refused")
    return await setup.v2_bot("fetched", eventMode="fetch")


def types(page: dict[str, Any]) -> list[str]:
    """Return the event types of a page."""
    return [event["type"] for event in page["events"]]


async def test_an_offset_confirms_earlier_events(setup: Setup) -> None:
    """Without a new offset, events come again; events below it are deleted; hasMore says whether more follow."""
    bot, client, anna = await fetched(setup), setup.client(), setup.p.person(2)
    assert await client.result(GET, botId=bot) == {"events": [], "nextOffset": 0, "hasMore": False}
    for text in ("a", "b", "c"):
        await anna.says(text, dialog=str(bot))
    first = await client.result(GET, botId=bot, limit=2)
    assert (types(first), first["hasMore"]) == (["ONIMBOTV2JOINCHAT", "ONIMBOTV2MESSAGEADD"], True)
    assert await client.result(GET, botId=bot, limit=2) == first
    rest = await client.result(GET, botId=bot, offset=first["nextOffset"])
    assert ([event["data"]["message"]["text"] for event in rest["events"]], rest["hasMore"]) == (["b", "c"], False)
    done = await client.result(GET, botId=bot, offset=rest["nextOffset"])
    assert done == {"events": [], "nextOffset": rest["nextOffset"], "hasMore": False}
    assert types(await client.result(GET, botId=bot)) == []


async def test_fetched_events_keep_their_types(setup: Setup) -> None:
    """Numbers and booleans keep their types, the bot is complete, and there are no tokens."""
    bot, client = await fetched(setup), setup.client()
    number = await setup.p.person(2).says("Hello", dialog=str(bot))
    event = (await client.result(GET, botId=bot))["events"][-1]
    assert event["data"]["bot"] == (await client.result("imbot.v2.Bot.get", botId=bot))["bot"]
    message = event["data"]["message"]
    assert (message["id"], message["isSystem"], message["forward"], message["params"]) == (number, False, None, {})
    assert event["data"]["chat"].keys() == {"id", "dialogId", "type", "name", "entityType", "owner", "avatar", "color"}
    user = event["data"]["user"]
    assert (user["id"], user["extranet"], user["lastActivityDate"], event["data"]["language"]) == (
        2,
        False,
        False,
        "en",
    )
    assert "auth" not in event["data"]["bot"]


async def test_every_kind_of_event_is_queued(setup: Setup) -> None:
    """Edits, deletions, reactions, commands, contexts and the unregistering are queued."""
    bot, client, anna = await fetched(setup), setup.client(), setup.p.person(2)
    command = {"command": "go", "title": {"en": "Go"}}
    await client.result("imbot.v2.Command.register", botId=bot, fields=command)
    number = await anna.says("a", dialog=str(bot))
    await anna.edits(number, "b")
    await anna.deletes(number)
    own = (await client.result(SEND, botId=bot, dialogId="2", fields={"message": "x"}))["id"]
    await anna.reacts(own)
    await anna.says("/go 1\n/go 2", dialog=str(bot))
    context = {"source": "link", "entityId": 7}
    sent = {"dialogId": str(bot), "context": context}
    assert await setup.client(2).result("im.v2.Chat.Bot.sendContext", sent) is True
    page = await client.result(GET, botId=bot)
    names = ["JOINCHAT", "MESSAGEADD", "MESSAGEUPDATE", "MESSAGEDELETE", "REACTIONCHANGE", "COMMANDADD", "CONTEXTGET"]
    assert types(page) == [f"ONIMBOTV2{name}" for name in names]
    by_type = {event["type"]: event["data"] for event in page["events"]}
    assert by_type["ONIMBOTV2MESSAGEUPDATE"]["message"]["text"] == "b"
    assert by_type["ONIMBOTV2MESSAGEDELETE"]["messageId"] == number
    assert by_type["ONIMBOTV2CONTEXTGET"]["context"] == context
    assert by_type["ONIMBOTV2CONTEXTGET"]["dialogId"] == "2"


async def test_queued_events_expire(setup: Setup) -> None:
    """An event that is not fetched is deleted after bot_retention seconds."""
    setup.p.switch(bot_retention=60)
    bot = await fetched(setup)
    await setup.p.person(2).says("old", dialog=str(bot))
    setup.p.clock.advance(60)
    await setup.p.person(2).says("new", dialog=str(bot))
    page = await setup.client().result(GET, botId=bot)
    assert [event["data"]["message"]["text"] for event in page["events"]] == ["new"]


async def test_a_switch_selects_the_name_of_the_cursor(setup: Setup) -> None:
    """With fetch_cursor=lastEventId, the answer has the last event instead of the next offset."""
    bot = await fetched(setup)
    await setup.p.person(2).opens(str(bot))
    setup.p.switch(fetch_cursor="lastEventId")
    page = await setup.client().result(GET, botId=bot)
    assert page.keys() == {"events", "lastEventId", "hasMore"}
    assert page["lastEventId"] == page["events"][-1]["eventId"]


async def test_a_person_subscribes_to_events(setup: Setup) -> None:
    """After subscribing, events of the person's own chats are queued; unsubscribing ends it."""
    boris, anna = setup.client(3), setup.p.person(2)
    get = "im.v2.Event.get"
    assert (await boris.result(get))["events"] == []
    assert [await boris.result("im.v2.Event.subscribe") for _ in (1, 2)] == [True, True]
    number = await anna.says("All of us", dialog="chat11")
    await anna.says("Not you", dialog="4")
    await anna.edits(number, "All")
    await anna.reacts(number, "fire")
    await anna.deletes(number)
    await setup.client(4).result("im.chat.add", TITLE="New", USERS=[3])
    page = await boris.result(get)
    names = ["MESSAGEADD", "MESSAGEUPDATE", "REACTIONCHANGE", "MESSAGEDELETE", "JOINCHAT"]
    assert types(page) == [f"ONIMV2{name}" for name in names]
    added = page["events"][0]["data"]
    assert (added["message"]["text"], added["chat"]["dialogId"], added["user"]["id"]) == ("All of us", "chat11", 2)
    assert {"permissions", "entityLink", "messageType"} <= added["chat"].keys()
    assert not {"role", "muteList", "userCounter"} & added["chat"].keys()
    assert (await boris.result(get, offset=page["nextOffset"]))["events"] == []
    await boris.result("im.v2.Event.unsubscribe")
    await anna.says("Later", dialog="chat11")
    assert (await boris.result(get))["events"] == []


async def test_one_offset_confirms_both_streams(setup: Setup) -> None:
    """The flag withUserEvents adds the user's events to those of the bot, in order."""
    bot, client = await fetched(setup), setup.client(2)
    await client.result("im.v2.Event.subscribe")
    await setup.p.person(2).says("Hello", dialog=str(bot))
    page = await client.result(GET, botId=bot, withUserEvents=True)
    assert types(page) == ["ONIMBOTV2JOINCHAT", "ONIMV2MESSAGEADD", "ONIMBOTV2MESSAGEADD"]
    after = await client.result(GET, botId=bot, withUserEvents=True, offset=page["nextOffset"])
    assert (after["events"], (await client.result("im.v2.Event.get"))["events"]) == ([], [])


async def test_v1_bots_get_edits_only_after_an_update(setup: Setup) -> None:
    """As documented, imbot.register ignores the handlers of edits and deletions; imbot.update sets them."""
    setup.p.switch(register_handlers="ignored")
    handlers = {"EVENT_MESSAGE_UPDATE": setup.receiver.url, "EVENT_MESSAGE_DELETE": setup.receiver.url}
    bot, anna = await setup.v1_bot(**handlers), setup.p.person(2)
    number = await anna.says("one", dialog=str(bot))
    await anna.edits(number, "two")
    await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    assert setup.receiver.with_name("ONIMBOTMESSAGEUPDATE") == []
    await setup.client().result("imbot.update", BOT_ID=bot, FIELDS=handlers)
    await anna.edits(number, "three")
    await anna.deletes(number)
    changed = await setup.receiver.wait_for("ONIMBOTMESSAGEUPDATE")
    deleted = await setup.receiver.wait_for("ONIMBOTMESSAGEDELETE")
    assert changed["data"]["PARAMS"]["MESSAGE"] == "three"
    assert deleted["data"]["PARAMS"]["MESSAGE_ID"] == str(number)
    assert "has been deleted" in deleted["data"]["PARAMS"]["MESSAGE"]


async def test_queues_and_marks_survive_a_restart(setup: Setup, tmp_path: Path) -> None:
    """Queues, notifications, reactions, files, marks and hidden history survive a restart."""
    bot, anna, boris = await fetched(setup), setup.client(2), setup.client(3)
    await boris.result("im.v2.Event.subscribe")
    number = await setup.p.person(2).sends_file("a.txt", b"abc", dialog=str(bot))
    await setup.p.person(2).reacts(number, "fire")
    await setup.client().result("imbot.v2.File.download", botId=bot, fileId=9001)
    await anna.result("im.notify", USER_ID=3, MESSAGE="x", TAG="t")
    await anna.result("im.chat.user.add", CHAT_ID=11, USERS=[4])
    await boris.result("im.recent.pin", DIALOG_ID="chat11")
    await boris.result("im.search.last.add", DIALOG_ID="chat11")
    await asyncio.to_thread(save, setup.p.emulator, tmp_path / "state")
    second = Portal()
    assert await asyncio.to_thread(load, second, tmp_path / "state")
    assert second.world == setup.p.emulator.world
    assert second.world.bots.queues[bot]
    assert second.world.messenger.since
