"""All errors of imbot.v2 and im.v2 that can occur here, with code, text and status."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.testing import Clock, Setup, set_up

TEXT = base64.b64encode(b"minutes").decode()
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8) + bytes([0, 0, 19, 137, 0, 0, 0, 1])).decode()
"""The beginning of a PNG that is 5001 pixels wide."""
MINE = {"code": "mine", "properties": {"name": "Mine"}}
TITLE = {"en": "Help"}


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Run a portal with a stopped clock, a bot `new` and a supervisor `eyes` in chat11."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        await made.v2_bot()
        eyes = await made.v2_bot("eyes", type="supervisor", properties={"name": "Eyes"})
        await made.client(2).result("im.chat.user.add", CHAT_ID=11, USERS=[eyes], HIDE_HISTORY="N")
        yield made


REGISTER = [
    ({}, "BOT_CODE_REQUIRED", "Bot code is required"),
    ({"code": "mine"}, "BOT_PROPERTIES_REQUIRED", "Bot properties are required"),
    ({**MINE, "type": "robot"}, "BOT_INVALID_TYPE", "Invalid bot type"),
    ({**MINE, "eventMode": "push"}, "BOT_INVALID_EVENT_MODE", "Invalid event mode"),
    ({**MINE, "eventMode": "webhook"}, "BOT_WEBHOOK_URL_REQUIRED", "Webhook URL is required"),
    ({**MINE, "eventMode": "webhook", "webhookUrl": "nowhere"}, "BOT_INVALID_CALLBACK", "Invalid callback URL"),
    (
        {**MINE, "properties": {"name": "M", "avatar": TEXT}},
        "BOT_AVATAR_INCORRECT_TYPE",
        "Avatar must be an image",
    ),
    (
        {**MINE, "properties": {"name": "M", "avatar": PIXEL}},
        "BOT_AVATAR_INCORRECT_SIZE",
        "Avatar exceeds maximum size",
    ),
]


@pytest.mark.parametrize(("fields", "code", "text"), REGISTER, ids=[row[1] for row in REGISTER])
async def test_an_invalid_bot_is_not_registered(setup: Setup, fields: dict[str, Any], code: str, text: str) -> None:
    """An incomplete bot is refused with the documented code and text, and not created."""
    status, body = await setup.client().call("imbot.v2.Bot.register", fields=fields)
    assert (status, body["error"], body["error_description"]) == (400, code, text)
    assert len(setup.p.bots()) == 2


CALLS: list[tuple[str, dict[str, Any], int, str]] = [
    ("imbot.v2.Bot.get", {}, 400, "PARAMS_REQUIRED"),
    ("imbot.v2.Bot.get", {"code": "none"}, 400, "BOT_NOT_FOUND"),
    ("imbot.v2.Bot.update", {}, 400, "BOT_ID_REQUIRED"),
    ("imbot.v2.Bot.update", {"botId": 2}, 400, "BOT_NOT_FOUND"),
    ("imbot.v2.Bot.update", {"botId": "@new", "fields": {"eventMode": "x"}}, 400, "BOT_INVALID_EVENT_MODE"),
    ("imbot.v2.Bot.update", {"botId": "@new", "fields": {"webhookUrl": "ftp://a.b"}}, 400, "BOT_INVALID_CALLBACK"),
    ("imbot.v2.Chat.get", {"botId": "@new", "dialogId": "chat11"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.update", {"botId": "@eyes", "dialogId": "chat11", "fields": {"title": "x"}}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.leave", {"botId": "@new", "dialogId": "chat10"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.setOwner", {"botId": "@eyes", "dialogId": "chat11", "userId": 3}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.User.add", {"botId": "@eyes", "dialogId": "chat11", "userIds": [5]}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.User.delete", {"botId": "@eyes", "dialogId": "chat11", "userId": 3}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.User.list", {"botId": "@new", "dialogId": "chat11"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.Manager.add", {"botId": "@eyes", "dialogId": "chat11", "userIds": [3]}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.TextField.enabled", {"botId": "@new", "dialogId": "chat11"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.InputAction.notify", {"botId": "@new", "dialogId": "chat11"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.Message.send", {"botId": "@new", "dialogId": "2"}, 400, "EMPTY_MESSAGE"),
    (
        "imbot.v2.Chat.Message.send",
        {"botId": "@new", "dialogId": "2", "fields": {"message": "x", "replyId": 9}},
        400,
        "SENDING_FAILED",
    ),
    (
        "imbot.v2.Chat.Message.send",
        {"botId": "@new", "dialogId": "2", "fields": {"forwardIds": {str(n): n for n in range(101)}}},
        400,
        "SENDING_FAILED",
    ),
    (
        "imbot.v2.Chat.Message.send",
        {"botId": "@new", "dialogId": "2", "fields": {"forwardIds": {"u": "@message"}}},
        400,
        "ACCESS_DENIED",
    ),
    ("imbot.v2.Chat.Message.update", {"botId": "@new", "messageId": "@message"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.Message.delete", {"botId": "@new", "messageId": "@message"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.Message.read", {"botId": "@new", "dialogId": "chat11"}, 400, "ACCESS_DENIED"),
    (
        "imbot.v2.Chat.Message.read",
        {"botId": "@eyes", "dialogId": "chat11", "messageId": 9},
        400,
        "MESSAGE_NOT_FOUND",
    ),
    ("imbot.v2.Chat.Message.get", {"botId": "@new", "messageId": "@message"}, 400, "BOT_TYPE_NOT_ALLOWED"),
    ("imbot.v2.Chat.Message.get", {"botId": "@eyes", "messageId": "@foreign"}, 400, "ACCESS_DENIED"),
    ("imbot.v2.Chat.Message.getContext", {"botId": "@new", "messageId": "@message"}, 400, "BOT_TYPE_NOT_ALLOWED"),
    ("imbot.v2.Chat.Message.getContext", {"botId": "@eyes", "messageId": 9}, 400, "MESSAGE_NOT_FOUND"),
    ("imbot.v2.Chat.Message.getContext", {"botId": "@eyes", "messageId": "@foreign"}, 400, "MESSAGE_ACCESS_DENIED"),
    (
        "imbot.v2.Chat.Message.Reaction.add",
        {"botId": "@eyes", "messageId": "@message", "reaction": "shrug"},
        400,
        "REACTION_NOT_FOUND",
    ),
    (
        "imbot.v2.Chat.Message.Reaction.delete",
        {"botId": "@eyes", "messageId": "@message", "reaction": "like"},
        400,
        "REACTION_NOT_FOUND",
    ),
    (
        "imbot.v2.Chat.Message.Reaction.add",
        {"botId": "@new", "messageId": "@message", "reaction": "like"},
        400,
        "ACCESS_DENIED",
    ),
    ("imbot.v2.Command.register", {"botId": "@new", "fields": {"title": TITLE}}, 400, "COMMAND_REQUIRED"),
    (
        "imbot.v2.Command.register",
        {"botId": "@new", "fields": {"command": "a b", "title": TITLE}},
        400,
        "COMMAND_NAME_INVALID",
    ),
    ("imbot.v2.Command.register", {"botId": "@new", "fields": {"command": "go"}}, 400, "COMMAND_TITLE_REQUIRED"),
    (
        "imbot.v2.Command.update",
        {"botId": "@new", "commandId": 9, "fields": {"command": "x"}},
        400,
        "COMMAND_NOT_FOUND",
    ),
    (
        "imbot.v2.Command.update",
        {"botId": "@new", "commandId": "@command", "fields": {"command": "/"}},
        400,
        "COMMAND_NAME_EMPTY",
    ),
    (
        "imbot.v2.Command.update",
        {"botId": "@new", "commandId": "@command", "fields": {"command": "a/b"}},
        400,
        "COMMAND_NAME_INVALID",
    ),
    (
        "imbot.v2.Command.update",
        {"botId": "@new", "commandId": "@command", "fields": {"command": "second"}},
        400,
        "COMMAND_ALREADY_EXISTS",
    ),
    ("imbot.v2.Command.unregister", {"botId": "@new", "commandId": 9}, 400, "COMMAND_NOT_FOUND"),
    (
        "imbot.v2.Command.answer",
        {"botId": "@new", "commandId": "@command", "messageId": 9_999, "dialogId": "1", "fields": {"message": "x"}},
        400,
        "COMMAND_ANSWER_FAILED",
    ),
    ("imbot.v2.Event.get", {}, 400, "BOT_ID_REQUIRED"),
    ("imbot.v2.Event.get", {"botId": "@new", "withUserEvents": True}, 400, "USER_NOT_SUBSCRIBED"),
    ("imbot.v2.File.upload", {"botId": "@new", "dialogId": "2", "fields": {"name": "a.txt"}}, 400, "FILE_EMPTY"),
    (
        "imbot.v2.File.upload",
        {"botId": "@new", "dialogId": "2", "fields": {"name": "a.txt", "content": "%"}},
        400,
        "FILE_INVALID_CONTENT",
    ),
    (
        "imbot.v2.File.upload",
        {"botId": "@new", "dialogId": "2", "fields": {"name": "a.txt", "content": "YWJj" * 40}},
        400,
        "FILE_TOO_LARGE",
    ),
    (
        "imbot.v2.File.upload",
        {"botId": "@new", "dialogId": "chat11", "fields": {"name": "a.txt", "content": TEXT}},
        400,
        "ACCESS_DENIED",
    ),
    ("imbot.v2.File.download", {"botId": "@new", "fileId": 1}, 400, "FILE_NOT_FOUND"),
    ("imbot.v2.File.download", {"botId": "@new", "fileId": "@file"}, 400, "FILE_ACCESS_ERROR"),
    ("im.v2.File.upload", {"dialogId": "chat77"}, 400, "CHAT_NOT_FOUND"),
    ("im.v2.File.upload", {"dialogId": "chat11"}, 400, "ACCESS_DENIED"),
    ("im.v2.File.upload", {"dialogId": "chat10", "fields": {"content": TEXT}}, 400, "FILE_EMPTY"),
    ("im.v2.File.download", {"dialogId": "chat10", "fileId": "@file"}, 400, "FILE_NOT_FOUND"),
    ("im.v2.File.download", {"dialogId": "chat11", "fileId": "@file"}, 400, "ACCESS_DENIED"),
]


@pytest.mark.parametrize(("method", "params", "status", "code"), CALLS, ids=[f"{row[0]}-{row[3]}" for row in CALLS])
async def test_each_refused_call_has_its_error(
    setup: Setup, method: str, params: dict[str, Any], status: int, code: str
) -> None:
    """Each call is refused with its code and status, and no data changes."""
    client, anna = setup.client(), setup.client(2)
    new, eyes = (bot.id for bot in setup.p.bots())
    names: dict[str, Any] = {"@new": new, "@eyes": eyes}
    names["@message"] = await anna.result("im.message.add", DIALOG_ID="chat11", MESSAGE="About the launch")
    names["@foreign"] = await anna.result("im.message.add", DIALOG_ID="chat10", MESSAGE="Elsewhere")
    put = await anna.result("im.v2.File.upload", dialogId="chat11", fields={"name": "notes.txt", "content": TEXT})
    names["@file"] = put["file"]["id"]
    for word in ("first", "second"):
        fields = {"command": word, "title": TITLE}
        made = await client.result("imbot.v2.Command.register", botId=new, fields=fields)
        names.setdefault("@command", made["command"]["id"])
    setup.p.switch(file_limit=100)
    messenger, before = setup.p.emulator.world.messenger, dict(setup.p.emulator.world.messenger.messages)
    assert await client.refusal(method, _filled(params, names)) == (status, code)
    assert messenger.messages == before


def _filled(value: Any, names: dict[str, Any]) -> Any:
    """Replace names by the ids of this portal."""
    if isinstance(value, dict):
        return {key: _filled(item, names) for key, item in value.items()}
    return names.get(value, value) if isinstance(value, str) else value


async def test_a_webhook_needs_its_token(setup: Setup) -> None:
    """Without botToken, all methods but Revision.get are refused; another's token is not the owner."""
    hook = setup.p.client(webhook=setup.p.webhook())
    bot = setup.p.bots()[0].id
    assert await hook.result("imbot.v2.Revision.get") == {"rest": 36, "web": 130, "mobile": 23, "desktop": 6}
    assert await hook.refusal("imbot.v2.Bot.list") == (400, "BOT_TOKEN_NOT_SPECIFIED")
    assert await hook.refusal("imbot.v2.Bot.register", fields=MINE) == (400, "BOT_TOKEN_NOT_SPECIFIED")
    long = {**MINE, "botToken": "t" * 41}
    assert await hook.refusal("imbot.v2.Bot.register", fields=long) == (400, "BOT_TOKEN_INVALID_LENGTH")
    taken = {"code": "new", "properties": {"name": "N"}, "botToken": "t"}
    assert await hook.refusal("imbot.v2.Bot.register", fields=taken) == (400, "BOT_CODE_ALREADY_TAKEN")
    for method in ("Bot.unregister", "Chat.Message.send", "Event.get", "File.upload", "Chat.Manager.add"):
        given = {"botId": bot, "botToken": "t", "dialogId": "2"}
        assert await hook.refusal(f"imbot.v2.{method}", given) == (400, "BOT_OWNERSHIP_ERROR"), method


async def test_a_webhook_replaces_its_token(setup: Setup) -> None:
    """The old token is needed once to set the new one; blank is ignored, too long is refused."""
    hook = setup.p.client(webhook=setup.p.webhook())
    made = await hook.result("imbot.v2.Bot.register", fields={**MINE, "botToken": "old"})
    bot = {"botId": made["bot"]["id"]}
    update = "imbot.v2.Bot.update"
    await hook.result(update, **bot, botToken="old", fields={"botToken": "  ", "isHidden": "Y"})
    long = {"botToken": "t" * 41}
    assert await hook.refusal(update, **bot, botToken="old", fields=long) == (400, "BOT_TOKEN_ROTATION_FAILED")
    await hook.result(update, **bot, botToken="old", fields={"botToken": "fresh"})
    assert await hook.refusal("imbot.v2.Event.get", **bot, botToken="old") == (400, "BOT_OWNERSHIP_ERROR")
    assert (await hook.result("imbot.v2.Event.get", **bot, botToken="fresh"))["nextOffset"] == 0


async def test_an_application_has_at_most_a_hundred_bots(setup: Setup) -> None:
    """The 101st bot is BOT_LIMIT_EXCEEDED."""
    client = setup.client()
    for number in range(98):
        await client.result("imbot.v2.Bot.register", fields={"code": f"b{number}", "properties": {"name": "B"}})
    assert await client.refusal("imbot.v2.Bot.register", fields=MINE) == (400, "BOT_LIMIT_EXCEEDED")


async def test_user_events_need_the_scope(setup: Setup) -> None:
    """Without the scope `im`, withUserEvents gives SCOPE_ERROR."""
    hook = setup.p.client(webhook=setup.p.webhook(scopes=["imbot"]))
    made = await hook.result("imbot.v2.Bot.register", fields={**MINE, "botToken": "t"})
    given = {"botId": made["bot"]["id"], "botToken": "t", "withUserEvents": "Y"}
    assert await hook.refusal("imbot.v2.Event.get", given) == (400, "SCOPE_ERROR")
