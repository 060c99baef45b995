"""Events and answers of bots have exactly the documented keys."""

from typing import Any

import pytest

from portal.testing import Setup


def words(text: str) -> set[str]:
    """Return the words of a text."""
    return set(text.split())


TOKENS = words(
    """
    access_token expires expires_in scope domain server_endpoint status client_endpoint member_id refresh_token
    user_id client_id application_token
    """
)
AUTH = TOKENS - {"client_id"}
SHARED = words(
    """
    MESSAGE TEMPLATE_ID MESSAGE_TYPE FROM_USER_ID DIALOG_ID TO_CHAT_ID AUTHOR_ID SYSTEM TO_USER_ID PUSH
    PUSH_IMPORTANT RECENT_SKIP_AUTHOR CONVERT SKIP_COMMAND SKIP_COUNTER_INCREMENTS SILENT_CONNECTOR SKIP_CONNECTOR
    IMPORTANT_CONNECTOR NO_SESSION_OL FAKE_RELATION SKIP_URL_INDEX MESSAGE_ID CHAT_TYPE LANGUAGE
    """
)
WRITTEN = {"COMMAND_CONTEXT", "CHAT_USER_COUNT", "PLATFORM_CONTEXT"}
GROUP = words(
    """
    CHAT_ID CHAT_TITLE CHAT_AUTHOR_ID CHAT_AVATAR CHAT_COLOR CHAT_ENTITY_TYPE CHAT_ENTITY_ID CHAT_ENTITY_DATA_1
    CHAT_ENTITY_DATA_2 CHAT_ENTITY_DATA_3 CHAT_EXTRANET CHAT_PREV_MESSAGE_ID CHAT_CAN_POST RID IS_MANAGER
    """
)
CHANGED = words(
    """
    ID CHAT_ID AUTHOR_ID MESSAGE MESSAGE_TYPE CHAT_AUTHOR_ID CHAT_ENTITY_ID CHAT_ENTITY_DATA_1 CHAT_ENTITY_DATA_2
    CHAT_ENTITY_DATA_3 DIALOG_ID MESSAGE_ID CHAT_TYPE LANGUAGE
    """
)
PAIR, EDIT = {"FROM_USER_ID", "TO_USER_ID"}, {"CHAT_USER_COUNT", "PLATFORM_CONTEXT"}
UNFILTERED = {"SKIP_USER_CHECK", "RECENT_ADD", "BOT_IN_CHAT", "CHAT_PARENT_ID", "CHAT_PARENT_MID"}
USER = {"ID", "NAME", "FIRST_NAME", "LAST_NAME", "WORK_POSITION", "GENDER"}
MARKS = {"IS_BOT", "IS_CONNECTOR", "IS_NETWORK", "IS_EXTRANET"}

BOT = words(
    """
    id code type isHidden isSupportOpenline isReactionsEnabled backgroundId language
    """
)
OWN_BOT = BOT | words(
    """
    moduleId eventMode countMessage countCommand countChat countUser
    """
)
PERSON = words(
    """
    id active name firstName lastName workPosition color avatar gender birthday extranet bot connector
    externalAuthId status idle lastActivityDate mobileLastDate desktopLastDate absent departments phones website
    email type
    """
)
MESSAGE = words(
    """
    id chatId authorId date text isSystem uuid forward params viewedByOthers
    """
)
PLACE = words(
    """
    id dialogId type name entityType owner avatar color
    """
)
CHAT = PLACE | words(
    """
    messageType description extranet containsCollaber entityId entityData1 entityData2 entityData3 entityLink
    diskFolderId role permissions muteList parentChatId parentMessageId isNew textFieldEnabled backgroundId
    dateCreate lastMessageId lastMessageViews lastId managerList markedId messageCount public unreadId userCounter
    """
)
FILE = words(
    """
    id chatId date type name extension size image authorId authorName isTranscribable isVideoNote isVoiceNote
    """
)


async def v1_bot(setup: Setup) -> int:
    """Register a first-generation bot with all handlers and a command, also in chat11."""
    bot, client = await setup.v1_bot(), setup.client()
    later = {"EVENT_MESSAGE_UPDATE": setup.receiver.url, "EVENT_MESSAGE_DELETE": setup.receiver.url}
    await client.result("imbot.update", BOT_ID=bot, FIELDS=later)
    lang = [{"LANGUAGE_ID": "en", "TITLE": "Say", "PARAMS": "words"}]
    command = {"BOT_ID": bot, "COMMAND": "say", "LANG": lang, "EVENT_COMMAND_ADD": setup.receiver.url}
    assert await client.result("imbot.command.register", command) > 0
    await setup.client(2).result("im.chat.user.add", CHAT_ID=11, USERS=[bot])
    return bot


async def test_v1_events_in_private(setup: Setup) -> None:
    """MESSAGEADD, -UPDATE, -DELETE and COMMANDADD of a private dialog have exactly the documented keys."""
    bot, anna = await v1_bot(setup), setup.p.person(2)
    number = await anna.says("Hello", dialog=str(bot))
    await anna.edits(number, "Hello again")
    await anna.deletes(number)
    await anna.says("/say it", dialog=str(bot))
    expected = {
        "ONIMBOTMESSAGEADD": SHARED | WRITTEN,
        "ONIMBOTMESSAGEUPDATE": CHANGED | PAIR | EDIT,
        "ONIMBOTMESSAGEDELETE": CHANGED | PAIR,
        "ONIMCOMMANDADD": SHARED | UNFILTERED,
    }
    for name, keys in expected.items():
        event = await setup.receiver.wait_for(name)
        assert event.keys() == {"event", "event_handler_id", "data", "ts", "auth"}, name
        assert event["data"]["PARAMS"].keys() == keys, name
        assert event["auth"].keys() == AUTH, name
        assert event["auth"]["user_id"] == "2", name
        assert event["data"]["USER"].keys() == (USER if name == "ONIMCOMMANDADD" else USER | MARKS), name
    whole = (await setup.receiver.wait_for("ONIMBOTMESSAGEADD"))["data"]["BOT"][str(bot)]
    assert whole.keys() == TOKENS | {"AUTH", "BOT_ID", "BOT_CODE"}
    assert whole["AUTH"].keys() == TOKENS
    assert (whole["user_id"], whole["BOT_ID"], whole["BOT_CODE"]) == (str(bot), str(bot), "old")
    (called,) = (await setup.receiver.wait_for("ONIMCOMMANDADD"))["data"]["COMMAND"].values()
    own = {"COMMAND", "COMMAND_ID", "COMMAND_PARAMS", "COMMAND_CONTEXT", "MESSAGE_ID"}
    assert called.keys() == TOKENS | {"AUTH", "BOT_ID", "BOT_CODE"} | own
    assert (called["COMMAND"], called["COMMAND_PARAMS"], called["COMMAND_CONTEXT"]) == ("say", "it", "TEXTAREA")


async def test_v1_events_in_a_group(setup: Setup) -> None:
    """In a group, the chat is described and the mention is removed; edits and deletions have no USER."""
    bot, anna = await v1_bot(setup), setup.p.person(2)
    number = await anna.mentions(bot, "how are you?", dialog="chat11")
    await anna.edits(number, f"[USER={bot}]Old bot[/USER], where?")
    await anna.deletes(number)
    added = (await setup.receiver.wait_for("ONIMBOTMESSAGEADD"))["data"]
    assert added["PARAMS"].keys() == SHARED | WRITTEN | GROUP | {"MENTIONED_LIST", "MESSAGE_ORIGINAL"}
    assert (added["PARAMS"]["MESSAGE"], added["PARAMS"]["MENTIONED_LIST"]) == ("how are you?", {str(bot): str(bot)})
    changed = (await setup.receiver.wait_for("ONIMBOTMESSAGEUPDATE"))["data"]
    grouped = {"MENTIONED_LIST", "MESSAGE_ORIGINAL", "CHAT_ENTITY_TYPE", "TO_USER_ID"}
    assert changed["PARAMS"].keys() == CHANGED | EDIT | grouped
    assert changed["PARAMS"]["MESSAGE"] == "where?"
    deleted = (await setup.receiver.wait_for("ONIMBOTMESSAGEDELETE"))["data"]
    assert deleted["PARAMS"].keys() == CHANGED | {"CHAT_ENTITY_TYPE"}
    assert ("USER" in changed, "USER" in deleted, "USER" in added) == (False, False, True)


async def test_v1_events_of_joining_and_unregistering(setup: Setup) -> None:
    """JOINCHAT differs between dialog and group and has no refresh_token; BOTDELETE has only id and code."""
    bot = await v1_bot(setup)
    await setup.p.person(3).opens(str(bot))
    group, private = [(await setup.receiver.wait_for("ONIMBOTJOINCHAT", times=n)) for n in (1, 2)]
    both = {"CHAT_TYPE", "MESSAGE_TYPE", "BOT_ID", "USER_ID", "DIALOG_ID", "LANGUAGE"}
    assert private["data"]["PARAMS"].keys() == both | {"TO_USER_ID", "FROM_USER_ID"}
    chat = {"CHAT_ID", "CHAT_AUTHOR_ID", "CHAT_ENTITY_TYPE", "CHAT_ENTITY_ID", "ACCESS_HISTORY"}
    assert group["data"]["PARAMS"].keys() == both | chat
    assert private["data"]["USER"].keys() == USER
    assert private["auth"].keys() == AUTH - {"refresh_token"}
    await setup.client().result("imbot.unregister", BOT_ID=bot)
    deleted = await setup.receiver.wait_for("ONIMBOTDELETE")
    assert deleted["data"] == {"BOT_ID": str(bot), "BOT_CODE": "old"}
    assert deleted["auth"].keys() == AUTH - {"refresh_token"}


V2 = [
    ("MESSAGEADD", {"message", "chat", "user", "language"}),
    ("MESSAGEUPDATE", {"message", "chat", "user", "language"}),
    ("MESSAGEDELETE", {"messageId", "chat", "user", "language"}),
    ("COMMANDADD", {"command", "message", "chat", "user", "language"}),
    ("JOINCHAT", {"dialogId", "chat", "user", "language"}),
    ("REACTIONCHANGE", {"reaction", "action", "message", "chat", "user", "language"}),
    ("CONTEXTGET", {"dialogId", "context", "chat", "user", "language"}),
    ("DELETE", set()),
]


@pytest.mark.parametrize("mode", ["webhook", "fetch"])
async def test_v2_events(setup: Setup, mode: str) -> None:
    """All eight events have the documented keys: pushed ones with tokens, fetched ones with the whole bot."""
    push = {} if mode == "webhook" else {"eventMode": "fetch"}
    bot, client, anna = await setup.v2_bot(**push), setup.client(), setup.p.person(2)
    command = {"command": "say", "title": {"en": "Say"}}
    await client.result("imbot.v2.Command.register", botId=bot, fields=command)
    number = await anna.says("Hello", dialog=str(bot))
    await anna.edits(number, "Hello again")
    await anna.deletes(number)
    await anna.says("/say it", dialog=str(bot))
    sent = {"botId": bot, "dialogId": "2", "fields": {"message": "x"}}
    await anna.reacts((await client.result("imbot.v2.Chat.Message.send", sent))["id"])
    context = {"dialogId": str(bot), "context": {"from": "mail"}}
    await setup.client(2).result("im.v2.Chat.Bot.sendContext", context)
    page = await client.result("imbot.v2.Event.get", botId=bot)
    events = {event["type"]: event["data"] for event in page["events"]}
    await client.result("imbot.v2.Bot.unregister", botId=bot)
    if mode == "webhook":
        await setup.receiver.wait_for("ONIMBOTV2DELETE")
        events |= {event["event"]: event["data"] for event in setup.receiver.events}
    for name, keys in V2 if mode == "webhook" else V2[:-1]:
        data = events[f"ONIMBOTV2{name}"]
        assert data.keys() == keys | {"bot"}, name
        assert data["bot"].keys() == ({"id", "code", "auth"} if mode == "webhook" else OWN_BOT), name
        for part, inner in (("message", MESSAGE), ("chat", PLACE), ("user", PERSON)):
            shown = data.get(part, dict.fromkeys(inner))
            lost = {"params", "departments"} if mode == "webhook" else set()
            assert inner - lost <= shown.keys() <= inner, (name, part)
    assert events["ONIMBOTV2COMMANDADD"]["command"].keys() == {"id", "command", "params", "context"}


async def test_v2_answers(setup: Setup) -> None:
    """Bots, chats, users, files, commands and messages in answers have the documented keys."""
    client = setup.client()
    given = {"code": "help", "properties": {"name": "Help bot", "workPosition": "Answers"}, "eventMode": "fetch"}
    made = await client.result("imbot.v2.Bot.register", fields=given)
    assert (made["bot"].keys(), made["users"][0].keys()) == (OWN_BOT, PERSON)
    assert await client.result("imbot.v2.Bot.register", fields={**given, "isHidden": True}) == made
    bot = made["bot"]["id"]
    hook = setup.p.client(webhook=setup.p.webhook())
    assert (await hook.result("imbot.v2.Bot.get", botId=bot, botToken="t"))["bot"].keys() == BOT
    chat = await client.result("imbot.v2.Chat.add", botId=bot, fields={"title": "Ideas", "userIds": [2]})
    assert (chat.keys(), chat["chat"].keys()) == ({"chat", "users"}, CHAT)
    place = {"botId": bot, "dialogId": chat["chat"]["dialogId"]}
    assert (await client.result("imbot.v2.Chat.get", place))["chat"].keys() == CHAT
    assert [row.keys() for row in await client.result("imbot.v2.Chat.User.list", place)] == [PERSON, PERSON]
    keyboard = [{"TEXT": "Open", "LINK": "https://nordlicht.example/", "BG_COLOR_TOKEN": "primary"}]
    attach = [{"USER": {"NAME": "Olga"}}, {"DELIMITER": {"SIZE": 100}}, {"GRID": [{"NAME": "A", "VALUE": "1"}]}]
    sent = {"message": "See", "keyboard": keyboard, "attach": attach}
    assert (await client.result("imbot.v2.Chat.Message.send", place, fields=sent)).keys() == {"id", "uuidMap"}
    file = await client.result("imbot.v2.File.upload", place, fields={"name": "a.pdf", "content": "YWJj"})
    assert (file.keys(), file["file"].keys()) == ({"file", "messageId", "chatId", "dialogId"}, FILE)


async def test_v2_answers_about_commands(setup: Setup) -> None:
    """A command has its slash; the list has texts in the caller's language."""
    client, bot = setup.client(), await setup.v2_bot()
    command = {"command": "ask", "title": {"en": "Ask", "de": "Fragen"}, "params": {"en": "what", "de": "was"}}
    known = (await client.result("imbot.v2.Command.register", botId=bot, fields=command))["command"]
    short = {"id", "botId", "command", "common", "hidden", "extranetSupport"}
    assert (known.keys(), known["command"]) == (short, "/ask")
    (row,) = (await client.result("imbot.v2.Command.list", botId=bot))["commands"]
    assert row.keys() == short | {"title", "params", "category", "context"}
    number = await setup.p.person(2).says("/ask me", dialog=str(bot))
    target = {
        "botId": bot,
        "dialogId": "2",
        "commandId": known["id"],
        "messageId": number,
        "fields": {"message": "Here"},
    }
    assert await client.result("imbot.v2.Command.answer", target) == {"result": True}


async def test_v1_answers(setup: Setup) -> None:
    """Registering returns numbers, and imbot.bot.list returns all bots of the portal by id."""
    client, bot = setup.client(), await v1_bot(setup)
    other = await setup.v2_bot("other")
    rows = await client.result("imbot.bot.list")
    assert rows[str(bot)] == {"ID": bot, "NAME": "Old bot", "CODE": "old", "OPENLINE": "N"}
    assert rows.keys() == {str(bot), str(other)}
    given: dict[str, Any] = {"DIALOG_ID": "chat11", "MESSAGE": "Hello", "SYSTEM": "N", "URL_PREVIEW": "Y"}
    number = await client.result("imbot.message.add", given, BOT_ID=bot)
    assert number > 0
    assert await client.result("imbot.message.update", BOT_ID=bot, MESSAGE_ID=number, MESSAGE="Bye") is True
    assert await client.result("imbot.message.delete", BOT_ID=bot, MESSAGE_ID=number, COMPLETE="Y") is True
    assert number not in setup.p.emulator.world.messenger.messages
