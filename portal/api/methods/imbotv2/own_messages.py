"""Find the message that imbot.v2.Chat.Message.update and delete may change (source: 1.3, 2.10)."""

from portal.api.call import Call
from portal.api.methods.shared.bot_owner import denied
from portal.errors import Refused, RestError
from portal.rules.messenger import messages
from portal.rules.rights import manages
from portal.world.bots import Bot
from portal.world.messenger import Message

DAY = 24 * 3600


def get_editable(call: Call, number: int, bot: Bot) -> Message:
    """Return the message with an id if the bot may edit it; raise RestError for any other.

    The source has no time limit here. As documented, it is three days, and every refusal is ACCESS_DENIED.
    """
    if call.portal.switches.message_refusals == "documented":
        try:
            message = messages.get_editable(call.portal, number, bot.id)
        except Refused:
            raise denied(call) from None
        if message.system:
            raise denied(call)
        return message
    message = _get_accessible(call, number, bot)
    if message.deleted or message.forward is not None or message.system or message.sender != bot.id:
        raise _message_denied(call)
    return message


def get_deletable(call: Call, number: int, bot: Bot, *, complete: bool) -> Message | None:
    """Return the message with an id if the bot may delete it; None when nothing is to be deleted.

    Without the right to delete a message, the source deletes nothing and raises no error; with `complete`, it does not
    check the right. As documented, the refusal is ACCESS_DENIED. Raise RestError when the bot has no access to the
    message.
    """
    if call.portal.switches.message_refusals == "documented":
        try:
            return messages.get_deletable(call.portal, number, bot.id)
        except Refused:
            raise denied(call) from None
    message = _get_accessible(call, number, bot)
    if complete:
        return message
    own = message.sender == bot.id and not message.system
    may = own or manages(call.world.messenger.chats[message.chat], bot.id)
    return message if may and not message.deleted else None


def _get_accessible(call: Call, number: int, bot: Bot) -> Message:
    """Return the message with an id if the bot has access to it; raise RestError, in the order of the source."""
    messenger = call.world.messenger
    message = messenger.messages.get(number)
    if message is None:
        raise RestError("MESSAGE_NOT_FOUND", "Message not found")
    if bot.id not in messenger.chats[message.chat].members:
        raise denied(call)
    if message.id <= messenger.since.get((message.chat, bot.id), 0):
        raise _message_denied(call)
    days = call.portal.switches.history_days
    if days and call.portal.clock.now() - message.date > days * DAY:
        text = "The message is older than the history that your plan shows"
        raise RestError("MESSAGE_ACCESS_DENIED_BY_TARIFF", text, int(call.portal.switches.bot_denied_status))
    return message


def _message_denied(call: Call) -> RestError:
    return RestError("MESSAGE_ACCESS_DENIED", "Message access denied", int(call.portal.switches.bot_denied_status))
