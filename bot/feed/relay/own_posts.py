"""Finds out which posts were published through the bot, so that the portal is not asked about them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.feed.relay import cards, changes
from bot.feed.relay.readers import CHECK_OTHERS_AFTER
from bot.framework.context import Context
from bot.model.events import Dialog, PostId
from bot.model.records import Card, Post
from bot.model.state_changes import PostSeen

ECHO_WINDOW = 3600
"""Seconds after we published a post in which the portal's event of this post may arrive."""


async def is_ours(ctx: Context, post: PostId) -> bool:
    """Check whether a post was published through the bot during the last ECHO_WINDOW seconds."""
    return post in await ctx.memory.made("Publish", ctx.now - ECHO_WINDOW)


def is_told(
    ctx: Context, before: PostSeen | None, existing: Mapping[Dialog, Card], following: Collection[Dialog]
) -> bool:
    """Check whether every dialog that follows shows our post as we sent it, with readers who were checked lately.

    `before` is the post as stored, `existing` are its cards, `following` the dialogs that follow.
    """
    if before is None or not set(following) <= existing.keys():
        return False
    return all(_is_current(ctx, before, card) for card in existing.values())


async def echoes(ctx: Context, post: Post, before: PostSeen | None) -> frozenset[Dialog]:
    """Return the dialogs that have just published this post; there the result of the command shows the card."""
    texts = {changes.text_digest(post.text), before.digest if before else ""}
    titles = {changes.text_digest(""), changes.text_digest(post.title), before.title if before else ""}
    publishing = await ctx.memory.publishing(post.author, ctx.now - ECHO_WINDOW, post=post.id)
    return frozenset(
        sent.dialog
        for sent in publishing
        if sent.becomes_card and changes.text_digest(sent.text) in texts and changes.text_digest(sent.title) in titles
    )


def _is_current(ctx: Context, before: PostSeen, card: Card) -> bool:
    if card.lost or ctx.now - card.made_at >= CHECK_OTHERS_AFTER:
        return False
    return cards.base(card.version) == before.version or (card.version == cards.WITHHELD and not before.for_all)
