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


def said(dialog_fields: DialogFields, event_tokens: EventTokens, *, message: int, text: str) -> DecodedEvent:
    """Make the event of a message, without the mention of the bot."""
    cut = without_mention(text, dialog_fields["bot"])
    event = Said(**dialog_fields, message=MessageId(message), text=cut, cut=is_cut(text))
    return _decoded(event, event_tokens, ordering.key_of_message(message, cut))


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


def without_mention(text: str, bot: BotId) -> str:
    """Remove mentions of the bot, each with a comma right after it.

    The portal does the same for MESSAGE.
    """
    own = str(bot)
    return _MENTION.sub(lambda mention: "" if mention[1] == own else mention[0], text).strip()


def _source(context: str) -> From:
    """Read COMMAND_CONTEXT in either case; old portals omit it, and have typed commands only."""
    try:
        return From(context.lower() or From.TYPED)
    except ValueError:
        raise BadEvent("The command came neither from a text, nor a keyboard, nor a menu.") from None
