"""Chats, commands and small methods of all three generations over REST."""

from typing import Any

import pytest

from portal.testing import Setup


def members(setup: Setup, chat: int) -> tuple[int, ...]:
    """Return the members of a chat."""
    return setup.p.emulator.world.messenger.chats[chat].members


async def test_people_create_and_change_chats(setup: Setup) -> None:
    """A chat is created, found by its entity, joined and left; only its owner removes others."""
    anna, boris = setup.client(2), setup.client(3)
    given = {"TITLE": "Deal", "USERS": [3, 99], "ENTITY_TYPE": "CRM", "ENTITY_ID": "DEAL|42", "MESSAGE": "Welcome"}
    chat = await anna.result("im.chat.add", given)
    assert members(setup, chat) == (2, 3)
    assert await anna.result("im.chat.get", ENTITY_TYPE="CRM", ENTITY_ID="DEAL|42") == {"ID": chat}
    assert await anna.result("im.chat.get", ENTITY_TYPE="CRM", ENTITY_ID="DEAL|1") is None
    assert await anna.result("im.chat.user.add", CHAT_ID=chat, USERS=[4, 5]) is True
    assert await anna.refusal("im.chat.user.add", CHAT_ID=chat, USERS=[99]) == (400, "WRONG_REQUEST")
    assert await boris.refusal("im.chat.user.delete", CHAT_ID=chat, USER_ID=4) == (403, "ACCESS_DENIED_KICK")
    assert await anna.refusal("im.chat.user.delete", CHAT_ID=chat) == (400, "USER_ID_EMPTY")
    assert await anna.refusal("im.chat.user.delete", CHAT_ID=chat, USER_ID=6) == (400, "USER_NOT_FOUND")
    assert await anna.result("im.chat.user.delete", CHAT_ID=chat, USER_ID=4) is True
    assert await boris.result("im.chat.leave", CHAT_ID=chat) is True
    assert await anna.result("im.chat.user.list", CHAT_ID=chat) == [2, 5]
    assert await boris.refusal("im.chat.user.list", CHAT_ID=chat) == (403, "ACCESS_ERROR")
    assert await anna.refusal("im.chat.user.list") == (400, "CHAT_ID_EMPTY")
    _, users = await anna.call("im.dialog.users.list", DIALOG_ID=f"chat{chat}")
    assert ([user["id"] for user in users["result"]], users["total"]) == ([2, 5], 2)
    assert [row["name"] for row in await anna.result("im.search.chat.list", FIND="dea")] == ["Deal"]


async def test_reading_a_dialog(setup: Setup) -> None:
    """Messages come newest first, can be paged in both directions, and are unread until read."""
    anna, boris = setup.client(2), setup.client(3)
    numbers = [await anna.result("im.message.add", DIALOG_ID=3, MESSAGE=str(n)) for n in range(5)]

    async def texts(**paging: Any) -> list[str]:
        page = await boris.result("im.dialog.messages.get", DIALOG_ID=2, **paging)
        return [row["text"] for row in page["messages"]]

    assert await texts(LIMIT=2) == ["4", "3"]
    assert await texts(LIMIT=2, LAST_ID=numbers[3]) == ["2", "1"]
    assert await texts(LIMIT=2, FIRST_ID=numbers[0]) == ["2", "1"]
    assert await boris.refusal("im.dialog.messages.get", DIALOG_ID=2, LAST_ID="x") == (400, "LAST_ID_STRING")
    assert await boris.refusal("im.dialog.messages.get") == (400, "DIALOG_ID_EMPTY")
    assert (await boris.result("im.dialog.get", DIALOG_ID=2))["counter"] == 5
    assert (await boris.result("im.dialog.read", DIALOG_ID=2, MESSAGE_ID=numbers[1]))["counter"] == 3
    assert (await boris.result("im.dialog.read", DIALOG_ID=2))["counter"] == 0
    assert await boris.result("im.dialog.writing", DIALOG_ID=2) is True
    shown = await boris.result("im.dialog.get", DIALOG_ID=2)
    assert (shown["name"], shown["type"], shown["dialog_id"], shown["message_type"]) == (
        "Anna Petrova",
        "private",
        "2",
        "P",
    )


async def test_likes_and_replies(setup: Setup) -> None:
    """A like is set once and removed; a reply needs the same chat; a v2 bot gets reactions."""
    bot, anna = await setup.v2_bot(), setup.client(2)
    sent = {"botId": bot, "dialogId": "2", "fields": {"message": "x"}}
    number = (await setup.client().result("imbot.v2.Chat.Message.send", sent))["id"]
    assert await anna.result("im.message.like", MESSAGE_ID=number) is True
    assert await anna.refusal("im.message.like", MESSAGE_ID=number, ACTION="plus") == (400, "WITHOUT_CHANGES")
    assert await anna.result("im.message.like", MESSAGE_ID=number, ACTION="minus") is True
    received = [await setup.receiver.wait_for("ONIMBOTV2REACTIONCHANGE", times=n) for n in (1, 2)]
    assert [(event["data"]["reaction"], event["data"]["action"]) for event in received] == [
        ("like", "add"),
        ("like", "delete"),
    ]
    reply = await anna.result("im.message.add", DIALOG_ID=bot, MESSAGE="y", REPLY_ID=number)
    assert setup.p.emulator.world.messenger.messages[reply].reply_to == number
    wrong = {"DIALOG_ID": "chat10", "MESSAGE": "y", "REPLY_ID": number}
    assert await anna.refusal("im.message.add", wrong) == (403, "REPLY_FROM_OTHER_CHAT_ERROR")
    assert await anna.refusal("im.message.like") == (400, "MESSAGE_ID_ERROR")


async def test_im_message_command_works_like_a_button(setup: Setup) -> None:
    """im.message.command works like a pressed button and reports missing parameters."""
    bot, anna = await setup.v2_bot(), setup.client(2)
    fields = {"command": "/go", "title": {"en": "Go"}}
    made = await setup.client().result("imbot.v2.Command.register", botId=bot, fields=fields)
    sent = {"botId": bot, "dialogId": "2", "fields": {"message": "x"}}
    number = (await setup.client().result("imbot.v2.Chat.Message.send", sent))["id"]
    press = {"MESSAGE_ID": number, "BOT_ID": bot, "COMMAND": "go", "COMMAND_PARAMS": "1"}
    assert await anna.result("im.message.command", press) is True
    received = await setup.receiver.wait_for("ONIMBOTV2COMMANDADD")
    assert received["data"]["command"] == {
        "id": str(made["command"]["id"]),
        "command": "/go",
        "params": "1",
        "context": "keyboard",
    }
    for missing, code in (("MESSAGE_ID", "MESSAGE_ID_ERROR"), ("BOT_ID", "BOT_ID_ERROR"), ("COMMAND", "COMMAND_ERROR")):
        assert await anna.refusal("im.message.command", {**press, missing: ""}) == (400, code)
    assert await anna.refusal("im.message.command", {**press, "COMMAND": "none"}) == (400, "PARAMS_ERROR")


async def test_a_v2_bot_manages_its_chats(setup: Setup) -> None:
    """A bot creates, renames, fills and leaves its chats; `users` instead of `userIds` is ignored."""
    client, bot = setup.client(), await setup.v2_bot()
    family = "imbot.v2.Chat"
    made = await client.result(
        f"{family}.add", botId=bot, fields={"title": "T", "users": [3], "userIds": [2], "message": "m"}
    )
    chat = made["chat"]["id"]
    target = {"botId": bot, "dialogId": f"chat{chat}"}
    assert (members(setup, chat), made["chat"]["role"], made["chat"]["name"]) == ((bot, 2), "owner", "T")
    await client.result(f"{family}.update", target, fields={"title": "New"})
    await client.result(f"{family}.User.add", target, userIds=[3, 99])
    await client.result(f"{family}.User.delete", target, userId=2)
    assert [user["id"] for user in await client.result(f"{family}.User.list", target)] == [bot, 3]
    assert (await client.result(f"{family}.get", target))["chat"]["name"] == "New"
    assert await client.result(f"{family}.InputAction.notify", target, duration=60) == {"result": True}
    number = await setup.client(3).result("im.message.add", DIALOG_ID=f"chat{chat}", MESSAGE="read me")
    read = await client.result(f"{family}.Message.read", target)
    assert (read["lastId"], read["counter"]) == (number, 0)
    assert await client.refusal(f"{family}.Message.read", target, messageId=99) == (400, "MESSAGE_NOT_FOUND")
    await client.result(f"{family}.Message.delete", botId=bot, messageId=number)
    await client.result(f"{family}.leave", target)
    for method in ("get", "leave", "User.list", "InputAction.notify"):
        assert await client.refusal(f"{family}.{method}", target) == (400, "ACCESS_DENIED")
    foreign = {"botId": bot, "dialogId": "chat10"}
    assert await client.refusal(f"{family}.User.add", foreign, userIds=[3]) == (400, "ACCESS_DENIED")
    assert await client.refusal(f"{family}.get", botId=bot, dialogId="2") == (400, "ACCESS_DENIED")


async def test_a_v1_bot_manages_its_chats(setup: Setup) -> None:
    """A bot creates a chat, lists its members, types and leaves."""
    client, bot = setup.client(), await setup.v1_bot()
    chat = await client.result("imbot.chat.add", TITLE="T", USERS=[2, 3], MESSAGE="hello")
    assert await client.result("imbot.chat.user.list", CHAT_ID=chat) == [bot, 2, 3]
    assert (await client.result("imbot.dialog.get", DIALOG_ID=f"chat{chat}"))["owner"] == bot
    assert await client.result("imbot.chat.sendTyping", DIALOG_ID=f"chat{chat}") is True
    assert await client.result("imbot.chat.leave", CHAT_ID=chat) is True
    assert await client.refusal("imbot.chat.user.list", CHAT_ID=chat) == (403, "ACCESS_ERROR")
    assert await client.refusal("imbot.dialog.get", DIALOG_ID=f"chat{chat}") == (403, "ACCESS_ERROR")
    assert await client.refusal("imbot.dialog.get") == (400, "DIALOG_ID_EMPTY")
    assert await client.refusal("imbot.chat.leave") == (400, "CHAT_ID_EMPTY")
    assert await client.refusal("imbot.chat.add", USERS="2") == (400, "INVALID_FORMAT")


async def test_v1_messages_are_changed_and_deleted(setup: Setup) -> None:
    """N removes objects, an empty text deletes, COMPLETE leaves no note; system messages name the bot."""
    client, bot = setup.client(), await setup.v1_bot()
    messages = setup.p.emulator.world.messenger.messages
    keyboard = {"BUTTONS": [{"TEXT": "a", "COMMAND": "b"}]}
    first = await client.result("imbot.message.add", DIALOG_ID=2, MESSAGE="x", KEYBOARD=keyboard)
    assert (messages[first].keyboard or [{}])[0]["BOT_ID"] == bot
    await client.result("imbot.message.update", MESSAGE_ID=first, KEYBOARD="N")
    assert messages[first].keyboard is None
    assert await client.refusal("imbot.message.update", MESSAGE_ID=first, MENU="{") == (400, "MENU_ERROR")
    await client.result("imbot.message.update", MESSAGE_ID=first, MESSAGE="")
    assert messages[first].deleted
    second = await client.result("imbot.message.add", DIALOG_ID=2, MESSAGE="x")
    await client.result("imbot.message.delete", MESSAGE_ID=second, COMPLETE="Y")
    assert second not in messages
    assert await client.refusal("imbot.message.delete", MESSAGE_ID=second) == (403, "CANT_EDIT_MESSAGE")
    line = await client.result("imbot.message.add", DIALOG_ID="chat10", MESSAGE="x", SYSTEM="Y")
    assert (messages[line].author, messages[line].text) == (0, "Old bot:\nx")
    between = await client.result("imbot.message.add", FROM_USER_ID=2, TO_USER_ID=3, MESSAGE="x")
    assert setup.p.emulator.world.messenger.chats[messages[between].chat].members == (2, 3)


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("EVENT_HANDLER", "EVENT_MESSAGE_ADD_ERROR"),
        ("CODE", "CODE_ERROR"),
        ("PROPERTIES", "NAME_ERROR"),
    ],
)
async def test_registering_a_v1_bot_checks_its_parameters(setup: Setup, missing: str, code: str) -> None:
    """Registering reports missing parameters, and a handler must be an address."""
    given = {"CODE": "c", "PROPERTIES": {"NAME": "n"}, "EVENT_HANDLER": setup.receiver.url}
    assert await setup.client().refusal("imbot.register", {**given, missing: ""}) == (400, code)
    wrong = {**given, "EVENT_BOT_DELETE": "http://localhost/x"}
    assert await setup.client().refusal("imbot.register", wrong) == (400, "EVENT_BOT_DELETE_ERROR")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": ""}, "BOT_CODE_REQUIRED"),
        ({"properties": {}}, "BOT_PROPERTIES_REQUIRED"),
        ({"type": "human"}, "BOT_INVALID_TYPE"),
        ({"eventMode": "mail"}, "BOT_INVALID_EVENT_MODE"),
        ({"eventMode": "webhook"}, "BOT_WEBHOOK_URL_REQUIRED"),
        ({"webhookUrl": "ftp://x.example"}, "BOT_INVALID_CALLBACK"),
        ({"botToken": "t" * 41}, "BOT_TOKEN_INVALID_LENGTH"),
    ],
    ids=str,
)
async def test_registering_a_v2_bot_checks_its_fields(setup: Setup, changes: dict[str, Any], code: str) -> None:
    """Each wrong field has its own error."""
    fields = {"code": "c", "properties": {"name": "n"}, **changes}
    assert await setup.client().refusal("imbot.v2.Bot.register", fields=fields) == (400, code)


async def test_a_v2_bot_is_changed(setup: Setup) -> None:
    """Name, mode and flags change, code and type stay; a webhook's bot gets a new token with the old one."""
    client, bot = setup.client(), await setup.v2_bot()
    fields = {"properties": {"name": "Renamed"}, "eventMode": "fetch", "isHidden": "Y", "type": "supervisor"}
    shown = await client.result("imbot.v2.Bot.update", botId=bot, fields=fields)
    assert (shown["bot"]["eventMode"], shown["bot"]["isHidden"], shown["bot"]["type"]) == ("fetch", True, "bot")
    assert shown["users"][0]["name"] == "Renamed"
    listed = await client.result("imbot.v2.Bot.list", filter={"type": "bot"}, limit=1)
    assert (len(listed["bots"]), listed["hasNextPage"]) == (1, False)
    assert (await client.result("imbot.v2.Bot.list", filter={"type": "none"}))["bots"] == []
    hook = setup.p.client(webhook=setup.p.webhook())
    made = await hook.result(
        "imbot.v2.Bot.register", fields={"code": "w", "botToken": "t1", "properties": {"name": "n"}}
    )
    own = {"botId": made["bot"]["id"], "botToken": "t1"}
    await hook.result("imbot.v2.Bot.update", own, fields={"botToken": "t2"})
    assert await hook.refusal("imbot.v2.Event.get", own) == (400, "BOT_OWNERSHIP_ERROR")
    assert (await hook.result("imbot.v2.Event.get", {**own, "botToken": "t2"}))["events"] == []
    assert await client.refusal("imbot.v2.Bot.get") == (400, "PARAMS_REQUIRED")
    assert await client.refusal("imbot.v2.Bot.get", code="none") == (400, "BOT_NOT_FOUND")


async def test_v2_commands(setup: Setup) -> None:
    """Commands are registered once, listed in the caller's language, changed and removed."""
    client, bot, family = setup.client(2), await setup.v2_bot(), "imbot.v2.Command"
    fields = {"command": "/post", "title": {"en": "Publish", "ru": "Опубликовать"}, "params": {"en": "text"}}
    made = (await client.result(f"{family}.register", botId=bot, fields=fields))["command"]
    again = await client.result(f"{family}.register", botId=bot, command="post", title={"en": "Other"})
    assert (again["command"], made["command"]) == (made, "/post")
    (row,) = (await client.result(f"{family}.list", botId=bot))["commands"]
    assert (row["title"], row["params"]) == ("Опубликовать", "text")
    target = {"botId": bot, "commandId": made["id"]}
    await client.result(f"{family}.update", target, fields={"title": {"ru": None}, "common": True})
    (row,) = (await client.result(f"{family}.list", botId=bot))["commands"]
    assert (row["title"], row["common"]) == ("Publish", True)
    await client.result(f"{family}.register", botId=bot, fields={"command": "quiet", "hidden": True})
    for name, code in (
        (" ", "COMMAND_NAME_EMPTY"),
        ("a b", "COMMAND_NAME_INVALID"),
        ("quiet", "COMMAND_ALREADY_EXISTS"),
    ):
        assert await client.refusal(f"{family}.update", target, fields={"command": name}) == (400, code)
    for given, code in (
        ({}, "COMMAND_REQUIRED"),
        ({"command": "a b"}, "COMMAND_NAME_INVALID"),
        ({"command": "a"}, "COMMAND_TITLE_REQUIRED"),
    ):
        assert await client.refusal(f"{family}.register", botId=bot, fields=given) == (400, code)
    assert await client.result(f"{family}.unregister", target) == {"result": True}
    assert await client.refusal(f"{family}.unregister", target) == (400, "COMMAND_NOT_FOUND")


async def test_v1_commands(setup: Setup) -> None:
    """Commands are registered once, and changed and removed only by their application."""
    client, bot, family = setup.client(), await setup.v1_bot(), "imbot.command"
    lang = [{"LANGUAGE_ID": "EN", "TITLE": "Publish", "PARAMS": "text"}]
    given = {"BOT_ID": bot, "COMMAND": "/post", "EVENT_COMMAND_ADD": setup.receiver.url, "LANG": lang}
    number = await client.result(f"{family}.register", given)
    assert await client.result(f"{family}.register", given) == number
    for missing, code in (
        ("EVENT_COMMAND_ADD", "EVENT_COMMAND_ADD_ERROR"),
        ("COMMAND", "COMMAND_ERROR"),
        ("LANG", "LANG_ERROR"),
    ):
        assert await client.refusal(f"{family}.register", {**given, missing: ""}) == (400, code)
    changed = {"COMMAND": "news", "HIDDEN": "Y", "EVENT_COMMAND_ADD": f"{setup.receiver.url}/2"}
    assert await client.result(f"{family}.update", COMMAND_ID=number, FIELDS=changed) is True
    stored = setup.p.emulator.world.bots.commands[number]
    assert (stored.name, stored.hidden, stored.titles) == ("news", True, {"en": "Publish"})
    assert await client.refusal(f"{family}.update", COMMAND_ID=number) == (400, "WRONG_REQUEST")
    hook = setup.p.client(webhook=setup.p.webhook())
    assert await hook.refusal(f"{family}.unregister", COMMAND_ID=number, CLIENT_ID="x") == (400, "APP_ID_ERROR")
    answer = {"COMMAND": "news", "MESSAGE_ID": 1, "MESSAGE": "x"}
    assert await client.refusal(f"{family}.answer", {**answer, "MESSAGE_ID": ""}) == (400, "MESSAGE_ID_EMPTY")
    assert await client.refusal(f"{family}.answer", {**answer, "MESSAGE": ""}) == (400, "MESSAGE_EMPTY")
    assert await client.result(f"{family}.answer", answer) is True
    assert await client.result(f"{family}.unregister", COMMAND_ID=number) is True
    assert await client.refusal(f"{family}.answer", answer) == (400, "COMMAND_ID_ERROR")


async def test_time_scopes_methods_and_users_have_their_shapes(setup: Setup) -> None:
    """Time, scopes, methods and users have the documented shapes."""
    client = setup.client(2)
    assert await client.result("server.time") == "2026-09-21T16:13:20+02:00"
    assert await client.result("user.admin") is False
    assert "im" in await client.result("scope")
    assert "profile" in await client.result("methods")
    assert set(await client.result("methods", scope="log")) >= {"log.blogpost.add"}
    assert await client.result("method.get", name="Profile") == {"isExisting": False, "isAvailable": False}
    assert await client.result("feature.get", CODE="rest_offline_extended") == {"value": "Y"}
    assert await client.refusal("feature.get") == (400, "CODE_EMPTY")
    assert "ONLIVEFEEDPOSTADD" in await client.result("events", scope="log")
    assert (await client.result("user.current"))["NAME"] == "Anna"
    assert (await client.result("im.user.get"))["id"] == 2
    assert await client.refusal("im.user.get", ID=77) == (400, "USER_NOT_EXISTS")
    assert set(await client.result("im.user.list.get", ID=[1, 77])) == {"1", "77"}
    assert await client.refusal("im.user.list.get", ID=1) == (400, "INVALID_FORMAT")
    assert [row["GROUP_ID"] for row in await client.result("sonet_group.user.groups")] == ["7"]
    assert [row["ROLE"] for row in await client.result("sonet_group.user.get", ID=7)] == ["A", "K", "K"]
    assert (await client.result("crm.contact.get", id=5))["LAST_NAME"] == "Dahl"
    assert (await client.result("im.revision.get"))["rest"] > 0
    status, body = await client.form("user.get", {"FILTER": {"ACTIVE": "true", "!ID": ["1", "2"]}, "order": "DESC"})
    assert (status, [row["ID"] for row in body["result"]]) == (200, ["6", "5", "4", "3"])
