"""Messages of people and bots over REST: stored, refused, cut, edited."""

from typing import Any

import pytest

from portal.testing import Setup

BIG_ATTACH = [{"MESSAGE": "a" * 60_000}]
BIG_KEYBOARD = [{"TEXT": "b" * 100, "LINK": "/x"}] * 300
BIG_MENU = [{"TEXT": "b" * 100, "LINK": "/x"}] * 500


def stored(setup: Setup, number: int) -> Any:
    """Return a message from the portal's data."""
    return setup.p.emulator.world.messenger.messages[number]


async def test_people_write_to_people_and_groups(setup: Setup) -> None:
    """A message arrives in the private dialog or in the group."""
    anna, boris = setup.client(2), setup.client(3)
    await anna.result("im.message.add", DIALOG_ID=3, MESSAGE="Hello[BR]you ")
    seen = await boris.result("im.dialog.messages.get", DIALOG_ID="2")
    assert [(row["text"], row["author_id"]) for row in seen["messages"]] == [("Hello\nyou", 2)]
    assert seen["messages"][0]["params"] == []
    number = await anna.result("im.message.add", dialog_id="CHAT11", message="All")
    assert stored(setup, number).chat == 11


@pytest.mark.parametrize(
    ("params", "status", "error"),
    [
        ({"DIALOG_ID": "chat10"}, 400, "MESSAGE_EMPTY"),
        ({"DIALOG_ID": "chat10", "MESSAGE": " "}, 400, "MESSAGE_EMPTY"),
        ({"DIALOG_ID": "chat10", "MESSAGE": ["x"]}, 400, "MESSAGE_EMPTY"),
        ({"MESSAGE": "x"}, 400, "PARAMS_ERROR"),
        ({"DIALOG_ID": "abc", "MESSAGE": "x"}, 400, "USER_ID_EMPTY"),
        ({"DIALOG_ID": 77, "MESSAGE": "x"}, 400, "USER_NOT_FOUND"),
        ({"DIALOG_ID": "chat77", "MESSAGE": "x"}, 400, "CANCELED"),
        ({"CHAT_ID": 0, "MESSAGE": "x"}, 400, "CHAT_ID_EMPTY"),
        ({"DIALOG_ID": "chat10", "MESSAGE": "x", "ATTACH": [{"NO": 1}]}, 400, "ATTACH_ERROR"),
        ({"DIALOG_ID": "chat10", "MESSAGE": "x", "ATTACH": BIG_ATTACH}, 400, "ATTACH_OVERSIZE"),
        ({"DIALOG_ID": "chat10", "MESSAGE": "x", "KEYBOARD": [{"TEXT": "a", "COMMAND": "b"}]}, 400, "KEYBOARD_ERROR"),
        ({"DIALOG_ID": "chat10", "MESSAGE": "x", "KEYBOARD": BIG_KEYBOARD}, 400, "PARAM_KEYBOARD_ERROR"),
        ({"DIALOG_ID": "chat10", "MESSAGE": "x", "MENU": "{"}, 400, "MENU_ERROR"),
        ({"DIALOG_ID": "chat10", "MESSAGE": "x", "MENU": BIG_MENU}, 400, "PARAM_MENU_ERROR"),
        ({"DIALOG_ID": "chat10", "MESSAGE": "x", "REPLY_ID": 99}, 403, "REPLY_ACCESS_ERROR"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_im_message_add_refuses_invalid_messages(
    setup: Setup, params: dict[str, Any], status: int, error: str
) -> None:
    """Each error has its code, and nothing is written."""
    before = dict(setup.p.emulator.world.messenger.messages)
    assert await setup.client(2).refusal("im.message.add", params) == (status, error)
    assert setup.p.emulator.world.messenger.messages == before


async def test_an_extranet_user_cannot_use_a_foreign_chat(setup: Setup) -> None:
    """Writing into a foreign chat is CANCELED, reading it is ACCESS_ERROR."""
    extranet_user = setup.client(6)
    assert await extranet_user.refusal("im.message.add", DIALOG_ID="chat10", MESSAGE="x") == (400, "CANCELED")
    assert await extranet_user.refusal("im.dialog.messages.get", DIALOG_ID="chat10") == (403, "ACCESS_ERROR")
    assert await extranet_user.refusal("im.chat.user.list", CHAT_ID=10) == (403, "ACCESS_ERROR")


@pytest.mark.parametrize(
    ("length", "kept"), [(20_000, 20_000), (20_006, 20_006), (20_007, 20_006)], ids=["limit", "slack", "cut"]
)
async def test_long_texts_are_cut_without_an_error(setup: Setup, length: int, kept: int) -> None:
    """Up to 20,006 characters stay; longer texts are cut to 20,000 with a mark of six."""
    number = await setup.client(2).result("im.message.add", DIALOG_ID="chat10", MESSAGE="x" * length)
    text = stored(setup, number).text
    assert len(text) == kept
    assert text.endswith(" (...)") == (length > 20_006)


async def test_a_message_is_edited_for_three_days(setup: Setup) -> None:
    """Only the author may edit, for 259,200 seconds; deleting has no such limit."""
    number = await setup.client(2).result("im.message.add", DIALOG_ID="chat10", MESSAGE="one")
    assert await setup.client(3).refusal("im.message.update", MESSAGE_ID=number, MESSAGE="x") == (
        403,
        "CANT_EDIT_MESSAGE",
    )
    setup.p.clock.advance(259_200)
    await setup.client(2).result("im.message.update", MESSAGE_ID=number, MESSAGE="two")
    assert (stored(setup, number).text, stored(setup, number).edited) == ("two", True)
    setup.p.clock.advance(1)
    assert await setup.client(2).refusal("im.message.update", MESSAGE_ID=number, MESSAGE="x") == (
        403,
        "CANT_EDIT_MESSAGE",
    )
    await setup.client(2).result("im.message.delete", MESSAGE_ID=number)
    assert stored(setup, number).deleted


async def test_an_update_is_not_atomic(setup: Setup) -> None:
    """A bad keyboard is refused after the new attachment was stored; an empty text deletes."""
    anna = setup.client(2)
    number = await anna.result("im.message.add", DIALOG_ID="chat10", MESSAGE="one")
    wrong = {"MESSAGE_ID": number, "ATTACH": [{"MESSAGE": "new"}], "KEYBOARD": BIG_KEYBOARD, "MESSAGE": "two"}
    assert await anna.refusal("im.message.update", wrong) == (400, "KEYBOARD_OVERSIZE")
    assert (stored(setup, number).attach["BLOCKS"], stored(setup, number).text) == ([{"MESSAGE": "new"}], "one")
    assert await anna.refusal("im.message.update", MESSAGE_ID=number, MENU=BIG_MENU) == (400, "MENU_OVERSIZE")
    assert await anna.refusal("im.message.update", MESSAGE_ID=number, MENU="{") == (400, "menu_ERROR")
    await anna.result("im.message.update", MESSAGE_ID=number, ATTACH="N")
    assert stored(setup, number).attach is None
    await anna.result("im.message.update", MESSAGE_ID=number, MESSAGE="")
    assert stored(setup, number).deleted
    assert "has been deleted" in stored(setup, number).text


@pytest.mark.parametrize(
    ("generation", "kind"),
    [(family, kind) for family in ("im", "v1") for kind in ("attach", "keyboard", "menu")]
    + [("v2", "attach"), ("v2", "keyboard")],
)
async def test_the_older_size_rule_applies_to_add_and_update(setup: Setup, generation: str, kind: str) -> None:
    """With the rule 30kb, everything over 30,000 bytes is *_OVERSIZE in all methods."""
    setup.p.switch(size_rule="30kb")
    client = setup.client(2)
    big = {"attach": [{"MESSAGE": "ж" * 15_100}], "keyboard": BIG_KEYBOARD[:120], "menu": BIG_MENU[:220]}[kind]
    expected = (400, f"{kind.upper()}_OVERSIZE")
    if generation == "v2":
        bot = await setup.v2_bot()
        number = (await client.result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields={"message": "x"}))[
            "id"
        ]
        given = {"message": "x", kind: big}
        send = {"botId": bot, "dialogId": "2", "fields": given}
        assert await client.refusal("imbot.v2.Chat.Message.send", send) == expected
        assert await client.refusal("imbot.v2.Chat.Message.update", {**send, "messageId": number}) == expected
        return
    family = "im" if generation == "im" else "imbot"
    if generation == "v1":
        await setup.v1_bot()
    text = {"DIALOG_ID": "2" if generation == "v1" else "chat10", "MESSAGE": "x"}
    number = await client.result(f"{family}.message.add", text)
    assert await client.refusal(f"{family}.message.add", {**text, kind.upper(): big}) == expected
    assert await client.refusal(f"{family}.message.update", {"MESSAGE_ID": number, kind.upper(): big}) == expected


UUID4, UUID5 = "8558d34a-d3c6-4881-9e2f-0a2b3c4d5e6f", "8558d34a-d3c6-5881-9e2f-0a2b3c4d5e6f"


async def repeated(setup: Setup, template: str) -> dict[str, bool]:
    """Call each method twice with one template id, and return whether the second call wrote nothing."""
    client = setup.client(2)
    old, new = await setup.v1_bot(), await setup.v2_bot()
    bots = {"botId": new, "dialogId": setup.p.make_chat(2, new)}
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "im": ("im.message.add", {"DIALOG_ID": "chat10", "MESSAGE": "x", "TEMPLATE_ID": template}),
        "v1": ("imbot.message.add", {"BOT_ID": old, "DIALOG_ID": "2", "MESSAGE": "x", "TEMPLATE_ID": template}),
        "v2": ("imbot.v2.Chat.Message.send", bots | {"fields": {"message": "x", "templateId": template}}),
        "v2 system": (
            "imbot.v2.Chat.Message.send",
            bots | {"fields": {"message": "x", "templateId": template.replace("0a2b", "0a2c"), "system": True}},
        ),
    }
    return {
        name: await client.result(method, params) == await client.result(method, params)
        for name, (method, params) in calls.items()
    }


@pytest.mark.parametrize(
    ("template", "dropped"),
    [(UUID4, {"im", "v2"}), (UUID5, set()), (UUID4.upper(), set()), ("t-1", set())],
    ids=["version 4", "version 5", "upper case", "any text"],
)
async def test_a_repeat_is_dropped_if_its_template_id_is_a_uuid_of_version_4(
    setup: Setup, template: str, dropped: set[str]
) -> None:
    """Any other id is not recognised, imbot.message.add reads none, and system messages are never dropped."""
    assert await repeated(setup, template) == {name: name in dropped for name in ("im", "v1", "v2", "v2 system")}


async def test_a_switch_recognises_every_template_id(setup: Setup) -> None:
    """template_ids=any: a repeat with any text is dropped, except by imbot.message.add; each chat has its own ids."""
    setup.p.switch(template_ids="any")
    assert await repeated(setup, "t-0a2b") == {"im": True, "v1": False, "v2": True, "v2 system": True}
    written = len(setup.p.emulator.world.messenger.messages)
    other = {"DIALOG_ID": "chat11", "MESSAGE": "x", "TEMPLATE_ID": "t-0a2b"}
    await setup.client(2).result("im.message.add", other)
    assert len(setup.p.emulator.world.messenger.messages) == written + 1


async def test_buttons_of_a_user_belong_to_the_named_bot(setup: Setup) -> None:
    """With BOT_ID, a person's keyboard has commands of that bot."""
    bot = await setup.v1_bot()
    keyboard = {"BOT_ID": 1, "BUTTONS": [{"TEXT": "Go", "COMMAND": "go"}, {"TEXT": "0", "LINK": "/x"}]}
    params = {"DIALOG_ID": "chat10", "MESSAGE": "x", "KEYBOARD": keyboard, "BOT_ID": bot}
    number = await setup.client(2).result("im.message.add", params)
    assert [(button["BOT_ID"], button["TEXT"]) for button in stored(setup, number).keyboard] == [(bot, "Go")]


async def test_a_system_message_names_the_application(setup: Setup) -> None:
    """SYSTEM in a group removes the author and adds the application's name."""
    number = await setup.client(2).result("im.message.add", DIALOG_ID="chat10", MESSAGE="x", SYSTEM="Y")
    message = stored(setup, number)
    assert (message.author, message.system, message.text) == (0, True, "[b]Relay[/b]\nx")


async def test_v1_bots_are_refused_with_their_errors(setup: Setup) -> None:
    """A v1 bot needs a text even with an attachment, and must be in the chat."""
    client, bot = setup.client(), await setup.v1_bot()
    add = "imbot.message.add"
    assert await client.refusal(add, DIALOG_ID="2", ATTACH=[{"MESSAGE": "a"}]) == (400, "MESSAGE_EMPTY")
    assert await client.refusal(add, DIALOG_ID="x", MESSAGE="a") == (400, "DIALOG_ID_EMPTY")
    assert await client.refusal(add, DIALOG_ID="chat10", MESSAGE="a") == (400, "CANCELED")
    assert await client.refusal(add, DIALOG_ID="chat77", MESSAGE="a") == (400, "WRONG_REQUEST")
    assert await client.refusal(add, BOT_ID=2, DIALOG_ID="2", MESSAGE="a") == (400, "BOT_ID_ERROR")
    assert await client.result(add, DIALOG_ID="2", MESSAGE="0")
    hook = setup.p.client(webhook=setup.p.webhook())
    assert await hook.refusal(add, DIALOG_ID="2", MESSAGE="a") == (403, "ACCESS_DENIED")
    assert await hook.refusal(add, BOT_ID=bot, CLIENT_ID="me", DIALOG_ID="2", MESSAGE="a") == (400, "APP_ID_ERROR")


async def test_v2_bots_are_refused_with_their_errors(setup: Setup) -> None:
    """Errors of imbot.v2 have their own codes, such as PARAM_KEYBOARD_ERROR."""
    client, bot = setup.client(), await setup.v2_bot()
    send = "imbot.v2.Chat.Message.send"

    async def refused(**fields: Any) -> tuple[int, str]:
        return await client.refusal(send, botId=bot, dialogId="2", fields=fields)

    assert await refused() == (400, "EMPTY_MESSAGE")
    assert await refused(message="x", keyboard=[{"TEXT": "a"}]) == (400, "PARAM_KEYBOARD_ERROR")
    assert await refused(message="x", keyboard=BIG_KEYBOARD) == (400, "PARAM_KEYBOARD_ERROR")
    assert await refused(attach=BIG_ATTACH) == (400, "PARAM_ATTACH_ERROR")
    assert await client.refusal(send, botId=bot, dialogId="chat10", fields={"message": "x"}) == (400, "ACCESS_DENIED")
    assert await client.refusal(send, dialogId="2") == (400, "BOT_ID_REQUIRED")
    assert await client.refusal(send, botId=2, dialogId="2") == (400, "BOT_NOT_FOUND")
    hook = setup.p.client(webhook=setup.p.webhook())
    assert await hook.refusal(send, botId=bot, dialogId="2") == (400, "BOT_TOKEN_NOT_SPECIFIED")
    assert await hook.refusal(send, botId=bot, botToken="t", dialogId="2") == (400, "BOT_OWNERSHIP_ERROR")
    number = await setup.client(2).result("im.message.add", DIALOG_ID=str(bot), MESSAGE="mine")
    update = {"botId": bot, "messageId": number, "fields": {"message": "x"}}
    assert await client.refusal("imbot.v2.Chat.Message.update", update) == (400, "MESSAGE_ACCESS_DENIED")


async def test_a_v2_bot_edits_and_deletes(setup: Setup) -> None:
    """Absent fields stay, "N" removes a keyboard, `complete` leaves no note."""
    client, bot = setup.client(), await setup.v2_bot()
    fields = {"message": "one", "keyboard": [{"TEXT": "Go", "LINK": "/go"}]}
    number = (await client.result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields=fields))["id"]
    target = {"botId": bot, "messageId": number}
    assert await client.result("imbot.v2.Chat.Message.update", target, fields={"message": "two"}) == {"result": True}
    assert (stored(setup, number).text, len(stored(setup, number).keyboard)) == ("two", 1)
    await client.result("imbot.v2.Chat.Message.update", target, fields={"keyboard": "N"})
    assert stored(setup, number).keyboard is None
    await client.result("imbot.v2.Chat.Message.delete", target, complete=True)
    assert number not in setup.p.emulator.world.messenger.messages
    chat = await client.result("imbot.v2.Chat.get", botId=bot, dialogId="2")
    assert (chat["chat"]["type"], chat["chat"]["dialogId"], chat["chat"]["messageCount"]) == ("private", "2", 0)
