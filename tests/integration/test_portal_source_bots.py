"""What the source of a portal does otherwise than its documentation: bots. Each switch has its effect."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from portal.testing import Setup

FAMILY = "imbot.v2.Chat.Message"
DAY = 86_400
FIELDS = {"message": "changed"}
Refusal = tuple[int, str]


async def chat_of(setup: Setup, bot: int) -> str:
    """Create a group chat with the bot and return its DIALOG_ID."""
    return setup.p.make_chat(2, bot)


async def sent(setup: Setup, bot: int, dialog: str) -> int:
    """Let the bot write a message and return its id."""
    given = {"botId": bot, "dialogId": dialog, "fields": {"message": "first"}}
    return int((await setup.client().result(f"{FAMILY}.send", given))["id"])


async def prepare(setup: Setup, situation: str) -> tuple[int, int]:
    """Return a bot and a message that the bot cannot edit, for one of the reasons."""
    bot, anna = await setup.v2_bot(), setup.client(2)
    dialog = await chat_of(setup, bot)
    message = await sent(setup, bot, dialog)
    number = int(dialog.removeprefix("chat"))
    if situation == "no such message":
        return bot, 99_999
    if situation == "left":
        await setup.client().result("imbot.v2.Chat.leave", botId=bot, dialogId=dialog)
    elif situation == "joined again without the history":
        await setup.client().result("imbot.v2.Chat.leave", botId=bot, dialogId=dialog)
        await anna.result("im.chat.user.add", CHAT_ID=number, USERS=[bot])
    elif situation == "deleted":
        await setup.client().result(f"{FAMILY}.delete", botId=bot, messageId=message)
    elif situation == "forwarded":
        fields = {"forwardIds": {"a": message}}
        copies = (await setup.client().result(f"{FAMILY}.send", botId=bot, dialogId=dialog, fields=fields))["uuidMap"]
        return bot, copies["a"]
    elif situation == "of another":
        return bot, await anna.result("im.message.add", DIALOG_ID=dialog, MESSAGE="mine")
    elif situation == "older than the history of the plan":
        setup.p.switch(history_days=30)
        setup.p.clock.advance(31 * DAY)
    return bot, message


@pytest.mark.parametrize(
    ("situation", "code"),
    [
        ("no such message", "MESSAGE_NOT_FOUND"),
        ("left", "ACCESS_DENIED"),
        ("joined again without the history", "MESSAGE_ACCESS_DENIED"),
        ("deleted", "MESSAGE_ACCESS_DENIED"),
        ("forwarded", "MESSAGE_ACCESS_DENIED"),
        ("of another", "MESSAGE_ACCESS_DENIED"),
        ("older than the history of the plan", "MESSAGE_ACCESS_DENIED_BY_TARIFF"),
    ],
)
async def test_an_edit_is_refused_with_the_code_of_the_reason(setup: Setup, situation: str, code: str) -> None:
    """Row 1.3: update refuses with HTTP 400 and a code that says why."""
    bot, message = await prepare(setup, situation)
    given = {"botId": bot, "messageId": message, "fields": FIELDS}
    assert await setup.client().refusal(f"{FAMILY}.update", given) == (400, code)


async def test_a_message_is_edited_at_any_age(setup: Setup) -> None:
    """Row 1.3: imbot.v2 has no window of three days; as documented it has one, and v1 has it always."""
    bot, old = await setup.v2_bot(), await setup.v1_bot()
    message = await sent(setup, bot, "2")
    first = await setup.client().result("imbot.message.add", BOT_ID=old, DIALOG_ID="2", MESSAGE="x")
    setup.p.clock.advance(4 * DAY)
    given, client = {"botId": bot, "messageId": message, "fields": FIELDS}, setup.client()
    assert await client.result(f"{FAMILY}.update", given) == {"result": True}
    assert setup.p.emulator.world.messenger.messages[message].text == "changed"
    setup.p.switch(message_refusals="documented", bot_denied_status="403")
    assert await client.refusal(f"{FAMILY}.update", given) == (403, "ACCESS_DENIED")
    given = {"BOT_ID": old, "MESSAGE_ID": first, "MESSAGE": "y"}
    assert await client.refusal("imbot.message.update", given) == (403, "CANT_EDIT_MESSAGE")


@pytest.mark.parametrize(("complete", "remains"), [("N", "mine"), ("Y", None)])
async def test_a_deletion_without_the_right_deletes_nothing(setup: Setup, complete: str, remains: str | None) -> None:
    """Row 2.10: the result is true and another's message stays; `complete` does not ask for the right."""
    bot, message = await prepare(setup, "of another")
    given = {"botId": bot, "messageId": message, "complete": complete}
    setup.p.switch(message_refusals="documented", bot_denied_status="403")
    assert await setup.client().refusal(f"{FAMILY}.delete", given) == (403, "ACCESS_DENIED")
    setup.p.switch(message_refusals="source")
    assert await setup.client().result(f"{FAMILY}.delete", given) == {"result": True}
    left = setup.p.emulator.world.messenger.messages.get(message)
    assert (left.text if left else None) == remains


@pytest.mark.parametrize(
    ("situation", "code"),
    [
        ("no such message", "MESSAGE_NOT_FOUND"),
        ("left", "ACCESS_DENIED"),
        ("joined again without the history", "MESSAGE_ACCESS_DENIED"),
        ("older than the history of the plan", "MESSAGE_ACCESS_DENIED_BY_TARIFF"),
    ],
)
async def test_a_deletion_needs_access_to_the_message(setup: Setup, situation: str, code: str) -> None:
    """Row 1.3, 2.10: without access to a message, `complete` is refused too."""
    bot, message = await prepare(setup, situation)
    given = {"botId": bot, "messageId": message, "complete": True}
    assert await setup.client().refusal(f"{FAMILY}.delete", given) == (400, code)


async def test_pushed_events_contain_tokens_of_the_bot(setup: Setup) -> None:
    """Row 2.1: data.bot.auth holds tokens of the bot with a refresh token, or those of the acting user."""
    bot = await setup.v2_bot()
    setup.p.switch(refresh_in_events=False)
    for times, (whose, number) in enumerate((("bot", bot), ("actor", 2)), 1):
        setup.p.switch(v2_token_of=whose)
        await setup.p.person(2).says("x", dialog=str(bot))
        auth = (await setup.receiver.wait_for("ONIMBOTV2MESSAGEADD", times=times))["data"]["bot"]["auth"]
        assert (auth["user_id"], "refresh_token" in auth) == (str(number), whose == "bot")


MISSING = [
    *((f"imbot.v2.Chat.{name}", "dialogId") for name in ("get", "leave", "update", "User.list", "User.add")),
    *((f"{FAMILY}.{name}", "dialogId") for name in ("send", "read")),
    *((f"{FAMILY}.{name}", "messageId") for name in ("update", "delete", "Reaction.add", "Reaction.delete")),
    *((f"imbot.v2.Command.{name}", "commandId") for name in ("update", "unregister", "answer")),
    ("imbot.v2.Chat.InputAction.notify", "dialogId"),
    ("imbot.v2.File.upload", "dialogId"),
]


@pytest.mark.parametrize(("method", "name"), MISSING, ids=[f"{method}-{name}" for method, name in MISSING])
async def test_a_missing_parameter_is_error_100(setup: Setup, method: str, name: str) -> None:
    """Row 2.13: the engine names the missing parameter, before the method looks for rights."""
    status, body = await setup.client().call(method, botId=await setup.v2_bot())
    text = f"Could not find value for parameter {{{name}}}"
    assert (status, body["error"], body["error_description"]) == (400, "100", text)


async def test_a_bot_is_registered_with_names_in_upper_case(setup: Setup) -> None:
    """Row 2.11: CODE, PROPERTIES and EVENT_MODE are accepted, and the mode in any case."""
    given = {"CODE": "loud", "PROPERTIES": {"NAME": "Loud", "LAST_NAME": "Bot"}, "EVENT_MODE": "FETCH"}
    shown = await setup.client().result("imbot.v2.Bot.register", fields=given)
    assert (shown["bot"]["code"], shown["bot"]["eventMode"]) == ("loud", "fetch")
    assert shown["users"][0]["name"] == "Loud Bot"


@pytest.mark.parametrize(("properties", "last_name", "position"), [("reset", "", "Chatbot"), ("kept", "Old", "Clerk")])
async def test_an_update_of_one_property(setup: Setup, properties: str, last_name: str, position: str) -> None:
    """Row 2.12: an update with the name alone empties the other properties, or keeps them."""
    setup.p.switch(bot_properties=properties)
    bot = await setup.v2_bot(properties={"name": "Bot", "lastName": "Old", "workPosition": "Clerk"})
    fields = {"properties": {"name": "New"}}
    user = (await setup.client().result("imbot.v2.Bot.update", botId=bot, fields=fields))["users"][0]
    assert (user["firstName"], user["lastName"], user["workPosition"]) == ("New", last_name, position)
    hidden = {"isHidden": True}
    user = (await setup.client().result("imbot.v2.Bot.update", botId=bot, fields=hidden))["users"][0]
    assert (user["lastName"], user["workPosition"]) == (last_name, position)


@pytest.mark.parametrize(("rule", "more"), [("full_page", True), ("exact", False)])
async def test_a_full_page_says_that_more_events_wait(setup: Setup, rule: str, more: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """Row 2.22: hasMore is true as soon as the page is full, or only if more events wait."""
    setup.p.switch(has_more=rule)
    bot = await setup.v2_bot(eventMode="fetch")
    await setup.p.person(2).opens(str(bot))
    await setup.p.person(2).says("hi", dialog=str(bot))
    full = await setup.client().result("imbot.v2.Event.get", botId=bot, limit=2)
    assert (len(full["events"]), full["hasMore"]) == (2, more)
    assert (await setup.client().result("imbot.v2.Event.get", botId=bot, limit=3))["hasMore"] is False


@pytest.mark.parametrize(
    "given",
    [
        {"EVENT_MESSAGE_UPDATE": "@", "EVENT_MESSAGE_DELETE": "@"},
        {"EVENT_HANDLER": "@"},
    ],
    ids=["named", "EVENT_HANDLER"],
)
async def test_register_binds_edits_and_deletions(setup: Setup, given: dict[str, str]) -> None:
    """Row 2.19: imbot.register binds the handlers of edits and deletions for TYPE B; as documented it ignores them."""
    url = setup.receiver.url
    handlers = {name: value.replace("@", url) for name, value in given.items()}
    changes = ["ONIMBOTMESSAGEUPDATE", "ONIMBOTMESSAGEDELETE"]
    for rule, count in (("ignored", 0), ("bound", 1)):
        setup.p.switch(register_handlers=rule)
        await setup.v1_bot(rule, **handlers)
        assert [len(setup.p.emulator.world.apps.listening(event)) for event in changes] == [count, count]


async def test_a_v1_bot_gets_the_context(setup: Setup) -> None:
    """Row 2.19, 5.8: EVENT_CONTEXT_GET binds ONIMBOTCONTEXTGET, which tells from where a person came."""
    bot = await setup.v1_bot(EVENT_CONTEXT_GET=setup.receiver.url)
    await setup.p.person(2).opens(str(bot))
    context = {"dialogId": str(bot), "context": {"entityId": 7}}
    await setup.client(2).result("im.v2.Chat.Bot.sendContext", context)
    data = (await setup.receiver.wait_for("ONIMBOTCONTEXTGET"))["data"]
    assert (data["PARAMS"]["CONTEXT"], data["PARAMS"]["DIALOG_ID"]) == ({"entityId": "7"}, "2")
    assert (list(data["BOT"]), data["USER"]["ID"]) == ([str(bot)], "2")


FORMATS = [
    ("message", "ONIMBOTMESSAGEADD", "ONIMBOTV2MESSAGEADD"),
    ("command", "ONIMCOMMANDADD", "ONIMBOTV2COMMANDADD"),
]


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize(("how", "first", "second"), FORMATS, ids=[row[0] for row in FORMATS])
async def test_one_application_with_handlers_of_both_generations(
    setup: Setup, how: str, first: str, second: str, *, both: bool
) -> None:
    """Row 2.20: a pushed bot of imbot.v2 is heard by the v1 handlers of its application too."""
    setup.p.switch(both_formats=both)
    await setup.v1_bot()
    bot = await setup.v2_bot()
    fields = {"command": "go", "title": {"en": "Go"}}
    command = (await setup.client().result("imbot.v2.Command.register", botId=bot, fields=fields))["command"]["id"]
    handler = {"BOT_ID": setup.p.bots()[0].id, "COMMAND": "other", "EVENT_COMMAND_ADD": setup.receiver.url}
    handler["LANG"] = [{"LANGUAGE_ID": "en", "TITLE": "x"}]
    await setup.client().result("imbot.command.register", handler)
    await setup.p.person(2).says("/go" if how == "command" else "hi", dialog=str(bot))
    await setup.p.idle()
    assert len(setup.receiver.with_name(second)) == 1
    heard = setup.receiver.with_name(first)
    assert len(heard) == both
    key, number = ("COMMAND", command) if how == "command" else ("BOT", bot)
    assert [list(event["data"][key]) for event in heard] == [[str(number)]] * both


async def test_a_fetching_bot_is_not_heard_by_v1_handlers(setup: Setup) -> None:
    """Row 2.20: only bots whose events are fetched are left out."""
    await setup.v1_bot()
    bot = await setup.v2_bot(eventMode="fetch")
    await setup.p.person(2).says("hi", dialog=str(bot))
    await setup.p.idle()
    assert setup.receiver.with_name("ONIMBOTMESSAGEADD") == []


async def test_v1_events_of_a_group(setup: Setup) -> None:
    """Row 2.21: edits have TO_USER_ID and CHAT_ENTITY_TYPE, deletions the latter, commands no TO_USER_ID."""
    bot = await setup.v1_bot()
    given = {"BOT_ID": bot, "COMMAND": "go", "EVENT_COMMAND_ADD": setup.receiver.url}
    await setup.client().result("imbot.command.register", given, LANG=[{"LANGUAGE_ID": "en", "TITLE": "Go"}])
    anna = setup.p.person(2)
    chat = await setup.client(2).result("im.chat.add", USERS=[bot], ENTITY_TYPE="MINE", ENTITY_ID="1")
    number = await anna.says(f"[USER={bot}]Bot[/USER] one", dialog=f"chat{chat}")
    await anna.edits(number, f"[USER={bot}]Bot[/USER] two")
    await anna.deletes(number)
    await anna.says("/go", dialog=f"chat{chat}")
    changed, deleted, called = await asyncio.gather(
        *(setup.receiver.wait_for(name) for name in ("ONIMBOTMESSAGEUPDATE", "ONIMBOTMESSAGEDELETE", "ONIMCOMMANDADD"))
    )
    params: list[dict[str, Any]] = [event["data"]["PARAMS"] for event in (changed, deleted, called)]
    assert [one.get("CHAT_ENTITY_TYPE") for one in params] == ["MINE"] * 3
    assert [one.get("TO_USER_ID") for one in params] == [str(bot), None, None]
