"""Removes the content of a post from a dialog."""

from __future__ import annotations

from collections.abc import Iterator

from bot.feed.relay import cards, reach
from bot.framework.context import Context
from bot.model.effects import DeleteCard, EditCard
from bot.model.records import Card, KnownPortal


def withdraw(
    ctx: Context, card: Card, *, version: str, language: str, portal: KnownPortal
) -> Iterator[EditCard | DeleteCard]:
    """Remove the content of a post from a card; `version` says why (GONE, HIDDEN or WITHHELD).

    The content of an unsent card is replaced, a sent message is edited, and a message that cannot be edited is deleted.
    """
    if is_on_its_way(card):
        shown, drop = cards.closing_text(language, version), version != cards.HIDDEN
        cards.replace_unsent(ctx, card, version=version, shown=shown, drop=drop)
    elif card.message is not None and reach.is_editable(card, portal, ctx.now):
        yield cards.close(
            ctx, card.post, dialog=card.dialog, message=card.message, language=language, version=version,
            over=card,
        )  # fmt: skip
    elif card.message is not None and cards.shows_content(card.version):
        yield cards.delete(ctx, card.post, dialog=card.dialog, message=card.message, language=language)


def is_on_its_way(card: Card) -> bool:
    """Check whether the first message of a card waits in the outbox."""
    return card.message is None and not card.lost
