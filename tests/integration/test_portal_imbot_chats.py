"""Chats of first-generation bots: created, found, filled, managed, and all errors."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.testing import Clock, Setup, set_up


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Run a portal with a stopped clock and a first-generation bot."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        await made.v1_bot()
        yield made


def chat(setup: Setup, number: int) -> Any:
    """Return a chat from the portal's data."""
    return setup.p.emulator.world.messenger.chats[number]


async def test_a_bot_creates_and_changes_a_chat(setup: Setup) -> None:
    """A bot creates a chat, finds it by entity, fills, gives away, renames, recolours and leaves it."""
    client, bot = setup.client(), setup.p.bots()[0].id
    given = {"TYPE": "OPEN", "TITLE": "Ideas", "COLOR": "GREEN", "USERS": [2, 99], "ENTITY_TYPE": "IDEAS"}
    number = await client.result("imbot.chat.add", given, ENTITY_ID="4", MESSAGE="Welcome", DESCRIPTION="Help")
    made = chat(setup, number)
    assert (made.kind, made.title, made.color, made.members, made.owner) == ("O", "Ideas", "#64a513", (bot, 2), bot)
    assert await client.result("imbot.chat.get", ENTITY_TYPE="IDEAS", ENTITY_ID="4") == {"ID": number}
    assert await client.result("imbot.chat.get", ENTITY_TYPE="IDEAS", ENTITY_ID="5") is None
    place = {"CHAT_ID": number}
    assert await client.result("imbot.chat.user.add", place, USERS=[3, 4]) is True
    assert await client.result("imbot.chat.user.list", place) == [bot, 2, 3, 4]
    assert await client.result("imbot.chat.user.delete", place, USER_ID=4) is True
    assert await client.result("imbot.chat.setManager", place, USER_ID=3) is True
    assert chat(setup, number).managers == (3,)
    await client.result("imbot.chat.setManager", place, USER_ID=3, IS_MANAGER="N")
    assert chat(setup, number).managers == ()
    assert await client.result("imbot.chat.updateTitle", place, TITLE="New ideas") is True
    assert await client.result("imbot.chat.updateColor", place, COLOR="PINK") is True
    assert (chat(setup, number).title, chat(setup, number).color) == ("New ideas", "#f76187")
    assert (await client.result("imbot.dialog.get", DIALOG_ID=f"chat{number}"))["role"] == "owner"
    assert await client.result("imbot.chat.sendTyping", DIALOG_ID=f"chat{number}") is True
    assert await client.result("imbot.chat.setOwner", place, USER_ID=2) is True
    assert await client.result("imbot.chat.leave", place) is True
    assert chat(setup, number).members == (2, 3)


CHAT_METHODS = ["leave", "user.add", "user.delete", "user.list", "setManager", "setOwner"]
REFUSED = [
    *((f"imbot.chat.{name}", {}, 400, "CHAT_ID_EMPTY") for name in (*CHAT_METHODS, "updateTitle", "updateAvatar")),
    *((f"imbot.chat.{name}", {"CHAT_ID": 10}, 403, "ACCESS_ERROR") for name in (*CHAT_METHODS, "updateColor")),
    ("imbot.chat.user.add", {"CHAT_ID": "@own", "USERS": 2}, 400, "WRONG_REQUEST"),
    ("imbot.chat.user.add", {"CHAT_ID": "@own", "USERS": [99]}, 400, "WRONG_REQUEST"),
    ("imbot.chat.user.delete", {"CHAT_ID": "@own"}, 400, "USER_ID_EMPTY"),
    ("imbot.chat.user.delete", {"CHAT_ID": "@own", "USER_ID": 5}, 400, "WRONG_REQUEST"),
    ("imbot.chat.user.delete", {"CHAT_ID": "@foreign", "USER_ID": 3}, 403, "ACCESS_ERROR"),
    ("imbot.chat.setOwner", {"CHAT_ID": "@own"}, 400, "USER_ID_EMPTY"),
    ("imbot.chat.setOwner", {"CHAT_ID": "@own", "USER_ID": 5}, 400, "WRONG_REQUEST"),
    ("imbot.chat.setOwner", {"CHAT_ID": "@foreign", "USER_ID": 3}, 400, "WRONG_REQUEST"),
    ("imbot.chat.setManager", {"CHAT_ID": "@foreign", "USER_ID": 3}, 400, "WRONG_REQUEST"),
    ("imbot.chat.updateTitle", {"CHAT_ID": "@own", "TITLE": " "}, 400, "TITLE_EMPTY"),
    ("imbot.chat.updateTitle", {"CHAT_ID": "@foreign", "TITLE": "x"}, 403, "ACCESS_ERROR"),
    ("imbot.chat.updateColor", {"CHAT_ID": "@own", "COLOR": "SKY"}, 400, "WRONG_COLOR"),
    ("imbot.chat.updateColor", {"CHAT_ID": "@own", "COLOR": "BROWN"}, 400, "WRONG_REQUEST"),
    ("imbot.chat.updateAvatar", {"CHAT_ID": "@own", "AVATAR": "eHl6"}, 400, "AVATAR_ERROR"),
    ("imbot.chat.add", {"USERS": "2"}, 400, "INVALID_FORMAT"),
    ("imbot.chat.sendTyping", {}, 400, "DIALOG_ID_EMPTY"),
    ("imbot.chat.sendTyping", {"DIALOG_ID": "chat10"}, 403, "ACCESS_ERROR"),
    ("imbot.dialog.get", {}, 400, "DIALOG_ID_EMPTY"),
    ("imbot.dialog.get", {"DIALOG_ID": "chat10"}, 403, "ACCESS_ERROR"),
    ("imbot.message.add", {"MESSAGE": "x"}, 400, "DIALOG_ID_EMPTY"),
    ("imbot.message.add", {"DIALOG_ID": "2", "MESSAGE": " "}, 400, "MESSAGE_EMPTY"),
    ("imbot.message.update", {"MESSAGE": "x"}, 400, "MESSAGE_ID_ERROR"),
    ("imbot.message.update", {"MESSAGE_ID": 9, "MESSAGE": "x"}, 403, "CANT_EDIT_MESSAGE"),
    ("imbot.message.delete", {}, 400, "MESSAGE_ID_ERROR"),
    ("imbot.message.delete", {"MESSAGE_ID": 9}, 403, "CANT_EDIT_MESSAGE"),
    ("imbot.message.like", {"MESSAGE_ID": "@foreign message"}, 400, "WITHOUT_CHANGES"),
    ("imbot.message.like", {}, 400, "MESSAGE_ID_ERROR"),
    ("imbot.register", {"CODE": "x", "PROPERTIES": {"NAME": "X"}}, 400, "EVENT_MESSAGE_ADD_ERROR"),
    ("imbot.register", {"EVENT_HANDLER": "@url"}, 400, "CODE_ERROR"),
    ("imbot.register", {"EVENT_HANDLER": "@url", "CODE": "x"}, 400, "NAME_ERROR"),
    ("imbot.register", {"EVENT_HANDLER": "@url", "EVENT_BOT_DELETE": "ftp://a.b"}, 400, "EVENT_BOT_DELETE_ERROR"),
    (
        "imbot.register",
        {"EVENT_HANDLER": "@url", "CODE": "x", "PROPERTIES": {"NAME": "X", "EMAIL": "boris@nordlicht.example"}},
        400,
        "WRONG_REQUEST",
    ),
    ("imbot.update", {}, 400, "WRONG_REQUEST"),
    ("imbot.update", {"FIELDS": {"EVENT_MESSAGE_UPDATE": "x"}}, 400, "EVENT_MESSAGE_UPDATE_ERROR"),
    ("imbot.update", {"FIELDS": {"EVENT_MESSAGE_DELETE": "x"}}, 400, "EVENT_MESSAGE_DELETE_ERROR"),
    ("imbot.update", {"FIELDS": {"EVENT_WELCOME_MESSAGE": "x"}}, 400, "EVENT_WELCOME_MESSAGE_ERROR"),
    ("imbot.update", {"BOT_ID": 2, "FIELDS": {"CODE": "y"}}, 400, "BOT_ID_ERROR"),
    ("imbot.unregister", {}, 400, "BOT_ID_ERROR"),
    ("imbot.command.register", {"COMMAND": "go"}, 400, "EVENT_COMMAND_ADD_ERROR"),
    ("imbot.command.register", {"COMMAND": "go", "EVENT_COMMAND_ADD": "x"}, 400, "EVENT_COMMAND_ADD_ERROR"),
    ("imbot.command.register", {"EVENT_COMMAND_ADD": "@url"}, 400, "COMMAND_ERROR"),
    ("imbot.command.register", {"EVENT_COMMAND_ADD": "@url", "COMMAND": "go"}, 400, "LANG_ERROR"),
    ("imbot.command.update", {}, 400, "COMMAND_ID_ERROR"),
    ("imbot.command.unregister", {"COMMAND_ID": 9}, 400, "COMMAND_ID_ERROR"),
    ("imbot.command.answer", {"COMMAND": "none", "MESSAGE_ID": 1, "MESSAGE": "x"}, 400, "COMMAND_ID_ERROR"),
    ("imbot.command.answer", {"COMMAND": "done"}, 400, "MESSAGE_ID_EMPTY"),
    ("imbot.command.answer", {"COMMAND": "done", "MESSAGE_ID": 1}, 400, "MESSAGE_EMPTY"),
    (
        "imbot.command.answer",
        {"COMMAND": "done", "MESSAGE_ID": 1, "MESSAGE": "x", "ATTACH": [{"NO": 1}]},
        400,
        "ATTACH_ERROR",
    ),
    (
        "imbot.command.answer",
        {"COMMAND": "done", "MESSAGE_ID": 1, "MESSAGE": "x", "KEYBOARD": "{"},
        400,
        "KEYBOARD_ERROR",
    ),
    ("imbot.command.answer", {"COMMAND": "done", "MESSAGE_ID": 1, "MESSAGE": "x", "MENU": "{"}, 400, "MENU_ERROR"),
]


@pytest.mark.parametrize(("method", "params", "status", "code"), REFUSED, ids=[f"{row[0]}-{row[3]}" for row in REFUSED])
async def test_each_refused_call_has_its_error(
    setup: Setup, method: str, params: dict[str, Any], status: int, code: str
) -> None:
    """Each call of a v1 bot is refused with its code and status; a webhook needs CLIENT_ID first."""
    client = setup.client()
    own = await client.result("imbot.chat.add", TITLE="Own", USERS=[2])
    foreign = await setup.client(2).result("im.chat.add", TITLE="Foreign", USERS=[3, setup.p.bots()[0].id])
    lang = [{"LANGUAGE_ID": "en", "TITLE": "Done"}]
    command = {"COMMAND": "done", "EVENT_COMMAND_ADD": setup.receiver.url, "LANG": lang}
    await client.result("imbot.command.register", command)
    message = await setup.client(2).result("im.message.add", DIALOG_ID="chat10", MESSAGE="x")
    names = {"@own": own, "@foreign": foreign, "@url": setup.receiver.url, "@foreign message": message}
    given = {name: names.get(value, value) if isinstance(value, str) else value for name, value in params.items()}
    assert await client.refusal(method, given) == (status, code)
    if method not in ("imbot.register", "imbot.command.register"):
        hook = setup.p.client(webhook=setup.p.webhook())
        assert await hook.refusal(method, given) in [(403, "ACCESS_DENIED"), (status, code)]


async def test_a_sixth_bot_is_too_many(setup: Setup) -> None:
    """The sixth first-generation bot of an application is MAX_COUNT_ERROR."""
    for number in range(4):
        await setup.v1_bot(f"b{number}")
    client, given = setup.client(), {"PROPERTIES": {"NAME": "B"}, "EVENT_HANDLER": setup.receiver.url}
    assert await client.refusal("imbot.register", given, CODE="sixth") == (400, "MAX_COUNT_ERROR")
    assert await client.result("imbot.register", given, CODE="b1") in [bot.id for bot in setup.p.bots()]


async def test_a_bot_likes_a_message(setup: Setup) -> None:
    """A bot likes a message once and removes the like; the other generation sees a reaction."""
    number = await setup.client(2).result("im.message.add", DIALOG_ID=setup.p.bots()[0].id, MESSAGE="x")
    client, target = setup.client(), {"MESSAGE_ID": number}
    assert await client.result("imbot.message.like", target, ACTION="plus") is True
    assert await client.refusal("imbot.message.like", target, ACTION="plus") == (400, "WITHOUT_CHANGES")
    assert setup.p.emulator.world.messenger.messages[number].reactions == ((setup.p.bots()[0].id, "like"),)
    assert await client.result("imbot.message.like", target) is True
    assert setup.p.emulator.world.messenger.messages[number].likes == ()


async def test_history_may_be_hidden(setup: Setup) -> None:
    """By default, added people see no earlier messages; JOINCHAT says whether a bot does."""
    client, bot = setup.client(), setup.p.bots()[0].id
    number = await client.result("imbot.chat.add", TITLE="T", USERS=[2], MESSAGE="Secret")
    await client.result("imbot.chat.user.add", CHAT_ID=number, USERS=[3])
    await client.result("imbot.chat.user.add", CHAT_ID=number, USERS=[4], HIDE_HISTORY="N")

    async def seen(user: int) -> list[str]:
        page = await setup.client(user).result("im.dialog.messages.get", DIALOG_ID=f"chat{number}")
        return [row["text"] for row in page["messages"]]

    assert "Secret" not in await seen(3)
    assert "Secret" in await seen(4)
    secret = setup.p.emulator.world.messenger.by_chat[number][0]
    assert await setup.client(3).refusal("im.message.like", MESSAGE_ID=secret) == (400, "WITHOUT_CHANGES")
    first = await setup.client(2).result("im.chat.add", TITLE="U", MESSAGE="x")
    for hide, access in (("Y", "0"), ("N", "1")):
        await setup.client(2).result("im.chat.user.add", CHAT_ID=first, USERS=[bot], HIDE_HISTORY=hide)
        event = await setup.receiver.wait_for("ONIMBOTJOINCHAT", times=1 + (hide == "N"))
        assert event["data"]["PARAMS"]["ACCESS_HISTORY"] == access
        await client.result("imbot.chat.leave", CHAT_ID=first)
