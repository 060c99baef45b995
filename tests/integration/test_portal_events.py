"""Events of bots: receivers, form and tokens."""

from typing import Any
from urllib.parse import unquote_plus

from portal.testing import Setup

NOW = 1_790_000_000
TOKENS = {"access_token", "expires", "expires_in", "scope", "domain", "server_endpoint", "status", "client_endpoint"}
TOKENS |= {"member_id", "user_id", "application_token"}


async def command_v1(setup: Setup, bot: int, name: str = "post", **more: Any) -> int:
    """Register a command of a v1 bot."""
    given = {"BOT_ID": bot, "COMMAND": name, "EVENT_COMMAND_ADD": setup.receiver.url, **more}
    return int(await setup.client().result("imbot.command.register", given, LANG=[{"LANGUAGE_ID": "en", "TITLE": "t"}]))


async def command_v2(setup: Setup, bot: int, name: str = "post", **more: Any) -> int:
    """Register a command of a v2 bot."""
    fields = {"command": name, "title": {"en": "Publish", "ru": "Опубликовать"}, **more}
    made = await setup.client().result("imbot.v2.Command.register", botId=bot, fields=fields)
    return int(made["command"]["id"])


async def test_a_private_message_to_a_v1_bot(setup: Setup) -> None:
    """JOINCHAT comes first; the message has the bot's tokens twice and the author's at the top."""
    bot = await setup.v1_bot()
    number = await setup.p.person(2).says("Hello <b>&", dialog=str(bot))
    joined = await setup.receiver.wait_for("ONIMBOTJOINCHAT")
    event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    assert joined["data"]["PARAMS"]["DIALOG_ID"] == event["data"]["PARAMS"]["DIALOG_ID"] == "2"
    assert "refresh_token" not in joined["auth"]
    mine = event["data"]["BOT"][str(bot)]
    assert set(mine) == TOKENS | {"refresh_token", "client_id", "AUTH", "BOT_ID", "BOT_CODE"}
    assert mine["AUTH"] == {key: mine[key] for key in TOKENS | {"refresh_token", "client_id"}}
    assert (mine["user_id"], mine["BOT_CODE"], event["auth"]["user_id"]) == (str(bot), "old", "2")
    params = event["data"]["PARAMS"]
    assert (params["MESSAGE"], params["MESSAGE_ID"], params["MESSAGE_TYPE"]) == ("Hello <b>&", str(number), "P")
    assert (params["FROM_USER_ID"], params["TO_USER_ID"], params["LANGUAGE"]) == ("2", str(bot), "en")
    assert event["data"]["USER"]["IS_EXTRANET"] == "N"
    assert (event["ts"], event["event_handler_id"].isdecimal()) == (str(NOW), True)


async def test_tokens_in_events_act_as_author_and_bot(setup: Setup) -> None:
    """The top token acts as the author, the bot's token as the bot."""
    bot = await setup.v1_bot()
    await setup.p.person(3).says("hi", dialog=str(bot))
    event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    client = setup.p.client()
    client.token = event["auth"]["access_token"]
    assert (await client.result("profile"))["NAME"] == "Boris"
    client.token = event["data"]["BOT"][str(bot)]["access_token"]
    assert (await client.result("profile"))["ID"] == str(bot)


async def test_a_group_message_reaches_mentioned_bots_only(setup: Setup) -> None:
    """In a group, only mentioned bots get a message, with the mention removed, in one event per application."""
    one, two = await setup.v1_bot("one"), await setup.v1_bot("two")
    dialog = setup.p.make_chat(2, one, two, by=1)
    anna = setup.p.person(2)
    await anna.says("nothing for bots", dialog=dialog)
    await anna.says("[USER=all]all[/USER] hi", dialog=dialog)
    text = f"[USER={one}]Old bot[/USER], hi [user={two}]x[/user]"
    await anna.says(text, dialog=dialog)
    event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    await setup.p.idle()
    assert len(setup.receiver.with_name("ONIMBOTMESSAGEADD")) == 1
    params = event["data"]["PARAMS"]
    assert set(event["data"]["BOT"]) == {str(one), str(two)}
    assert (params["MESSAGE"], params["MESSAGE_ORIGINAL"]) == (f"hi [user={two}]x[/user]", text)
    assert params["MENTIONED_LIST"] == {str(one): str(one), str(two): str(two)}
    assert (params["DIALOG_ID"], params["CHAT_TITLE"], params["TO_USER_ID"]) == (dialog, "Test chat", str(one))


async def test_a_supervisor_gets_all_messages(setup: Setup) -> None:
    """TYPE S and type supervisor get all messages of their chats."""
    old, new = await setup.v1_bot(TYPE="S"), await setup.v2_bot(type="supervisor")
    await setup.p.person(2).says("no mention", dialog=setup.p.make_chat(2, old, new))
    assert (await setup.receiver.wait_for("ONIMBOTMESSAGEADD"))["data"]["PARAMS"]["MESSAGE"] == "no mention"
    assert (await setup.receiver.wait_for("ONIMBOTV2MESSAGEADD"))["data"]["message"]["text"] == "no mention"


async def test_messages_of_bots_and_the_system_send_no_events(setup: Setup) -> None:
    """Messages of bots and of the system send no events."""
    setup.p.switch(both_formats=False)
    one, two = await setup.v1_bot("one"), await setup.v2_bot("two", type="supervisor")
    dialog = setup.p.make_chat(2, one, two)
    await setup.client().result(
        "imbot.message.add", BOT_ID=one, DIALOG_ID=dialog, MESSAGE=f"[USER={two}]x[/USER] /post"
    )
    await setup.client(2).result("im.message.add", DIALOG_ID=dialog, MESSAGE="x", SYSTEM="Y")
    await setup.p.idle()
    assert [event["event"] for event in setup.receiver.events] == [
        "ONAPPINSTALL",
        "ONIMBOTJOINCHAT",
        "ONIMBOTV2JOINCHAT",
    ]


async def test_an_application_has_one_handler_per_event(setup: Setup) -> None:
    """A newly registered bot moves the event of all bots of the application to its address."""
    one = await setup.v1_bot("one")
    await setup.v1_bot("two", EVENT_HANDLER=f"{setup.receiver.url}/second?x=1")
    await setup.p.person(2).says("hi", dialog=str(one))
    await setup.p.idle()
    assert {row.url for row in setup.p.deliveries("ONIMBOTMESSAGEADD")} == {f"{setup.receiver.url}/second?x=1"}


async def test_a_typed_command_suppresses_the_message_event(setup: Setup) -> None:
    """A matching command suppresses the message event, unless the switch is set."""
    bot = await setup.v1_bot()
    number = await command_v1(setup, bot)
    message = await setup.p.person(2).says("/post  two  words", dialog=str(bot))
    event = await setup.receiver.wait_for("ONIMCOMMANDADD")
    mine = event["data"]["COMMAND"][str(number)]
    assert (mine["COMMAND"], mine["COMMAND_PARAMS"], mine["COMMAND_CONTEXT"]) == ("post", " two  words", "TEXTAREA")
    assert (mine["MESSAGE_ID"], mine["user_id"]) == (str(message), str(bot))
    assert event["data"]["PARAMS"]["BOT_IN_CHAT"] == {str(bot): str(bot)}
    assert "IS_BOT" not in event["data"]["USER"]
    await setup.p.idle()
    assert setup.receiver.with_name("ONIMBOTMESSAGEADD") == []
    setup.p.switch(double_commands=True)
    await setup.p.person(2).says("/post again", dialog=str(bot))
    assert (await setup.receiver.wait_for("ONIMBOTMESSAGEADD"))["data"]["PARAMS"]["MESSAGE"] == "/post again"


async def test_several_commands_are_one_event_in_v1_and_several_in_v2(setup: Setup) -> None:
    """A v1 application gets all commands of a message at once, a v2 bot one event each."""
    setup.p.switch(both_formats=False)
    old, new = await setup.v1_bot(), await setup.v2_bot()
    first, second = await command_v1(setup, old, "a"), await command_v1(setup, old, "b")
    await command_v2(setup, new, "a")
    await command_v2(setup, new, "c")
    await setup.p.person(2).says("/a 1\n/b 2\n/c 3", dialog=setup.p.make_chat(2, old, new))
    await setup.p.idle()
    assert set(setup.receiver.with_name("ONIMCOMMANDADD")[0]["data"]["COMMAND"]) == {str(first), str(second)}
    received = [event["data"]["command"] for event in setup.receiver.with_name("ONIMBOTV2COMMANDADD")]
    assert [(one["command"], one["params"], one["context"]) for one in received] == [
        ("/a", "1", "textarea"),
        ("/c", "3", "textarea"),
    ]


async def test_the_form_of_a_v2_event(setup: Setup) -> None:
    """All scalars are texts: numbers, 1 and 0 for booleans, "" for null; empty arrays are left out."""
    bot = await setup.v2_bot()
    await setup.p.person(3).says("hi", dialog=str(bot))
    event = await setup.receiver.wait_for("ONIMBOTV2MESSAGEADD")
    data = event["data"]
    assert (data["message"]["isSystem"], data["message"]["forward"], data["language"]) == ("0", "", "en")
    assert "params" not in data["message"]
    assert (data["user"]["active"], data["user"]["departments"], data["user"]["lastActivityDate"]) == ("1", ["3"], "0")
    assert (data["chat"]["dialogId"], data["chat"]["type"]) == ("3", "private")
    assert set(data["bot"]) == {"id", "code", "auth"}
    assert (data["bot"]["auth"]["user_id"], event["auth"]["user_id"]) == (str(bot), "3")
    assert event["auth"]["application_token"] == setup.app.application_token
    body = unquote_plus(setup.receiver.bodies[-1])
    assert f"data[bot][id]={bot}&" in body
    assert "[]" not in body


async def test_a_pressed_button_calls_the_command_and_writes_nothing(setup: Setup) -> None:
    """A COMMAND button reaches its bot and writes no message; other actions stay in the client."""
    bot = await setup.v2_bot()
    await command_v2(setup, bot)
    keyboard = [
        {"TEXT": "Go", "COMMAND": "post", "COMMAND_PARAMS": "7"},
        {"TEXT": "Site", "LINK": "https://x.example/?a=1&b=2"},
        {"TEXT": "Fill", "ACTION": "PUT", "ACTION_VALUE": "/post "},
        {"TEXT": "Said", "ACTION": "SEND", "ACTION_VALUE": "/post 9"},
    ]
    fields = {"message": "Choose", "keyboard": keyboard}
    await setup.client().result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields=fields)
    anna = setup.p.person(2)
    assert await anna.presses("Go", dialog=bot) is None
    event = await setup.receiver.wait_for("ONIMBOTV2COMMANDADD")
    assert event["data"]["command"] | {"id": ""} == {"id": "", "command": "/post", "params": "7", "context": "keyboard"}
    assert await anna.presses("Site", dialog=bot) == {"action": "LINK", "value": "https://x.example/?a=1&b=2"}
    assert await anna.presses("Fill", dialog=bot) == {"action": "PUT", "value": "/post "}
    assert len(anna.reads(dialog=bot)) == 1
    await anna.presses("Said", dialog=bot)
    assert [message.text for message in anna.reads(dialog=bot)] == ["Choose", "/post 9"]
    assert (await setup.receiver.wait_for("ONIMBOTV2COMMANDADD", times=2))["data"]["command"]["params"] == "9"


async def test_a_command_is_answered_for_ten_minutes(setup: Setup) -> None:
    """A late answer returns true without effect; an answer extends the time; a switch refuses it in v2."""
    client, bot, new = setup.client(), await setup.v1_bot(), await setup.v2_bot()
    number, other = await command_v1(setup, bot), await command_v2(setup, new)
    anna = setup.p.person(2)
    message, later = await anna.says("/post x", dialog=str(bot)), await anna.says("/post y", dialog=str(new))
    v1 = {"COMMAND_ID": number, "MESSAGE_ID": message, "MESSAGE": "done"}
    v2 = {"botId": new, "commandId": other, "messageId": later, "dialogId": "2", "fields": {"message": "done"}}
    assert await client.result("imbot.command.answer", {**v1, "MESSAGE_ID": later}) is True
    setup.p.clock.advance(599)
    assert await client.result("imbot.command.answer", v1) > later
    assert await client.result("imbot.v2.Command.answer", v2) == {"result": True}
    setup.p.clock.advance(599)
    assert await client.result("imbot.command.answer", v1) > later
    setup.p.clock.advance(600)
    written = len(anna.reads(dialog=bot))
    assert await client.result("imbot.command.answer", v1) is True
    assert len(anna.reads(dialog=bot)) == written
    written = len(anna.reads(dialog=new))
    assert await client.result("imbot.v2.Command.answer", v2) == {"result": True}
    assert len(anna.reads(dialog=new)) == written
    setup.p.switch(late_answers="error")
    assert await client.refusal("imbot.v2.Command.answer", v2) == (400, "COMMAND_ANSWER_FAILED")


async def test_a_common_command_is_answered_without_membership(setup: Setup) -> None:
    """Outside its chats, a bot's answer is a system message that names the bot."""
    bot = await setup.v2_bot()
    number = await command_v2(setup, bot, common=True)
    anna = setup.p.person(2)
    message = await anna.says("/post x", dialog="chat10")
    assert (await setup.receiver.wait_for("ONIMBOTV2COMMANDADD"))["data"]["chat"]["dialogId"] == "chat10"
    answer = {
        "botId": bot,
        "commandId": number,
        "messageId": message,
        "dialogId": "chat10",
        "fields": {"message": "ok"},
    }
    await setup.client().result("imbot.v2.Command.answer", answer)
    seen = await anna.sees("ok", dialog="chat10")
    assert (seen.author, seen.system, seen.text.startswith(f"[USER={bot}]")) == (0, True, True)


async def test_edits_and_deletions_of_messages_to_a_bot(setup: Setup) -> None:
    """v2 bots get both events; a v1 bot, as documented, only after imbot.update has bound them."""
    setup.p.switch(both_formats=False, register_handlers="ignored")
    old, new = await setup.v1_bot(), await setup.v2_bot()
    anna = setup.p.person(2)
    first, second = await anna.says("one", dialog=str(old)), await anna.says("one", dialog=str(new))
    await anna.edits(first, "two")
    later = {"EVENT_MESSAGE_UPDATE": setup.receiver.url, "EVENT_MESSAGE_DELETE": setup.receiver.url}
    await setup.client().result("imbot.update", BOT_ID=old, FIELDS=later)
    for message in (first, second):
        await anna.edits(message, "three")
        await anna.deletes(message)
    await setup.p.idle()
    updates = setup.receiver.with_name("ONIMBOTMESSAGEUPDATE")
    assert [event["data"]["PARAMS"]["MESSAGE"] for event in updates] == ["three"]
    assert "has been deleted" in setup.receiver.with_name("ONIMBOTMESSAGEDELETE")[0]["data"]["PARAMS"]["MESSAGE"]
    assert setup.receiver.with_name("ONIMBOTV2MESSAGEUPDATE")[0]["data"]["message"]["text"] == "three"
    deleted = setup.receiver.with_name("ONIMBOTV2MESSAGEDELETE")[0]["data"]
    assert (deleted["messageId"], "message" in deleted) == (str(second), False)


async def test_an_unregistered_bot_gets_a_last_event(setup: Setup) -> None:
    """Unregistering sends the last event; the bot, its commands and private dialogs are removed."""
    old, new = await setup.v1_bot(), await setup.v2_bot()
    await command_v1(setup, old)
    await setup.p.person(2).opens(old)
    await setup.client().result("imbot.unregister", BOT_ID=old)
    await setup.client().result("imbot.v2.Bot.unregister", botId=new)
    assert (await setup.receiver.wait_for("ONIMBOTDELETE"))["data"] == {"BOT_ID": str(old), "BOT_CODE": "old"}
    assert (await setup.receiver.wait_for("ONIMBOTV2DELETE"))["data"]["bot"]["id"] == str(new)
    world = setup.p.emulator.world
    assert (world.bots.bots, world.bots.commands, world.messenger.of(old)) == ({}, {}, [])


async def test_a_bot_is_registered_once(setup: Setup) -> None:
    """The same code returns the same bot; v2 keeps it unchanged; another application cannot take the code."""
    client, bot, new = setup.client(), await setup.v1_bot(), await setup.v2_bot()
    assert await setup.v1_bot() == bot
    assert await setup.v2_bot(properties={"name": "Another"}) == new
    shown = await client.result("imbot.v2.Bot.get", botId=new)
    assert (shown["users"][0]["name"], shown["bot"]["eventMode"]) == ("New bot", "webhook")
    other = await setup.p.add_app(name="Other", handler=setup.receiver.url)
    await setup.p.install(other)
    fields = {"code": "new", "properties": {"name": "n"}}
    other_client = setup.p.client(other)
    assert await other_client.refusal("imbot.v2.Bot.register", fields=fields) == (400, "BOT_CODE_ALREADY_TAKEN")
    assert "countMessage" not in (await other_client.result("imbot.v2.Bot.get", code="new"))["bot"]
    assert [one["CODE"] for one in (await other_client.result("imbot.bot.list")).values()] == ["old", "new"]
    assert (await other_client.result("imbot.v2.Bot.list"))["bots"] == []
    for number in range(4):
        await setup.v1_bot(f"bot{number}") if number < 3 else None
    sixth = {"CODE": "six", "PROPERTIES": {"NAME": "n"}, "EVENT_HANDLER": setup.receiver.url}
    assert await client.refusal("imbot.register", sixth) == (400, "MAX_COUNT_ERROR")


async def test_a_fetching_bot_of_a_webhook(setup: Setup) -> None:
    """A webhook's bot fetches events: offset deletes earlier ones, types are native, nothing is pushed."""
    hook = setup.p.client(webhook=setup.p.webhook(user=1))
    fields = {"code": "f", "botToken": "t0", "properties": {"name": "Fetcher"}}
    bot = (await hook.result("imbot.v2.Bot.register", fields=fields))["bot"]["id"]
    mine = {"botId": bot, "botToken": "t0"}
    await hook.result("imbot.v2.Command.register", mine, fields={"command": "post", "title": {"en": "Post"}})
    setup.p.switch(old_formats="refused")
    assert await hook.result("imbot.v2.Event.get", mine) == {"events": [], "nextOffset": 0, "hasMore": False}
    anna = setup.p.person(2)
    await anna.says("one", dialog=str(bot))
    await anna.says("/post two", dialog=str(bot))
    first = await hook.result("imbot.v2.Event.get", mine, limit=2)
    types = [event["type"] for event in first["events"]]
    assert (types, first["hasMore"]) == (["ONIMBOTV2JOINCHAT", "ONIMBOTV2MESSAGEADD"], True)
    assert first["events"][1]["data"]["message"]["isSystem"] is False
    assert first["events"][1]["data"]["bot"]["countUser"] == 1
    assert (await hook.result("imbot.v2.Event.get", mine))["events"][:2] == first["events"]
    rest = await hook.result("imbot.v2.Event.get", mine, offset=first["nextOffset"])
    assert [event["type"] for event in rest["events"]] == ["ONIMBOTV2COMMANDADD"]
    assert setup.p.deliveries("ONIMBOTV2MESSAGEADD") == []
    assert await hook.refusal("imbot.v2.Event.get", botId=bot, botToken="x") == (400, "BOT_OWNERSHIP_ERROR")


async def test_a_v1_bot_of_a_webhook_names_its_client(setup: Setup) -> None:
    """Its events have CLIENT_ID in the address and no tokens."""
    hook = setup.p.client(webhook=setup.p.webhook(user=1))
    given = {"CODE": "w", "CLIENT_ID": "c 1", "PROPERTIES": {"NAME": "W"}, "EVENT_HANDLER": setup.receiver.url}
    bot = await hook.result("imbot.register", given)
    await setup.p.person(2).says("hi", dialog=str(bot))
    event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    assert event["query"] == {"CLIENT_ID": "c 1"}
    assert event["data"]["BOT"] == {str(bot): {"BOT_ID": str(bot), "BOT_CODE": "w"}}
    assert "access_token" not in event["auth"]


async def test_chains_of_events_end(setup: Setup) -> None:
    """Tokens from events cause events with tokens seven levels deep, and not deeper."""
    bot = await setup.v1_bot()
    client = setup.p.client()
    await setup.p.person(2).says("0", dialog=str(bot))
    for depth in range(1, 8):
        event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD", times=depth)
        client.token = event["auth"]["access_token"]
        await client.result("im.message.add", DIALOG_ID=str(bot), MESSAGE=str(depth))
    last = await setup.receiver.wait_for("ONIMBOTMESSAGEADD", times=8)
    assert "access_token" not in last["auth"]


async def test_an_event_without_an_answer_is_lost_and_delays_nobody(setup: Setup) -> None:
    """A handler that does not answer loses the event, and the caller does not wait."""
    await setup.client().result("event.bind", event="ONLIVEFEEDPOSTADD", handler="http://127.0.0.1:9/gone")
    await setup.client(2).result("log.blogpost.add", POST_MESSAGE="x")
    await setup.p.idle()
    (lost,) = setup.p.deliveries("ONLIVEFEEDPOSTADD")
    assert (lost.status, bool(lost.error)) == (0, True)


async def test_events_are_not_sent_over_plain_http_to_other_machines(setup: Setup) -> None:
    """Events are not sent over plain HTTP to another machine."""
    await setup.client().result("event.bind", event="ONLIVEFEEDPOSTADD", handler="http://feed.example/events")
    await setup.p.publish("x")
    await setup.p.idle()
    assert "insecure-ok" in setup.p.deliveries("ONLIVEFEEDPOSTADD")[0].error
