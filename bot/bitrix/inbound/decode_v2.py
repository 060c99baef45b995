"""Reads events of second-generation bots (ONIMBOTV2...), with lower-case names; forms send text, JSON sends types.

Every function raises BadEvent if a required field is missing or wrong.
"""

from __future__ import annotations

from bot.bitrix.inbound import dialog_events, fields, incoming
from bot.bitrix.inbound.dialog_events import CommandFields, DialogFields, MessageFields
from bot.bitrix.inbound.incoming import DecodedEvent, Envelope
from bot.model.events import BotDeleted, BotId, EventTokens, Person


def said(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMBOTV2MESSAGEADD and ONIMBOTV2MESSAGEUPDATE: a new or edited message to the bot."""
    message = fields.branch(envelope.data, "message")
    own = fields.branch(message, "params")
    where, event_tokens = _dialog_fields(envelope)
    read = MessageFields(
        id=fields.number(message, "id"),
        text=fields.text(message, "text"),
        edited=envelope.kind == "ONIMBOTV2MESSAGEUPDATE",
        files=fields.count(own, "FILE_ID"),
        file_ids=fields.numbers(own, "FILE_ID"),
        reply_to=dialog_events.reply_to(own),
        forwarded=dialog_events.forwarded(fields.branch(message, "forward"), "userId", "id"),
    )
    return [dialog_events.said(where, event_tokens, message=read)]


def commanded(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMBOTV2COMMANDADD; for a message with several commands the portal sends several events."""
    command, message = fields.branch(envelope.data, "command"), fields.branch(envelope.data, "message")
    own = fields.branch(message, "params")
    order = CommandFields(
        command=fields.number(command, "id"),
        name=fields.text(command, "command"),
        params=fields.text(command, "params"),
        context=fields.text(command, "context"),
        message=fields.number(message, "id"),
        message_text=fields.text(message, "text"),
        files=fields.count(own, "FILE_ID"),
        file_ids=fields.numbers(own, "FILE_ID"),
        reply_to=dialog_events.reply_to(own),
        forwarded=dialog_events.forwarded(fields.branch(message, "forward"), "userId", "id"),
    )
    return [dialog_events.commanded(*_dialog_fields(envelope), order=order)]


def joined(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMBOTV2JOINCHAT: the bot joined a group, or a private dialog was opened."""
    return [dialog_events.joined(*_dialog_fields(envelope))]


def deleted(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMBOTV2DELETE: a bot of the application was deleted."""
    bot = fields.branch(envelope.data, "bot")
    event = BotDeleted(
        portal=envelope.portal, ts=envelope.ts, bot=BotId(fields.number(bot, "id")), code=fields.text(bot, "code")
    )
    return [dialog_events.deleted(event)]


def _dialog_fields(envelope: Envelope) -> tuple[DialogFields, EventTokens]:
    data, chat = envelope.data, fields.branch(envelope.data, "chat")
    bot = BotId(fields.number(fields.branch(data, "bot"), "id"))
    author = _author(envelope, bot)
    given = fields.text(data, "dialogId") or fields.text(chat, "dialogId")
    chat_type = fields.text(chat, "type") or fields.text(chat, "messageType")
    where = dialog_events.dialog(given, chat_type=chat_type, author=author.id)
    found: DialogFields = {
        "portal": envelope.portal,
        "ts": envelope.ts,
        "bot": bot,
        "dialog": where,
        "author": author,
        "language": fields.language(data, "language"),
        # v1 has no title for a private dialog, v2 may send the person's name.
        "chat_title": "" if where.isdigit() else fields.text(chat, "name"),
        "chat_extranet": fields.flag(chat, "extranet"),
    }
    return found, _event_tokens(envelope, author)


def _author(envelope: Envelope, bot: BotId) -> Person:
    """Return the author of an event; user 0 if the bot joined a group without a user: automation added it."""
    user, message = fields.branch(envelope.data, "user"), fields.branch(envelope.data, "message")
    added = envelope.kind == "ONIMBOTV2JOINCHAT" and not fields.text(envelope.data, "dialogId").isdigit()
    nobody = {"id": 0} if added and not user else {}
    return dialog_events.person(
        fields.first_number((user, "id"), (message, "authorId"), (nobody, "id")),
        bot=bot,
        name=fields.text(user, "name"),
        machine=fields.flag(user, "bot") or fields.flag(message, "isSystem"),
        extranet=fields.flag(user, "extranet"),
    )


def _event_tokens(envelope: Envelope, author: Person) -> EventTokens:
    """Return the tokens of the user who caused an event; empty if there are none.

    The tokens in `auth` are used if there is an access_token. Otherwise those in `data[bot][auth]` are used, but only
    if their user_id is the author's, because it is not documented whose they are.
    """
    if fields.text(envelope.auth, "access_token"):
        return incoming.event_tokens(envelope.auth, envelope.ts)
    inner = fields.branch(fields.branch(envelope.data, "bot"), "auth")
    return (
        incoming.event_tokens(inner, envelope.ts)
        if fields.maybe_number(inner, "user_id") == author.id
        else EventTokens()
    )
