"""Reads events of first-generation bots (ONIMBOT..., ONIMCOMMANDADD), with upper-case names and ids as text.

Every function raises BadEvent if a required field is missing or wrong.
"""

from __future__ import annotations

from bot.bitrix.inbound import dialog_events, fields, incoming
from bot.bitrix.inbound.dialog_events import CommandFields, DialogFields, MessageFields
from bot.bitrix.inbound.fields import Tree
from bot.bitrix.inbound.incoming import DecodedEvent, Envelope
from bot.errors import BadEvent
from bot.model.events import BotDeleted, BotId, Dialog, EventTokens, Person


def said(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMBOTMESSAGEADD and ONIMBOTMESSAGEUPDATE: a new or edited message to the bot.

    The text is that of MESSAGE_ORIGINAL, because MESSAGE lacks every mention.
    """
    data, params = envelope.data, fields.branch(envelope.data, "PARAMS")
    bot = _addressed(fields.branch(data, "BOT"), fields.text(params, "TO_USER_ID"))
    text = fields.text(params, "MESSAGE_ORIGINAL") or fields.text(params, "MESSAGE")
    where = _dialog_fields(envelope, params, bot=bot, author=_author(data, params, bot))
    own = _of_message(params)
    message = MessageFields(
        id=fields.number(params, "MESSAGE_ID"),
        text=text,
        edited=envelope.kind == "ONIMBOTMESSAGEUPDATE",
        files=fields.count(own, "FILE_ID"),
        file_ids=fields.numbers(own, "FILE_ID"),
        reply_to=dialog_events.reply_to(own),
        forwarded=dialog_events.forwarded(own, "FORWARD_USER_ID", "FORWARD_CONTEXT_ID"),
    )
    return [dialog_events.said(where, _event_tokens(envelope, _own(data, bot), bot), message=message)]


def commanded(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMCOMMANDADD, which contains all commands of a message, and return an event for each command."""
    commands = fields.branch(envelope.data, "COMMAND")
    if not commands:
        raise BadEvent("The event has no COMMAND.")
    return [_command(envelope, fields.branch(commands, key), key) for key in commands]


def _command(envelope: Envelope, command: Tree, key: str) -> DecodedEvent:
    data, params = envelope.data, fields.branch(envelope.data, "PARAMS")
    bot, own = BotId(fields.number(command, "BOT_ID")), _of_message(params)
    order = CommandFields(
        command=fields.first_number((command, "COMMAND_ID"), ({"COMMAND_ID": key}, "COMMAND_ID")),
        name=fields.text(command, "COMMAND"),
        params=fields.text(command, "COMMAND_PARAMS"),
        context=fields.text(command, "COMMAND_CONTEXT"),
        message=fields.first_number((command, "MESSAGE_ID"), (params, "MESSAGE_ID")),
        message_text=fields.text(params, "MESSAGE"),
        in_chat=_in_chat(params, bot),
        files=fields.count(own, "FILE_ID"),
        file_ids=fields.numbers(own, "FILE_ID"),
        reply_to=dialog_events.reply_to(own),
        forwarded=dialog_events.forwarded(own, "FORWARD_USER_ID", "FORWARD_CONTEXT_ID"),
        cut=dialog_events.is_cut(fields.text(params, "MESSAGE_ORIGINAL")),
    )
    where = _dialog_fields(envelope, params, bot=bot, author=_author(data, params, bot))
    where["dialog"] = _other_person(params, where) or where["dialog"]
    return dialog_events.commanded(where, _event_tokens(envelope, command, bot), order=order)


def joined(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMBOTJOINCHAT: the bot joined a group, or a private dialog was opened.

    The author is USER or USER_ID, because FROM_USER_ID is the bot in a private dialog.
    """
    params, user = fields.branch(envelope.data, "PARAMS"), fields.branch(envelope.data, "USER")
    bot = BotId(fields.number(params, "BOT_ID"))
    author = _person(user, fields.first_number((user, "ID"), (params, "USER_ID")), bot)
    where = _dialog_fields(envelope, params, bot=bot, author=author)
    return [dialog_events.joined(where, _event_tokens(envelope, _own(envelope.data, bot), bot))]


def deleted(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONIMBOTDELETE: a bot of the application was deleted."""
    bot, code = BotId(fields.number(envelope.data, "BOT_ID")), fields.text(envelope.data, "BOT_CODE")
    return [dialog_events.deleted(BotDeleted(portal=envelope.portal, ts=envelope.ts, bot=bot, code=code))]


def _of_message(params: Tree) -> Tree:
    """Return the parameters of the message itself: its files, what it answers, and where it was forwarded from.

    They stand in a group PARAMS inside PARAMS; the files may stand beside it.
    """
    inner = fields.branch(params, "PARAMS")
    return {**params, **inner} if inner else params


def _dialog_fields(envelope: Envelope, params: Tree, *, bot: BotId, author: Person) -> DialogFields:
    chat_type = fields.text(params, "MESSAGE_TYPE")
    where = dialog_events.dialog(fields.text(params, "DIALOG_ID"), chat_type=chat_type, author=author.id)
    return {
        "portal": envelope.portal,
        "ts": envelope.ts,
        "bot": bot,
        "dialog": where,
        "author": author,
        "language": fields.language(params, "LANGUAGE"),
        "chat_title": "" if where.isdigit() else fields.text(params, "CHAT_TITLE"),
        "chat_extranet": fields.flag(params, "CHAT_EXTRANET"),
    }


def _event_tokens(envelope: Envelope, given: Tree, bot: BotId) -> EventTokens:
    """Return the tokens of the user who caused an event, and those in `given`, which belong to the bot's own user."""
    own = incoming.event_tokens(given, envelope.ts) if fields.text(given, "user_id") == str(bot) else None
    return incoming.event_tokens(envelope.auth, envelope.ts, own=own)


def _own(data: Tree, bot: BotId) -> Tree:
    """Return the group of fields about a bot."""
    return fields.branch(fields.branch(data, "BOT"), str(bot))


def _addressed(bots: Tree, to: str) -> BotId:
    """Return the bot that a message is for; in a group, `to` is the first user whom it mentions."""
    return BotId(fields.number({"BOT": to if to in bots else next(iter(bots), "")}, "BOT"))


def _author(data: Tree, params: Tree, bot: BotId) -> Person:
    """Return the author of a message; the author of a system message, which is not in USER, counts as a bot."""
    user = fields.branch(data, "USER")
    id_ = fields.first_number((user, "ID"), (params, "FROM_USER_ID"), (params, "AUTHOR_ID"))
    return _person(user, id_, bot, system=fields.flag(params, "SYSTEM"))


def _person(user: Tree, id_: int, bot: BotId, *, system: bool = False) -> Person:
    name, extranet = fields.text(user, "NAME"), fields.flag(user, "IS_EXTRANET")
    return dialog_events.person(
        id_, bot=bot, name=name, machine=system or fields.flag(user, "IS_BOT"), extranet=extranet
    )


def _other_person(params: Tree, where: DialogFields) -> Dialog | None:
    """Return the other user of a private dialog without the bot, where DIALOG_ID names the author.

    None if the command is from another dialog.
    """
    other = fields.text(params, "TO_USER_ID")
    if not (where["dialog"].isdigit() and other.isascii() and other.isdigit() and len(other) <= fields.DIGITS):
        return None
    return None if int(other) in (0, where["bot"], where["author"].id) else Dialog(other)


def _in_chat(params: Tree, bot: BotId) -> bool | None:
    """Check whether BOT_IN_CHAT contains the bot.

    None if the field is missing, because a form cannot send an empty list.
    """
    members = params.get("BOT_IN_CHAT")
    if not isinstance(members, (dict, list)):
        return None
    return any(str(member) == str(bot) for member in members)
