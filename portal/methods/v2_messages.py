"""imbot.v2.Chat.Message.*: a bot of the second generation talks (reference: E2, behaviour 6.1)."""

import re
from typing import Any

from portal.core import Actor
from portal.deeds import chats, messages
from portal.errors import Refused, RestError
from portal.methods import content
from portal.methods.owners import v2_bot
from portal.rest.call import Call, Fields, Params
from portal.rest.registry import method
from portal.state.bots import Bot
from portal.state.talk import Chat, Message

_PERSON = re.compile(r"\d{1,18}\Z")
DENIED = RestError("ACCESS_DENIED", "Access denied", 403)


def dialog(call: Call, params: Params, bot: Bot, *, make: bool = True) -> Chat:
    """Return the chat behind dialogId as the bot sees it; a private one is made when new."""
    name = params.text("dialogId").strip()
    if make and _PERSON.match(name) and call.world.user(int(name)) is not None and int(name) != bot.id:
        return chats.private(call.portal, bot.id, int(name), Actor(user=bot.id, hops=call.hops))
    chat = chats.found(call.portal, name, bot.id)
    if chat is None:
        raise DENIED
    return chat


@method("imbot.v2.Chat.Message.send", scope="imbot")
def send(call: Call, params: Params) -> Any:
    """Write as a bot; a repeated templateId gives the first message's id."""
    bot, fields = v2_bot(call, params), params.inner("fields")
    chat = dialog(call, params, bot)
    objects = content.v2_objects(call, fields, bot=bot.id)
    text = fields.text("message").strip()
    if not text and objects.of("attach") is None:
        raise RestError("EMPTY_MESSAGE", "Message is empty")
    reply = fields.number("replyId") or None
    if reply is not None and (reply not in call.world.talk.messages or call.world.talk.messages[reply].chat != chat.id):
        raise RestError("SENDING_FAILED", "Sending failed")
    draft = messages.Draft(
        author=bot.id,
        chat=chat.id,
        text=text,
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        reply_to=reply,
        template=fields.text("templateId")[:255],
        system=fields.yes("system"),
    )
    try:
        return {"id": messages.write(call.portal, draft, call.actor).id, "uuidMap": {}}
    except Refused:
        raise DENIED from None


def _own(call: Call, params: Params, bot: Bot) -> Message:
    try:
        message = messages.editable(call.portal, params.number("messageId"), bot.id)
    except Refused:
        raise DENIED from None
    if message.system:
        raise DENIED
    return message


@method("imbot.v2.Chat.Message.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Edit a bot's own message: absent fields stay, "N" or empty removes a keyboard or attach."""
    bot, fields = v2_bot(call, params), params.inner("fields")
    message = _own(call, params, bot)
    objects = content.v2_objects(call, fields, bot=bot.id)
    if objects.given:
        message = messages.put(call.portal, message, **objects.given)
    if fields.has("message"):
        messages.edit(call.portal, message, call.actor, text=fields.text("message"))
    return {"result": True}


@method("imbot.v2.Chat.Message.delete", scope="imbot")
def delete(call: Call, params: Params) -> Any:
    """Delete a message of the bot, or any where it manages the chat; `complete` leaves no trace."""
    bot = v2_bot(call, params)
    try:
        message = messages.deletable(call.portal, params.number("messageId"), bot.id)
    except Refused:
        raise DENIED from None
    messages.delete(call.portal, message, call.actor, complete=params.yes("complete"))
    return {"result": True}


@method("imbot.v2.Chat.Message.read", scope="imbot")
def read(call: Call, params: Params) -> Any:
    """Mark a chat as read by the bot."""
    bot = v2_bot(call, params)
    chat, talk = dialog(call, params, bot, make=False), call.world.talk
    if bot.id not in chat.members:
        raise DENIED
    last = params.number("messageId") or max(talk.by_chat[chat.id], default=0)
    if last and last not in talk.messages:
        raise RestError("MESSAGE_NOT_FOUND", "Message not found")
    before = talk.read.get((chat.id, bot.id), 0)
    viewed = [number for number in talk.by_chat[chat.id] if before < number <= last]
    talk.read[chat.id, bot.id] = max(before, last)
    return {"chatId": chat.id, "lastId": last, "counter": talk.unread(chat.id, bot.id), "viewedMessages": viewed}


@method("imbot.v2.Chat.InputAction.notify", scope="imbot")
def notify(call: Call, params: Params) -> Any:
    """Show that the bot is busy."""
    bot = v2_bot(call, params)
    chat = dialog(call, params, bot)
    if bot.id not in chat.members:
        raise DENIED
    seconds = max(1, min(600, params.number("duration", messages.TYPING)))
    messages.starts_typing(call.portal, chat, bot.id, float(seconds))
    return {"result": True}


def answer_draft(call: Call, fields: Fields, bot: Bot, chat: Chat) -> messages.Draft:
    """Make the message that answers a command: outside the chat it is the system's, with the bot named."""
    objects = content.v2_objects(call, fields, bot=bot.id)
    text = fields.text("message").strip()
    if not text and objects.of("attach") is None:
        raise RestError("COMMAND_ANSWER_FAILED", "Command answer failed")
    inside = bot.id in chat.members and not fields.yes("system")
    return messages.Draft(
        author=bot.id,
        chat=chat.id,
        text=text if inside else f"[USER={bot.id}][/USER]\n {text}",
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        system=not inside,
        uninvited=True,
    )
