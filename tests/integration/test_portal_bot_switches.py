"""Each contradiction between the pages on bots is a switch, and each switch has its effect."""

import json

from portal.testing import Setup

FIELDS = {"code": "mine", "properties": {"name": "Mine"}}
REGISTER = "imbot.v2.Bot.register"


async def test_a_switch_selects_the_place_of_the_bot_token(setup: Setup) -> None:
    """bot_token_place: the token is read inside `fields` or beside it, not in the other place."""
    hook = setup.p.client(webhook=setup.p.webhook())
    inside, beside = {"fields": {**FIELDS, "botToken": "t"}}, {"fields": FIELDS, "botToken": "t"}
    for place, right, wrong in (("fields", inside, beside), ("top", beside, inside)):
        setup.p.switch(bot_token_place=place)
        assert await hook.refusal(REGISTER, wrong) == (400, "BOT_TOKEN_NOT_SPECIFIED")
        assert (await hook.result(REGISTER, right))["bot"]["code"] == "mine"


async def test_a_switch_refuses_bots_of_webhooks(setup: Setup) -> None:
    """bots_by_webhook=false: a webhook cannot own a bot, an application can."""
    setup.p.switch(bots_by_webhook=False)
    hook = setup.p.client(webhook=setup.p.webhook())
    assert await hook.refusal(REGISTER, fields={**FIELDS, "botToken": "t"}) == (403, "WRONG_AUTH_TYPE")
    assert await setup.v2_bot()


async def test_a_switch_selects_the_status_of_denials(setup: Setup) -> None:
    """bot_denied_status: ACCESS_DENIED of imbot.v2 has status 400, or 403 as documented."""
    given = {"botId": await setup.v2_bot(), "dialogId": "chat10"}
    for status in (400, 403):
        setup.p.switch(bot_denied_status=str(status))
        assert await setup.client().refusal("imbot.v2.Chat.get", given) == (status, "ACCESS_DENIED")


async def test_a_switch_sends_a_bot_its_own_messages(setup: Setup) -> None:
    """bot_echo: a bot gets MESSAGEADD of its own message only with the switch."""
    bot = await setup.v2_bot("echo", eventMode="fetch")
    send = {"botId": bot, "dialogId": "2", "fields": {"message": "me"}}
    for echo, count in ((False, 0), (True, 1)):
        setup.p.switch(bot_echo=echo)
        await setup.client().result("imbot.v2.Chat.Message.send", send)
        events = (await setup.client().result("imbot.v2.Event.get", botId=bot))["events"]
        assert [event["data"]["user"]["id"] for event in events] == [bot] * count


async def test_a_switch_sends_events_as_json(setup: Setup) -> None:
    """webhook_body=json: the same texts as in the form; context_user_number makes one a number."""
    bot, anna = await setup.v2_bot(), setup.client(2)
    context = {"dialogId": str(bot), "context": {"a": 1, "b": True}}
    setup.p.switch(webhook_body="json")
    for number in (False, True):
        setup.p.switch(context_user_number=number)
        await anna.result("im.v2.Chat.Bot.sendContext", context)
        await setup.p.idle()
        event = json.loads(setup.receiver.bodies[-1])
        assert event["event"] == "ONIMBOTV2CONTEXTGET"
        assert event["data"]["context"] == {"a": "1", "b": "1"}
        assert event["data"]["user"]["id"] == (2 if number else "2")
        assert (event["data"]["user"]["extranet"], event["data"]["chat"]["type"]) == ("0", "private")


async def test_a_switch_selects_the_token_of_bot_events(setup: Setup) -> None:
    """v2_token_of: data.bot.auth acts as the author or as the bot."""
    bot = await setup.v2_bot()
    for times, (whose, number) in enumerate((("actor", 2), ("bot", bot)), 1):
        setup.p.switch(v2_token_of=whose)
        await setup.p.person(2).says("x", dialog=str(bot))
        event = await setup.receiver.wait_for("ONIMBOTV2MESSAGEADD", times=times)
        client = setup.client()
        client.token = event["data"]["bot"]["auth"]["access_token"]
        assert await client.result("profile") == {**await client.result("profile"), "ID": str(number)}
        assert event["auth"]["user_id"] == "2"


async def test_a_switch_removes_refresh_tokens_from_events(setup: Setup) -> None:
    """refresh_in_events=false: bots of both generations get no refresh_token of the acting user."""
    new, old = await setup.v2_bot(), await setup.v1_bot()
    setup.p.switch(refresh_in_events=False)
    for bot, name in ((new, "ONIMBOTV2MESSAGEADD"), (old, "ONIMBOTMESSAGEADD")):
        await setup.p.person(2).says("x", dialog=str(bot))
        assert "refresh_token" not in (await setup.receiver.wait_for(name))["auth"]


async def test_a_switch_sends_a_typed_command_as_a_message_too(setup: Setup) -> None:
    """double_commands: a message with a matching command is sent too."""
    bot = await setup.v2_bot("d", eventMode="fetch")
    command = {"command": "go", "title": {"en": "Go"}}
    await setup.client().result("imbot.v2.Command.register", botId=bot, fields=command)
    await setup.p.person(2).opens(str(bot))
    for double in (False, True):
        setup.p.switch(double_commands=double)
        await setup.p.person(2).says("/go", dialog=str(bot))
    events = (await setup.client().result("imbot.v2.Event.get", botId=bot))["events"]
    names = [event["type"].removeprefix("ONIMBOTV2") for event in events]
    assert names == ["JOINCHAT", "COMMANDADD", "COMMANDADD", "MESSAGEADD"]


async def test_a_switch_limits_the_time_for_deleting(setup: Setup) -> None:
    """delete_window: messages older than three days cannot be deleted."""
    number = await setup.client(2).result("im.message.add", DIALOG_ID="chat10", MESSAGE="x")
    setup.p.clock.advance(259_201)
    setup.p.switch(delete_window=True)
    anna = setup.client(2)
    assert await anna.refusal("im.message.delete", MESSAGE_ID=number) == (403, "CANT_EDIT_MESSAGE")
    setup.p.switch(delete_window=False)
    assert await anna.result("im.message.delete", MESSAGE_ID=number) is True
