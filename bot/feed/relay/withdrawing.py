"""Removes the content of a post from a dialog."""

from __future__ import annotations

from collections.abc import Iterator

from bot.feed.relay import cards, reach
from bot.framework.context import Context
from bot.model.effects import DeleteCard, EditCard, Publish
from bot.model.events import Dialog, PostId
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


async def published_from(ctx: Context, post: PostId) -> dict[Dialog, Publish]:
    """Return the effects that published a post, by dialog, if their confirmations can still be edited."""
    limited = (await cards.known_portal(ctx)).api == "v1"
    publications = await ctx.memory.publications(post, ctx.now - reach.EDIT_WINDOW if limited else 0.0)
    return {one.dialog: one for one in publications if one.becomes_card}


def is_on_its_way(card: Card) -> bool:
    """Check whether the first message of a card waits in the outbox."""
    return card.message is None and not card.lost
