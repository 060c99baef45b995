"""What is known of posts that were published through the bot: the portal is not asked for it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.feed import cards, changes
from bot.feed.readers import ASK_OTHERS
from bot.framework.context import Context
from bot.model.events import Dialog, PostId
from bot.model.records import Card, Post
from bot.model.state_changes import PostSeen

ECHO_WINDOW = 3600
"""How long after a post left through the bot its event may come, in seconds."""


async def is_ours(ctx: Context, post: PostId) -> bool:
    """Tell whether a post was published through the bot a short time ago."""
    return post in await ctx.memory.made("Publish", ctx.now - ECHO_WINDOW)


def is_told(
    ctx: Context, before: PostSeen | None, standing: Mapping[Dialog, Card], following: Collection[Dialog]
) -> bool:
    """Tell whether a post of ours is shown as it was sent in every dialog that follows.

    Who reads there was asked before its card was made, and is not asked again within the same time as elsewhere.
    """
    if before is None or not set(following) <= standing.keys():
        return False
    return all(_is_true(ctx, before, card) for card in standing.values())


async def echoes(ctx: Context, post: Post, before: PostSeen | None) -> frozenset[Dialog]:
    """Dialogs from which this very post was just published: there its command shows the card."""
    texts = {changes.mark(post.text), before.digest if before else ""}
    titles = {changes.mark(""), changes.mark(post.title), before.title if before else ""}
    publishing = await ctx.memory.publishing(post.author, ctx.now - ECHO_WINDOW)
    return frozenset(
        sent.dialog for sent in publishing if changes.mark(sent.text) in texts and changes.mark(sent.title) in titles
    )


def _is_true(ctx: Context, before: PostSeen, card: Card) -> bool:
    if card.lost or ctx.now - card.made_at >= ASK_OTHERS:
        return False
    return cards.base(card.version) == before.version or (card.version == cards.WITHHELD and not before.for_all)
