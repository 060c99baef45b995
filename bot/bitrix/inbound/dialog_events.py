"""Makes the events of a dialog from fields that the two generations of the bot interface have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypedDict

from bot.bitrix.inbound import fields
from bot.bitrix.inbound.fields import Tree
from bot.bitrix.inbound.incoming import DecodedEvent
from bot.errors import BadEvent
from bot.model import ordering
from bot.model.events import (
    CUT_END,
    LONGEST_TEXT,
    BotDeleted,
    BotId,
    Commanded,
    CommandId,
    Dialog,
    DialogEvent,
    EventTokens,
    Forwarded,
    From,
    Joined,
    MessageId,
    Person,
    PortalId,
    Said,
    UserId,
)
from bot.texts import quoting


class DialogFields(TypedDict):
    """The fields that every event in a dialog has, as in events.DialogEvent."""

    portal: PortalId
    ts: int
    bot: BotId
    dialog: Dialog
    author: Person
    language: str
    chat_title: str
    chat_extranet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFields:
    """The fields of one command, which was found in a message or sent by a button.

    `context` is COMMAND_CONTEXT; the others are as in events.Commanded.
    """

    command: int
    name: str
    params: str
    context: str
    message: int
    message_text: str
    in_chat: bool | None = None
    cut: bool = False
    files: int = 0
    file_ids: tuple[int, ...] = ()
    reply_to: MessageId | None = None
    forwarded: Forwarded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFields:
    """The fields of a new or edited message, as in events.Said."""

    id: int
    text: str
    edited: bool
    files: int
    file_ids: tuple[int, ...] = ()
    reply_to: MessageId | None = None
    forwarded: Forwarded | None = None


_CONTEXT = re.compile(r"(?P<dialog>[a-z]{0,16}[0-9]{1,19}(?::[0-9]{1,19})?)/(?P<message>[0-9]{1,19})")
"""Where a forwarded message was written: `chat5/120`, or for a private dialog the ids of both people, `2:7/120`."""


def reply_to(params: Tree) -> MessageId | None:
    """Return the message that a message answers, from the parameters of the message; None if it answers none."""
    found = fields.known_number(params, "REPLY_ID")
    return MessageId(found) if found else None


def forwarded(tree: Tree, author: str, context: str) -> Forwarded | None:
    """Return where a forwarded message comes from; None if it is not forwarded.

    `author` and `context` are the names of the fields with the user id and the place of the first message.
    """
    user = fields.known_number(tree, author)
    if not user:
        return None
    found = _CONTEXT.fullmatch(fields.text(tree, context))
    in_chat = found is not None and found["dialog"].startswith("chat")
    return Forwarded(
        author=UserId(user),
        dialog=Dialog(found["dialog"]) if found and in_chat else None,
        message=MessageId(int(found["message"])) if found else None,
    )


def said(dialog_fields: DialogFields, event_tokens: EventTokens, *, message: MessageFields) -> DecodedEvent:
    """Make the event of a new or edited message, without the mention of the bot."""
    rest, addressed = without_mention(message.text, dialog_fields["bot"])
    event = Said(
        **dialog_fields,
        message=MessageId(message.id),
        text=rest,
        addressed=addressed,
        cut=is_cut(message.text),
        edited=message.edited,
        files=message.files,
        file_ids=message.file_ids,
        reply_to=message.reply_to,
        forwarded=message.forwarded,
    )
    return _decoded(event, event_tokens, ordering.key_of_message(message.id, rest))


def is_cut(text: str) -> bool:
    """Check whether the portal removed the end of a message, because it was too long.

    The portal does so without an error (reference: im.message.add, MESSAGE).
    """
    return len(text) >= LONGEST_TEXT and text.endswith(CUT_END)


def commanded(dialog_fields: DialogFields, event_tokens: EventTokens, *, order: CommandFields) -> DecodedEvent:
    """Make the event of a command; only for a typed command it contains the text and files of the message.

    Raises:
        BadEvent: the command has no name, or an unknown COMMAND_CONTEXT.
    """
    source = _source(order.context)
    name = order.name.removeprefix("/")
    if not name:
        raise BadEvent("The command has no name.")
    event = Commanded(
        **dialog_fields,
        command=CommandId(order.command),
        name=name,
        params=order.params,
        text=order.message_text if source is From.TYPED else "",
        source=source,
        message=MessageId(order.message),
        in_chat=order.in_chat,
        cut=order.cut or is_cut(order.message_text),
        files=order.files if source is From.TYPED else 0,
        file_ids=order.file_ids if source is From.TYPED else (),
        reply_to=order.reply_to if source is From.TYPED else None,
        forwarded=order.forwarded if source is From.TYPED else None,
    )
    return _decoded(event, event_tokens, ordering.key_of_command(event))


def joined(dialog_fields: DialogFields, event_tokens: EventTokens) -> DecodedEvent:
    """Make the event that the bot joined a group, or that a private dialog was opened."""
    event = Joined(**dialog_fields)
    return _decoded(event, event_tokens, ordering.key_of_joining(event.dialog, event.bot, event.ts))


def deleted(event: BotDeleted) -> DecodedEvent:
    """Make the event that the bot was deleted, which needs no tokens."""
    return DecodedEvent(
        event=event,
        key=ordering.key_of_bot_removal(event.bot, event.ts),
        ordering_key=ordering.PORTAL,
        event_tokens=EventTokens(),
    )


def _decoded(event: DialogEvent, event_tokens: EventTokens, key: str) -> DecodedEvent:
    return DecodedEvent(event=event, key=key, ordering_key=ordering.of_dialog(event.dialog), event_tokens=event_tokens)


def person(id_: int, *, bot: BotId, name: str, machine: bool, extranet: bool) -> Person:
    """Make the person who caused an event.

    The bot itself and 0 (a system message) count as bots, like every `machine`.
    """
    return Person(id=UserId(id_), name=name, is_bot=machine or id_ in (0, bot), extranet=extranet)


_DIALOG = re.compile(r"[A-Za-z]{0,16}[0-9]{1,19}")
_PRIVATE = frozenset({"P", "private"})


def dialog(given: str, *, chat_type: str, author: int) -> Dialog:
    """Check the id of a dialog, and return it.

    A private dialog without an id gets the id of the author, as the portal would give it. `chat_type` is the letter of
    v1 or the word of v2.

    Raises:
        BadEvent: this cannot be the id of a dialog.
    """
    if not given and chat_type in _PRIVATE:
        return Dialog(str(author))
    if not _DIALOG.fullmatch(given):
        raise BadEvent("The event names no dialog.")
    return Dialog(given)


# A name may contain brackets but no other mention, so that many opening tags take linear time.
_MENTION = re.compile(r"\[USER=([0-9]{1,19})(?: REPLACE)?\](?:(?!\[/?USER).)*+\[/USER\],?", re.IGNORECASE | re.DOTALL)


_BEHIND_MENTION = " \t\r\n\u00a0,.:;!?…–—-"
"""What people put between a mention and the text; a slash begins the text."""
_OPENING_TAG = re.compile(r"\[([a-z]{1,6})\]", re.IGNORECASE)


def without_mention(text: str, bot: BotId) -> tuple[str, str]:
    """Remove mentions of the bot from a text, each with a comma right after it, as the portal does for MESSAGE.

    Return the text, and the part behind the first mention in the middle of a sentence ("" if there is none). A mention
    at the start, or after a quotation, begins the text: the sign behind it and the markup around it are removed too.
    """
    own = str(bot)
    if f"={own}" not in text:  # most messages: the rest reads the whole text several times
        return text.strip(), ""
    bare = _MENTION.sub(lambda mention: "" if mention[1] == own else mention[0], text).strip()
    shown = quoting.spans(text)
    mentions = (one for one in _MENTION.finditer(text) if one[1] == own)
    first = next((one for one in mentions if not any(start <= one.start() < end for start, end in shown)), None)
    if first is None:
        return bare, ""
    before, at = "", 0
    for start, end in (*shown, (first.start(), first.start())):
        if start <= first.start():
            before, at = f"{before}{text[at:start]}", end
    behind = _MENTION.sub(lambda mention: "" if mention[1] == own else mention[0], text[first.end() :])
    for tag in _OPENING_TAG.findall(before):
        behind = re.sub(rf"\[/{tag}\]", "", behind, count=1, flags=re.IGNORECASE)
    behind = behind.lstrip(_BEHIND_MENTION).rstrip()
    return (bare, behind) if _OPENING_TAG.sub("", before).strip() else (behind, "")


def _source(context: str) -> From:
    """Read COMMAND_CONTEXT in either case; if it is empty (on old portals), the command was typed.

    Raises:
        BadEvent: the value is unknown.
    """
    try:
        return From(context.lower() or From.TYPED)
    except ValueError:
        raise BadEvent("The command came neither from a text, nor a keyboard, nor a menu.") from None
