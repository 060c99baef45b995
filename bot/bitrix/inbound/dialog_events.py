"""Makes the events of a dialog.

From here on, both generations of the bot interface are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypedDict

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
    """The fields that every event in a dialog has (events.DialogEvent)."""

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
    """One command, as found in a message or sent by a button."""

    command: int
    name: str
    params: str
    context: str
    message: int
    message_text: str
    in_chat: bool | None = None
    cut: bool = False
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFields:
    """A message, new or edited, and how many files it has."""

    id: int
    text: str
    edited: bool
    files: int


def said(dialog_fields: DialogFields, event_tokens: EventTokens, *, message: MessageFields) -> DecodedEvent:
    """Make the event of a message or of its edit, without the mention of the bot."""
    rest, addressed = without_mention(message.text, dialog_fields["bot"])
    event = Said(
        **dialog_fields,
        message=MessageId(message.id),
        text=rest,
        addressed=addressed,
        cut=is_cut(message.text),
        edited=message.edited,
        files=message.files,
    )
    return _decoded(event, event_tokens, ordering.key_of_message(message.id, rest))


def is_cut(text: str) -> bool:
    """Check whether the portal removed the end of a message that was too long.

    It does so without an error (reference: im.message.add, MESSAGE).
    """
    return len(text) >= LONGEST_TEXT and text.endswith(CUT_END)


def commanded(dialog_fields: DialogFields, event_tokens: EventTokens, *, order: CommandFields) -> DecodedEvent:
    """Make the event of a command; only a typed one has a text around it."""
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
    )
    return _decoded(event, event_tokens, ordering.key_of_command(event))


def joined(dialog_fields: DialogFields, event_tokens: EventTokens) -> DecodedEvent:
    """Make the event of the bot joining a group, or of a new private dialog."""
    event = Joined(**dialog_fields)
    return _decoded(event, event_tokens, ordering.key_of_joining(event.dialog, event.bot, event.ts))


def deleted(event: BotDeleted) -> DecodedEvent:
    """Make the event of the bot's removal, which needs no tokens."""
    return DecodedEvent(
        event=event,
        key=ordering.key_of_bot_removal(event.bot, event.ts),
        ordering_key=ordering.PORTAL,
        event_tokens=EventTokens(),
    )


def _decoded(event: DialogEvent, event_tokens: EventTokens, key: str) -> DecodedEvent:
    return DecodedEvent(event=event, key=key, ordering_key=ordering.of_dialog(event.dialog), event_tokens=event_tokens)


def person(id_: int, *, bot: BotId, name: str, machine: bool, extranet: bool) -> Person:
    """Make the acting person; the bot itself and 0 (a system message) count as bots."""
    return Person(id=UserId(id_), name=name, is_bot=machine or id_ in (0, bot), extranet=extranet)


_DIALOG = re.compile(r"[A-Za-z]{0,16}[0-9]{1,19}")
_PRIVATE = frozenset({"P", "private"})


def dialog(given: str, *, chat_type: str, author: int) -> Dialog:
    """Check a dialog's id.

    A private dialog without an id is named after the person, as the portal does. `chat_type` is v1's letter or v2's
    word.

    Raises:
        BadEvent: this cannot be a dialog's id.
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
    """Remove mentions of the bot, each with a comma right after it, as the portal does for MESSAGE.

    Returns the text, and what stands behind the first mention in the middle of a sentence. A mention at the start, or
    after a quotation, begins the text: the sign behind it and the markup around it are removed too.
    """
    own = str(bot)
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
    """Read COMMAND_CONTEXT in either case; old portals omit it, and have typed commands only."""
    try:
        return From(context.lower() or From.TYPED)
    except ValueError:
        raise BadEvent("The command came neither from a text, nor a keyboard, nor a menu.") from None
