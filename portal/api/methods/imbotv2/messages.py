"""imbot.v2.Chat.Message.*: messages of a bot of the second generation (reference: E2, behaviour 6.1)."""

import re
from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.im import messages as im_messages
from portal.api.methods.imbotv2 import own_messages
from portal.api.methods.shared import content
from portal.api.methods.shared.bot_owner import denied, require, v2_bot
from portal.api.registry import method
from portal.engine.core import Actor
from portal.errors import Refused, RestError
from portal.rules.messenger import chats, messages
from portal.wire import php
from portal.world.bots import Bot
from portal.world.messenger import Chat, Message

_PERSON = re.compile(r"\d{1,18}\Z")
MAX_FORWARDED = 100
STATUSES = frozenset(
    f"IMBOT_AGENT_ACTION_{name}"
    for name in (
        *("THINKING", "SEARCHING", "GENERATING", "ANALYZING", "PROCESSING", "TRANSLATING"),
        *("CONNECTING", "CHECKING", "CALCULATING", "READING_DOCS", "COMPOSING"),
    )
)
"""Codes of activities that a bot can show; with any other code, "is typing" is shown."""


def dialog(call: Call, params: Params, bot: Bot, *, make: bool = True) -> Chat:
    """Return the chat that dialogId names for a bot; raise ACCESS_DENIED when there is none, 100 without dialogId.

    With `make`, a private dialog with a person is created when it is missing.
    """
    require(params, "dialogId")
    name = params.text("dialogId").strip()
    if make and _PERSON.match(name) and call.world.user(int(name)) is not None and int(name) != bot.id:
        return chats.private_dialog(call.portal, bot.id, int(name), Actor(user=bot.id, hops=call.hops))
    chat = chats.find(call.portal, name, bot.id)
    if chat is None:
        raise denied(call)
    return chat


@method("imbot.v2.Chat.Message.send", scope="imbot")
def send(call: Call, params: Params) -> Any:
    """Write a message as a bot, forward messages to the chat, or both; return the new ids.

    A repeated templateId writes no message again and returns the id of the first one, if it is a UUID of version 4 and
    the message is no system message (source 1.1).
    """
    bot, fields = v2_bot(call, params), params.inner("fields")
    chat = dialog(call, params, bot)
    forwarded = _read_forwarded(call, fields, bot)
    objects = content.v2_objects(call, fields, bot=bot.id)
    text = fields.text("message").strip()
    if not text and objects.of("attach") is None and not forwarded:
        raise RestError("EMPTY_MESSAGE", "Message is empty")
    draft = messages.MessageDraft(
        author=bot.id,
        chat=chat.id,
        text=text,
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        reply_to=_read_reply(call, fields, chat),
        template=fields.text("templateId")[:255],
        system=fields.yes("system"),
    )
    try:
        number = messages.write(call.portal, draft, call.actor).id if text or objects.of("attach") else None
        copies = {
            uuid: messages.forward(call.portal, message, chat, author=bot.id, actor=call.actor).id
            for uuid, message in forwarded.items()
        }
    except Refused:
        raise denied(call) from None
    empty: Any = [] if call.portal.switches.empty_uuid_map == "list" else {}
    return {"id": number, "uuidMap": copies or empty}


def _read_reply(call: Call, fields: Fields, chat: Chat) -> int | None:
    reply = fields.number("replyId") or None
    known = call.world.messenger.messages
    if reply is not None and (reply not in known or known[reply].chat != chat.id):
        raise RestError("SENDING_FAILED", "Sending failed")
    return reply


def _read_forwarded(call: Call, fields: Fields, bot: Bot) -> dict[str, Message]:
    """Return the messages in forwardIds by their uuid; at most 100.

    Raise ACCESS_DENIED for a message that the bot cannot see.
    """
    given = fields.inner("forwardIds").raw
    if len(given) > MAX_FORWARDED:
        raise RestError("SENDING_FAILED", "Sending failed")
    return {str(uuid): get_visible(call, php.int_of(number), bot) for uuid, number in given.items()}


def get_visible(call: Call, number: int, bot: Bot) -> Message:
    """Return the message with an id; raise ACCESS_DENIED when the bot cannot see it."""
    message = im_messages.find_visible(call, number, bot.id)
    if message is None or message.deleted:
        raise denied(call)
    return message


@method("imbot.v2.Chat.Message.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Edit a message of the bot.

    Absent fields stay; "N" or an empty value removes a keyboard or attach.
    """
    bot, fields = v2_bot(call, params), params.inner("fields")
    require(params, "messageId")
    message = own_messages.get_editable(call, params.number("messageId"), bot)
    objects = content.v2_objects(call, fields, bot=bot.id)
    if objects.given:
        message = messages.replace_objects(call.portal, message, **objects.given)
    if fields.has("message"):
        messages.edit(call.portal, message, call.actor, text=fields.text("message"))
    return {"result": True}


@method("imbot.v2.Chat.Message.delete", scope="imbot")
def delete(call: Call, params: Params) -> Any:
    """Delete a message of the bot; a bot that manages the chat may delete all messages.

    With `complete`, no note stays in its place. The result is also true when nothing was deleted (source: 2.10).
    """
    bot, complete = v2_bot(call, params), params.yes("complete")
    require(params, "messageId")
    message = own_messages.get_deletable(call, params.number("messageId"), bot, complete=complete)
    if message is not None:
        messages.delete(call.portal, message, call.actor, complete=complete)
    return {"result": True}


@method("imbot.v2.Chat.Message.read", scope="imbot")
def read(call: Call, params: Params) -> Any:
    """Mark the messages of a chat as read by the bot, up to messageId or all; return the ids of those newly read."""
    bot = v2_bot(call, params)
    chat, messenger = dialog(call, params, bot, make=False), call.world.messenger
    if bot.id not in chat.members:
        raise denied(call)
    last = params.number("messageId") or max(messenger.by_chat[chat.id], default=0)
    if last and (last not in messenger.messages or messenger.messages[last].chat != chat.id):
        raise RestError("MESSAGE_NOT_FOUND", "Message not found")
    before = messenger.read.get((chat.id, bot.id), 0)
    viewed = [number for number in messenger.by_chat[chat.id] if before < number <= last]
    messenger.read[chat.id, bot.id] = max(before, last)
    return {"chatId": chat.id, "lastId": last, "counter": messenger.unread(chat.id, bot.id), "viewedMessages": viewed}


@method("imbot.v2.Chat.InputAction.notify", scope="imbot")
def notify(call: Call, params: Params) -> Any:
    """Show the other members of a chat that the bot is typing, or the activity of statusMessageCode.

    `duration` is in seconds, at most 600.
    """
    bot = v2_bot(call, params)
    chat = dialog(call, params, bot)
    if bot.id not in chat.members:
        raise denied(call)
    seconds = max(1, min(600, params.number("duration", messages.TYPING)))
    code = params.text("statusMessageCode")
    messages.show_typing(call.portal, chat, bot.id, float(seconds), doing=code if code in STATUSES else "")
    return {"result": True}


def answer_draft(call: Call, fields: Fields, bot: Bot, chat: Chat) -> messages.MessageDraft:
    """Build the message that answers a command.

    When the bot is no member, it is a system message that names the bot.
    """
    objects = content.v2_objects(call, fields, bot=bot.id)
    text = fields.text("message").strip()
    if not text and objects.of("attach") is None:
        raise RestError("COMMAND_ANSWER_FAILED", "Command answer failed")
    inside = bot.id in chat.members and not fields.yes("system")
    return messages.MessageDraft(
        author=bot.id,
        chat=chat.id,
        text=text if inside else f"[USER={bot.id}][/USER]\n {text}",
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        system=not inside,
        uninvited=True,
    )
