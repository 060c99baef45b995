"""Removes the content of a post from a dialog."""

from __future__ import annotations

from collections.abc import Iterator

from bot.feed.relay import cards
from bot.framework.context import Context
from bot.model.effects import DeleteCard, EditCard
from bot.model.records import Card

EDIT_WINDOW = 3 * 24 * 3600 - 600
"""Seconds in which a message can be edited (reference: 259 200 s), less ten minutes for our queues."""


def withdraw(ctx: Context, card: Card, *, version: str, language: str) -> Iterator[EditCard | DeleteCard]:
    """Remove the content of a post from a card; `version` says why (GONE, HIDDEN or WITHHELD).

    The content of an unsent card is replaced, a sent message is edited, and a message that is too old to edit is
    deleted.
    """
    if is_on_its_way(card):
        shown, drop = cards.closing_text(language, version), version != cards.HIDDEN
        cards.replace_unsent(ctx, card, version=version, shown=shown, drop=drop)
    elif card.message is not None and is_in_reach(ctx, card):
        yield cards.close(
            ctx, card.post, dialog=card.dialog, message=card.message, language=language, version=version,
            over=card.version,
        )  # fmt: skip
    elif card.message is not None and cards.shows_content(card.version):
        yield cards.delete(ctx, card.post, dialog=card.dialog, message=card.message, language=language)


def is_on_its_way(card: Card) -> bool:
    """Check whether the first message of a card waits in the outbox."""
    return card.message is None and not card.lost


def is_in_reach(ctx: Context, card: Card) -> bool:
    """Check whether the portal still lets us edit the message of a card."""
    return not card.lost and ctx.now - card.made_at < EDIT_WINDOW
