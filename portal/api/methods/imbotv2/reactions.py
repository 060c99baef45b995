"""imbot.v2.Chat.Message.Reaction.*, get and getContext: reactions and reading of messages (reference: E2)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.im.messages import find_visible
from portal.api.methods.imbotv2.messages import get_visible
from portal.api.methods.shared.bot_owner import require, v2_bot
from portal.api.registry import method
from portal.engine.core import Actor
from portal.errors import RestError
from portal.rules.messenger import reactions
from portal.wire import message_shapes, shapes
from portal.world.bots import Bot
from portal.world.messenger import Message

MAX_COUNT = 50


def _react(call: Call, params: Params, *, on: bool) -> bool:
    bot, reaction = v2_bot(call, params), params.text("reaction")
    require(params, "messageId")
    message = get_visible(call, params.number("messageId"), bot)
    if reaction not in reactions.REACTIONS:
        raise RestError("REACTION_NOT_FOUND", "Reaction not found")
    actor = Actor(user=bot.id, hops=call.hops)
    return reactions.react(call.portal, message, actor, reaction=reaction, on=on)


@method("imbot.v2.Chat.Message.Reaction.add", scope="imbot")
def add(call: Call, params: Params) -> Any:
    """React to a message as a bot; raise REACTION_ALREADY_SET when the bot has this reaction already."""
    if not _react(call, params, on=True):
        raise RestError("REACTION_ALREADY_SET", "Reaction already set")
    return {"result": True}


@method("imbot.v2.Chat.Message.Reaction.delete", scope="imbot")
def delete(call: Call, params: Params) -> Any:
    """Remove a reaction of the bot; raise REACTION_NOT_FOUND when the bot has not reacted like this."""
    if not _react(call, params, on=False):
        raise RestError("REACTION_NOT_FOUND", "Reaction not found")
    return {"result": True}


def _get_reading_bot(call: Call, params: Params) -> Bot:
    """Return the bot that the call names; raise BOT_TYPE_NOT_ALLOWED unless it receives all messages."""
    bot = v2_bot(call, params)
    if not bot.gets_all_messages:
        raise RestError("BOT_TYPE_NOT_ALLOWED", "Bot type not allowed", int(call.portal.switches.bot_denied_status))
    require(params, "messageId")
    return bot


@method("imbot.v2.Chat.Message.get", scope="imbot")
def get(call: Call, params: Params) -> Any:
    """Return one message of the bot's chats with its author."""
    bot = _get_reading_bot(call, params)
    message = get_visible(call, params.number("messageId"), bot)
    author = call.world.people.users.get(message.author)
    shown = message_shapes.v2_message(call.world, message, viewer=bot.id)
    return {"message": shown, "user": shapes.v2_user(author) if author is not None else None}


@method("imbot.v2.Chat.Message.getContext", scope="imbot")
def context(call: Call, params: Params) -> Any:
    """Return a message with the messages before and after it, oldest first.

    `range` is the largest number of messages on each side.
    """
    bot, number = _get_reading_bot(call, params), params.number("messageId")
    middle = _get_message(call, number, bot)
    reach = max(1, min(MAX_COUNT, params.number("range", MAX_COUNT)))
    ids = call.world.messenger.shown(middle.chat, bot.id)
    index = ids.index(number)
    first, last = max(0, index - reach), index + reach + 1
    rows = [call.world.messenger.messages[one] for one in ids[first:last]]
    users = call.world.people.users
    return {
        "messages": [message_shapes.v2_message(call.world, row, viewer=bot.id) for row in rows],
        "users": [shapes.v2_user(users[one]) for one in dict.fromkeys(row.author for row in rows) if one in users],
        "hasPrevPage": first > 0,
        "hasNextPage": last < len(ids),
    }


def _get_message(call: Call, number: int, bot: Bot) -> Message:
    if number not in call.world.messenger.messages:
        raise RestError("MESSAGE_NOT_FOUND", "Message not found")
    message = find_visible(call, number, bot.id)
    if message is None:
        status = int(call.portal.switches.bot_denied_status)
        raise RestError("MESSAGE_ACCESS_DENIED", "Message access denied", status)
    return message
