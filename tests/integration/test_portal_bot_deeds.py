"""What bots of the second generation do in chats: forward, react, read, govern, take the text field away."""

from typing import Any

import pytest

from portal.testing import Stage

SEND = "imbot.v2.Chat.Message.send"


def stored(stage: Stage, number: int) -> Any:
    """Return a message from the portal's memory."""
    return stage.p.house.world.talk.messages[number]


def chat(stage: Stage, number: int) -> Any:
    """Return a chat from the portal's memory."""
    return stage.p.house.world.talk.chats[number]


async def hired(stage: Stage, kind: str = "bot") -> int:
    """Register a bot of a type and take it into chat11 with what was said before."""
    bot = await stage.v2_bot(kind, type=kind, properties={"name": kind.title()})
    await stage.caller(2).result("im.chat.user.add", CHAT_ID=11, USERS=[bot], HIDE_HISTORY="N")
    return bot


async def test_a_bot_forwards(stage: Stage) -> None:
    """With forwardIds it copies messages of its chats and tells which is which; a copy cannot be edited."""
    bot, client = await hired(stage), stage.caller()
    first = await stage.caller(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="The plan")
    sent = await client.result(SEND, botId=bot, dialogId="3", fields={"message": "See", "forwardIds": {"u-1": first}})
    copy = stored(stage, sent["uuidMap"]["u-1"])
    assert (stored(stage, sent["id"]).text, copy.text, copy.author, copy.forward.author) == ("See", "The plan", bot, 2)
    assert stored(stage, first).forward is None
    only = await client.result(SEND, botId=bot, dialogId="4", fields={"forwardIds": {"a": copy.id}})
    assert only["id"] is None
    again = stored(stage, only["uuidMap"]["a"])
    assert again.forward == copy.forward, "a forwarded copy names the first author"
    update = {"botId": bot, "messageId": copy.id, "fields": {"message": "no"}}
    assert await client.refusal("imbot.v2.Chat.Message.update", update) == (403, "ACCESS_DENIED")
    answer = await client.result(SEND, botId=bot, dialogId="3", fields={"message": "plain"})
    assert answer["uuidMap"] == {}
    stage.p.switch(v2_maps="list")
    assert (await client.result(SEND, botId=bot, dialogId="3", fields={"message": "plain"}))["uuidMap"] == []


async def test_a_bot_reacts_once(stage: Stage) -> None:
    """A second reaction takes the place of the first; the same one twice is REACTION_ALREADY_SET."""
    bot, client = await hired(stage), stage.caller()
    number = await stage.caller(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="Done")
    family, target = "imbot.v2.Chat.Message.Reaction", {"botId": bot, "messageId": number}
    assert await client.result(f"{family}.add", **target, reaction="fire") == {"result": True}
    assert await client.refusal(f"{family}.add", **target, reaction="fire") == (400, "REACTION_ALREADY_SET")
    await client.result(f"{family}.add", **target, reaction="like")
    assert (stored(stage, number).reactions, stored(stage, number).likes) == (((bot, "like"),), (bot,))
    await client.result(f"{family}.delete", **target, reaction="like")
    assert stored(stage, number).reactions == ()
    await stage.p.idle()
    assert stage.inbox.named("ONIMBOTV2REACTIONCHANGE") == [], "bots do not hear bots"


@pytest.mark.parametrize(
    ("kind", "heard"), [("bot", ["own"]), ("supervisor", ["own", "Anna's"])], ids=["own-only", "everything"]
)
async def test_who_hears_of_reactions(stage: Stage, kind: str, heard: list[str]) -> None:
    """An ordinary bot hears of reactions to its own messages, a supervisor to all of its chats."""
    bot = await hired(stage, kind)
    own = (await stage.caller().result(SEND, botId=bot, dialogId="chat11", fields={"message": "own"}))["id"]
    other = await stage.caller(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="Anna's")
    boris = stage.p.person(3)
    assert await boris.reacts(own, "eyes")
    assert await boris.reacts(other, "eyes")
    await stage.p.idle()
    events = [event["data"] for event in stage.inbox.named("ONIMBOTV2REACTIONCHANGE")]
    assert [event["message"]["text"] for event in events] == heard
    assert {(event["reaction"], event["action"], event["user"]["id"]) for event in events} == {("eyes", "add", "3")}


async def test_a_replaced_reaction_is_taken_back_first(stage: Stage) -> None:
    """Who changes their mind is heard twice; a bot with reactions switched off hears nothing."""
    bot, client = await hired(stage), stage.caller()
    own = (await client.result(SEND, botId=bot, dialogId="chat11", fields={"message": "x"}))["id"]
    boris = stage.p.person(3)
    await boris.reacts(own, "fire")
    await boris.reacts(own, "cry")
    await stage.inbox.got("ONIMBOTV2REACTIONCHANGE", times=3)
    events = [event["data"] for event in stage.inbox.named("ONIMBOTV2REACTIONCHANGE")]
    told = [(event["reaction"], event["action"]) for event in events]
    assert told == [("fire", "add"), ("fire", "delete"), ("cry", "add")]
    await client.result("imbot.v2.Bot.update", botId=bot, fields={"isReactionsEnabled": False})
    await boris.reacts(own, "cry", on=False)
    await stage.p.idle()
    assert len(stage.inbox.named("ONIMBOTV2REACTIONCHANGE")) == 3


@pytest.mark.parametrize("kind", ["supervisor", "personal"])
async def test_some_bots_read(stage: Stage, kind: str) -> None:
    """Supervisors and personal bots read a message and what stands around it, oldest first."""
    bot, client, anna = await hired(stage, kind), stage.caller(), stage.caller(2)
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


async def test_a_bot_governs_its_chat(stage: Stage) -> None:
    """It makes managers, who may add people; gives the chat away, and then may not."""
    bot, client = await stage.v2_bot(), stage.caller()
    fields = {"title": "Board", "userIds": [2, 3], "color": "lightBlue", "description": "Weekly"}
    made = (await client.result("imbot.v2.Chat.add", botId=bot, fields=fields))["chat"]
    assert (made["role"], made["color"], made["owner"]) == ("owner", "#4ba5c3", bot)
    place: dict[str, Any] = {"botId": bot, "dialogId": made["dialogId"]}
    assert await client.refusal("imbot.v2.Chat.Manager.add", **place) == (400, "EMPTY_USER_IDS")
    await client.result("imbot.v2.Chat.Manager.add", **place, userIds=[2, 99])
    assert chat(stage, made["id"]).managers == (2,)
    await client.result("imbot.v2.Chat.Manager.delete", **place, userIds=[2])
    assert chat(stage, made["id"]).managers == ()
    assert await client.refusal("imbot.v2.Chat.setOwner", **place, userId=5) == (403, "ACCESS_DENIED")
    await client.result("imbot.v2.Chat.update", **place, fields={"title": "Council", "color": "nothing"})
    assert (chat(stage, made["id"]).title, chat(stage, made["id"]).color) == ("Council", "#4ba5c3")
    await client.result("imbot.v2.Chat.setOwner", **place, userId=3)
    assert chat(stage, made["id"]).owner == 3
    assert await client.refusal("imbot.v2.Chat.User.delete", **place, userId=2) == (403, "ACCESS_DENIED")


async def test_members_are_listed_in_an_order(stage: Stage) -> None:
    """By id, by when they last wrote, either way round; `id` is the order of joining."""
    bot, client = await hired(stage), stage.caller()
    await stage.caller(3).result("im.message.add", DIALOG_ID="chat11", MESSAGE="a")
    await stage.caller(2).result("im.message.add", DIALOG_ID="chat11", MESSAGE="b")

    async def ids(**more: Any) -> list[int]:
        rows = await client.result("imbot.v2.Chat.User.list", botId=bot, dialogId="chat11", **more)
        return [row["id"] for row in rows]

    assert await ids() == [2, 3, 6, bot]
    assert await ids(order={"userId": "DESC"}) == [bot, 6, 3, 2]
    assert (await ids(order={"lastSendMessageId": "DESC"}))[:2] == [2, 3]
    assert await ids(order={"id": "ASC"}, limit=1) == [2]


async def test_a_bot_takes_the_text_field_away(stage: Stage) -> None:
    """People cannot write until it is given back, in a private dialog too; the bot still can."""
    bot, client, anna = await stage.v2_bot(), stage.caller(), stage.caller(2)
    await client.result(SEND, botId=bot, dialogId="2", fields={"message": "Choose"})
    place: dict[str, Any] = {"botId": bot, "dialogId": "2"}
    assert await client.result("imbot.v2.Chat.TextField.enabled", **place, enabled=False) == {"result": True}
    assert (await anna.result("im.dialog.get", DIALOG_ID=bot))["text_field_enabled"] is False
    assert await anna.refusal("im.message.add", DIALOG_ID=bot, MESSAGE="Hi") == (400, "TEXT_FIELD_DISABLED")
    await client.result(SEND, **place, fields={"message": "Still here"})
    await client.result("imbot.v2.Chat.TextField.enabled", place)
    await anna.result("im.message.add", DIALOG_ID=bot, MESSAGE="Hi")


async def test_a_bot_says_what_it_is_doing(stage: Stage) -> None:
    """A known status shows beside typing for as long as told; any other is typing."""
    bot, client = await stage.v2_bot(), stage.caller()
    await client.result(SEND, botId=bot, dialogId="2", fields={"message": "x"})
    code = "IMBOT_AGENT_ACTION_SEARCHING"
    notify = {"botId": bot, "dialogId": "2", "statusMessageCode": code, "duration": 60}
    await client.result("imbot.v2.Chat.InputAction.notify", notify)
    talk, number = stage.p.house.world.talk, stored(stage, 5001).chat
    assert (talk.doing[number, bot], talk.typing[number, bot]) == (code, stage.p.clock.now() + 60)
    await client.result("imbot.v2.Chat.InputAction.notify", {**notify, "statusMessageCode": "JUGGLING"})
    assert talk.doing[number, bot] == ""


async def test_personal_and_hidden_bots_are_not_found(stage: Stage) -> None:
    """A search shows them only to people who talk with them already."""
    personal = await stage.v2_bot("p", type="personal", properties={"name": "Quiet"})
    await stage.v2_bot("h", isHidden=True, properties={"name": "Quieter"})
    await stage.v2_bot("b", properties={"name": "Quiet loud"})

    async def found(user: int) -> list[str]:
        rows = await stage.caller(user).result("im.search.user.list", FIND="quie")
        return [row["name"] for row in rows.values()]

    assert await found(2) == ["Quiet loud"]
    await stage.caller(2).result("im.message.add", DIALOG_ID=personal, MESSAGE="x")
    assert await found(2) == ["Quiet", "Quiet loud"]
