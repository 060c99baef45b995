"""Takes the content of a post out of a dialog, whether its card waits, stands, or is too old to edit."""

from __future__ import annotations

from collections.abc import Iterator

from bot.feed.relay import cards
from bot.framework.context import Context
from bot.model.effects import DeleteCard, EditCard
from bot.model.records import Card

EDIT_WINDOW = 3 * 24 * 3600 - 600
"""How long a portal lets a message be edited (reference: 259 200 s from its date), less ten minutes in our queues."""


def withdraw(ctx: Context, card: Card, *, version: str, language: str) -> Iterator[EditCard | DeleteCard]:
    """Leave nothing of the post in a dialog, whether its card waits, stands, or is too old to edit."""
    if is_on_its_way(card):
        shown, drop = cards.closing(language, version), version != cards.HIDDEN
        cards.instead(ctx, card.post, dialog=card.dialog, version=version, shown=shown, drop=drop)
    elif card.message is not None and is_in_reach(ctx, card):
        yield cards.close(ctx, card.post, dialog=card.dialog, message=card.message, language=language, version=version)
    elif card.message is not None and cards.shows_content(card.version):
        yield cards.erase(ctx, card.post, dialog=card.dialog, message=card.message, language=language)


def is_on_its_way(card: Card) -> bool:
    """Tell whether the first message of a card is still to be sent."""
    return card.message is None and not card.lost


def is_in_reach(ctx: Context, card: Card) -> bool:
    """Tell whether the portal still lets us edit a card."""
    return not card.lost and ctx.now - card.made_at < EDIT_WINDOW
