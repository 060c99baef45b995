"""Where something happened in a dialog, and the arrivals made of it; here both generations of the bot API are one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypedDict

from bot.bitrix.inbound.incoming import DecodedEvent
from bot.errors import BadEvent
from bot.model import ordering
from bot.model.events import (
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
    """Everything an event in a dialog has in common with the others (events.DialogEvent)."""

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
    """One command as the portal found it in a message, or as it was pressed."""

    command: int
    name: str
    params: str
    context: str
    message: int
    message_text: str
    in_chat: bool | None = None


def said(dialog_fields: DialogFields, event_tokens: EventTokens, *, message: int, text: str) -> DecodedEvent:
    """Somebody wrote; the mention of the bot is cut out of the text."""
    cut = without_mention(text, dialog_fields["bot"])
    event = Said(**dialog_fields, message=MessageId(message), text=cut)
    return _arrival(event, event_tokens, ordering.key_of_message(message, cut))


def commanded(dialog_fields: DialogFields, event_tokens: EventTokens, *, order: CommandFields) -> DecodedEvent:
    """Somebody typed a command or pressed one; only a typed one has a text around it."""
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
    )
    return _arrival(event, event_tokens, ordering.key_of_command(event))


def joined(dialog_fields: DialogFields, event_tokens: EventTokens) -> DecodedEvent:
    """Somebody added the bot to a group or opened a private dialog with it."""
    event = Joined(**dialog_fields)
    return _arrival(event, event_tokens, ordering.key_of_joining(event.dialog, event.bot, event.ts))


def deleted(event: BotDeleted) -> DecodedEvent:
    """Somebody removed the bot; nobody's tokens are needed for that."""
    return DecodedEvent(
        event=event,
        key=ordering.key_of_bot_removal(event.bot, event.ts),
        ordering_key=ordering.PORTAL,
        event_tokens=EventTokens(),
    )


def _arrival(event: DialogEvent, event_tokens: EventTokens, key: str) -> DecodedEvent:
    return DecodedEvent(event=event, key=key, ordering_key=ordering.of_dialog(event.dialog), event_tokens=event_tokens)


def person(id_: int, *, bot: BotId, name: str, machine: bool, extranet: bool) -> Person:
    """Who acted; the bot itself and nobody (0: a system message) are no people either."""
    return Person(id=UserId(id_), name=name, is_bot=machine or id_ in (0, bot), extranet=extranet)


_DIALOG = re.compile(r"[A-Za-z]{0,16}[0-9]{1,19}")
_PRIVATE = frozenset({"P", "private"})


def dialog(given: str, *, chat_type: str, author: int) -> Dialog:
    """Check a dialog's id; a private dialog without one is named after the person, as the portal names it.

    `chat_type` is v1's letter or v2's word. Raises BadEvent for what can be no dialog.
    """
    if not given and chat_type in _PRIVATE:
        return Dialog(str(author))
    if not _DIALOG.fullmatch(given):
        raise BadEvent("The event names no dialog.")
    return Dialog(given)


# A name may hold brackets, but no further mention: so a row of opening tags is looked at once.
_MENTION = re.compile(r"\[USER=([0-9]{1,19})(?: REPLACE)?\](?:(?!\[/?USER).)*+\[/USER\],?", re.IGNORECASE | re.DOTALL)


def without_mention(text: str, bot: BotId) -> str:
    """Cut the mentions of the bot, each with one comma that follows at once, as the portal does for MESSAGE."""
    own = str(bot)
    return _MENTION.sub(lambda mention: "" if mention[1] == own else mention[0], text).strip()


def _source(context: str) -> From:
    """Read COMMAND_CONTEXT in either spelling; old portals do not send one and know only typed commands."""
    try:
        return From(context.lower() or From.TYPED)
    except ValueError:
        raise BadEvent("The command came neither from a text, nor a keyboard, nor a menu.") from None
