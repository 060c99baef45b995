"""Says which messages of cards the portal lets us change, and which of its refusals mean that it never will again."""

from __future__ import annotations

from bot import errors
from bot.model.events import Failed
from bot.model.records import Card, KnownPortal

EDIT_WINDOW = 3 * 24 * 3600 - 600
"""Seconds in which imbot.message.update edits (reference: 259 200 s), less ten minutes for our queues.

imbot.v2.Chat.Message.update has no such limit.
"""
OUT_OF_REACH = frozenset(
    {
        "MESSAGE_NOT_FOUND",  # deleted completely
        "CANT_EDIT_MESSAGE",  # v1: too old, or deleted
        "ACCESS_DENIED",  # v2: the bot is not in the chat; as documented also too old, or deleted
        "MESSAGE_ACCESS_DENIED",  # v2: deleted, or written before the bot joined the chat again
        "MESSAGE_ACCESS_DENIED_BY_TARIFF",  # v2: older than the history that the plan shows
    }
)
"""Errors of an edit after which the message is not tried again (reference: imbot.v2.Chat.Message.update)."""
MOST_REFUSED = 2
"""How many edits of one card in a row may be refused for a reason that we do not know, before it is given up."""


def is_editable(card: Card, portal: KnownPortal, now: float) -> bool:
    """Check whether the portal still lets us edit the message of a card, as far as we know."""
    return not card.lost and (portal.api != "v1" or now - card.made_at < EDIT_WINDOW)


def is_lost(event: Failed, *, refused: int) -> bool:
    """Check whether an edit failed in a way that every further edit would.

    `refused` counts how often the portal refused an edit of this card in a row before.
    """
    if event.error == errors.Gone.__name__ or event.code in OUT_OF_REACH:
        return True
    return event.error == errors.Refused.__name__ and refused + 1 >= MOST_REFUSED


def may_be_deleted(event: Failed) -> bool:
    """Check whether a message that cannot be edited may still be there, so that it is to be deleted."""
    return event.code != "MESSAGE_NOT_FOUND"
