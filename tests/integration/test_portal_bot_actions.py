"""Actions of second-generation bots in chats: forward, react, read, manage, hide the input field."""

from typing import Any

import pytest

from portal.testing import Setup

SEND = "imbot.v2.Chat.Message.send"


def stored(setup: Setup, number: int) -> Any:
    """Return a message from the portal's data."""
    return setup.p.emulator.world.messenger.messages[number]


def chat(setup: Setup, number: int) -> Any:
    """Return a chat from the portal's data."""
    return setup.p.emulator.world.messenger.chats[number]


async def add_bot(setup: Setup, kind: str = "bot") -> int:
    """Register a bot of a type and add it to chat11 with the history."""
    bot = await setup.v2_bot(kind, type=kind, properties={"name": kind.title()})
    await setup.client(2).result("im.chat.user.add", CHAT_ID=11, USERS=[bot], HIDE_HISTORY="N")
    return bot


async def test_a_bot_forwards_messages(setup: Setup) -> None:
    """The parameter forwardIds copies messages of the bot's chats and maps the ids; a copy cannot be edited."""
    bot, client = await add_bot(setup), setup.client()
    first = await setup.client(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="The plan")
    sent = await client.result(SEND, botId=bot, dialogId="3", fields={"message": "See", "forwardIds": {"u-1": first}})
    copy = stored(setup, sent["uuidMap"]["u-1"])
    assert (stored(setup, sent["id"]).text, copy.text, copy.author, copy.forward.author) == ("See", "The plan", bot, 2)
    assert stored(setup, first).forward is None
    only = await client.result(SEND, botId=bot, dialogId="4", fields={"forwardIds": {"a": copy.id}})
    assert only["id"] is None
    again = stored(setup, only["uuidMap"]["a"])
    assert again.forward == copy.forward, "a forwarded copy names the first author"
    update = {"botId": bot, "messageId": copy.id, "fields": {"message": "no"}}
    assert await client.refusal("imbot.v2.Chat.Message.update", update) == (400, "MESSAGE_ACCESS_DENIED")
    answer = await client.result(SEND, botId=bot, dialogId="3", fields={"message": "plain"})
    assert answer["uuidMap"] == []
    setup.p.switch(empty_uuid_map="object")
    assert (await client.result(SEND, botId=bot, dialogId="3", fields={"message": "plain"}))["uuidMap"] == {}


async def test_a_bot_reacts_once(setup: Setup) -> None:
    """A second reaction replaces the first; the same one again is REACTION_ALREADY_SET."""
    bot, client = await add_bot(setup), setup.client()
    number = await setup.client(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="Done")
    family, target = "imbot.v2.Chat.Message.Reaction", {"botId": bot, "messageId": number}
    assert await client.result(f"{family}.add", **target, reaction="fire") == {"result": True}
    assert await client.refusal(f"{family}.add", **target, reaction="fire") == (400, "REACTION_ALREADY_SET")
    await client.result(f"{family}.add", **target, reaction="like")
    assert (stored(setup, number).reactions, stored(setup, number).likes) == (((bot, "like"),), (bot,))
    await client.result(f"{family}.delete", **target, reaction="like")
    assert stored(setup, number).reactions == ()
    await setup.p.idle()
    assert setup.receiver.with_name("ONIMBOTV2REACTIONCHANGE") == [], "bots do not hear bots"


@pytest.mark.parametrize(
    ("kind", "gets_event"), [("bot", ["own"]), ("supervisor", ["own", "Anna's"])], ids=["own-only", "everything"]
)
async def test_which_bots_get_events_of_reactions(setup: Setup, kind: str, gets_event: list[str]) -> None:
    """An ordinary bot gets reactions to its own messages, a supervisor those in all its chats."""
    bot = await add_bot(setup, kind)
    own = (await setup.client().result(SEND, botId=bot, dialogId="chat11", fields={"message": "own"}))["id"]
    other = await setup.client(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="Anna's")
    boris = setup.p.person(3)
    assert await boris.reacts(own, "eyes")
    assert await boris.reacts(other, "eyes")
    await setup.p.idle()
    events = [event["data"] for event in setup.receiver.with_name("ONIMBOTV2REACTIONCHANGE")]
    assert [event["message"]["text"] for event in events] == gets_event
    assert {(event["reaction"], event["action"], event["user"]["id"]) for event in events} == {("eyes", "add", "3")}


async def test_a_replaced_reaction_causes_two_events(setup: Setup) -> None:
    """A replaced reaction causes two events; a bot with reactions switched off gets none."""
    bot, client = await add_bot(setup), setup.client()
    own = (await client.result(SEND, botId=bot, dialogId="chat11", fields={"message": "x"}))["id"]
    boris = setup.p.person(3)
    await boris.reacts(own, "fire")
    await boris.reacts(own, "cry")
    await setup.receiver.wait_for("ONIMBOTV2REACTIONCHANGE", times=3)
    events = [event["data"] for event in setup.receiver.with_name("ONIMBOTV2REACTIONCHANGE")]
    received = [(event["reaction"], event["action"]) for event in events]
    assert received == [("fire", "add"), ("fire", "delete"), ("cry", "add")]
    await client.result("imbot.v2.Bot.update", botId=bot, fields={"isReactionsEnabled": False})
    await boris.reacts(own, "cry", on=False)
    await setup.p.idle()
    assert len(setup.receiver.with_name("ONIMBOTV2REACTIONCHANGE")) == 3


@pytest.mark.parametrize("kind", ["supervisor", "personal"])
async def test_supervisors_and_personal_bots_read_messages(setup: Setup, kind: str) -> None:
    """Supervisors and personal bots read a message and the messages around it, oldest first."""
    bot, client, anna = await add_bot(setup, kind), setup.client(), setup.client(2)
    ids = [await anna.result("im.message.add", DIALOG_ID="chat11", MESSAGE=str(n)) for n in range(7)]
    family, target = "imbot.v2.Chat.Message", {"botId": bot, "messageId": ids[3]}
    one = await client.result(f"{family}.get", target)
    assert (one["message"]["text"], one["message"]["unread"], one["user"]["name"]) == ("3", True, "Anna Petrova")
    around = await client.result(f"{family}.getContext", target, range=2)
    assert [row["text"] for row in around["messages"]] == ["1", "2", "3", "4", "5"]
    assert (around["hasPrevPage"], around["hasNextPage"]) == (True, True)
    rest = await client.result(f"{family}.getContext", target)
    assert (rest["hasPrevPage"], rest["hasNextPage"], len(rest["users"])) == (False, False, 1)
    read = await client.result(f"{family}.read", botId=bot, dialogId="chat11", messageId=ids[3])
    assert (read["lastId"], read["counter"]) == (ids[3], 3)
    assert read["viewedMessages"][-4:] == ids[:4]
    assert (await client.result(f"{family}.get", target))["message"]["viewed"] is True


async def test_a_bot_manages_a_chat_that_it_owns(setup: Setup) -> None:
    """A bot appoints managers, who may add people; after it gives the chat away, it may not."""
    bot, client = await setup.v2_bot(), setup.client()
    fields = {"title": "Board", "userIds": [2, 3], "color": "lightBlue", "description": "Weekly"}
    made = (await client.result("imbot.v2.Chat.add", botId=bot, fields=fields))["chat"]
    assert (made["role"], made["color"], made["owner"]) == ("owner", "#4ba5c3", bot)
    place: dict[str, Any] = {"botId": bot, "dialogId": made["dialogId"]}
    assert await client.refusal("imbot.v2.Chat.Manager.add", **place) == (400, "EMPTY_USER_IDS")
    await client.result("imbot.v2.Chat.Manager.add", **place, userIds=[2, 99])
    assert chat(setup, made["id"]).managers == (2,)
    await client.result("imbot.v2.Chat.Manager.delete", **place, userIds=[2])
    assert chat(setup, made["id"]).managers == ()
    assert await client.refusal("imbot.v2.Chat.setOwner", **place, userId=5) == (400, "ACCESS_DENIED")
    await client.result("imbot.v2.Chat.update", **place, fields={"title": "Council", "color": "nothing"})
    assert (chat(setup, made["id"]).title, chat(setup, made["id"]).color) == ("Council", "#4ba5c3")
    await client.result("imbot.v2.Chat.setOwner", **place, userId=3)
    assert chat(setup, made["id"]).owner == 3
    assert await client.refusal("imbot.v2.Chat.User.delete", **place, userId=2) == (400, "ACCESS_DENIED")


async def test_members_are_sorted(setup: Setup) -> None:
    """Members are sorted by id or last message, both ways; the default is the order of joining."""
    bot, client = await add_bot(setup), setup.client()
    await setup.client(3).result("im.message.add", DIALOG_ID="chat11", MESSAGE="a")
    await setup.client(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="b")

    async def ids(**more: Any) -> list[int]:
        rows = await client.result("imbot.v2.Chat.User.list", botId=bot, dialogId="chat11", **more)
        return [row["id"] for row in rows]

    assert await ids() == [2, 3, 6, bot]
    assert await ids(order={"userId": "DESC"}) == [bot, 6, 3, 2]
    assert (await ids(order={"lastSendMessageId": "DESC"}))[:2] == [2, 3]
    assert await ids(order={"id": "ASC"}, limit=1) == [2]


async def test_a_bot_hides_the_input_field(setup: Setup) -> None:
    """People cannot write while the input field is hidden, in private dialogs too; the bot can."""
    bot, client, anna = await setup.v2_bot(), setup.client(), setup.client(2)
    await client.result(SEND, botId=bot, dialogId="2", fields={"message": "Choose"})
    place: dict[str, Any] = {"botId": bot, "dialogId": "2"}
    assert await client.result("imbot.v2.Chat.TextField.enabled", **place, enabled=False) == {"result": True}
    assert (await anna.result("im.dialog.get", DIALOG_ID=bot))["text_field_enabled"] is False
    assert await anna.refusal("im.message.add", DIALOG_ID=bot, MESSAGE="Hi") == (400, "TEXT_FIELD_DISABLED")
    await client.result(SEND, **place, fields={"message": "Still here"})
    await client.result("imbot.v2.Chat.TextField.enabled", place)
    await anna.result("im.message.add", DIALOG_ID=bot, MESSAGE="Hi")


async def test_a_bot_shows_its_activity(setup: Setup) -> None:
    """A known status is shown beside typing for its duration; any other is shown as typing."""
    bot, client = await setup.v2_bot(), setup.client()
    await client.result(SEND, botId=bot, dialogId="2", fields={"message": "x"})
    code = "IMBOT_AGENT_ACTION_SEARCHING"
    notify = {"botId": bot, "dialogId": "2", "statusMessageCode": code, "duration": 60}
    await client.result("imbot.v2.Chat.InputAction.notify", notify)
    messenger, number = setup.p.emulator.world.messenger, stored(setup, 5001).chat
    assert (messenger.doing[number, bot], messenger.typing[number, bot]) == (code, setup.p.clock.now() + 60)
    await client.result("imbot.v2.Chat.InputAction.notify", {**notify, "statusMessageCode": "JUGGLING"})
    assert messenger.doing[number, bot] == ""


async def test_a_search_does_not_find_personal_and_hidden_bots(setup: Setup) -> None:
    """A search finds them only for people who have a chat with them."""
    personal = await setup.v2_bot("p", type="personal", properties={"name": "Quiet"})
    await setup.v2_bot("h", isHidden=True, properties={"name": "Quieter"})
    await setup.v2_bot("b", properties={"name": "Quiet loud"})

    async def found(user: int) -> list[str]:
        rows = await setup.client(user).result("im.search.user.list", FIND="quie")
        return [row["name"] for row in rows.values()]

    assert await found(2) == ["Quiet loud"]
    await setup.client(2).result("im.message.add", DIALOG_ID=personal, MESSAGE="x")
    assert await found(2) == ["Quiet", "Quiet loud"]
