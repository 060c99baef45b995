"""Handles the events of posts: shows, updates or withdraws one card for each post and dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from bot.feed import audience
from bot.feed.relay import card_updates, cards, changes, own_posts, quiet, revisions, withdrawing
from bot.feed.relay.revisions import PortalFollows, Revision
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.model.effects import DeleteCard, DeletePost, EditCard, Publish, Share
from bot.model.events import Dialog, PostAdded, PostDeleted, PostId, PostToCheck, PostUpdated
from bot.model.records import Card
from bot.model.state_changes import PostMarkedDeleted, PostSeen

router = Router()


@router.on(PostAdded)
async def post_added(ctx: Context, event: PostAdded) -> Effects:
    """Show a new post once in every dialog that follows it; the event may come late or twice."""
    async for effect in _relay(ctx, event.post, added=True):
        yield effect


@router.on(PostUpdated)
async def post_updated(ctx: Context, event: PostUpdated) -> Effects:
    """Update every card of a post; an update without visible change causes no effect."""
    async for effect in _relay(ctx, event.post, added=False):
        yield effect


@router.on(PostToCheck)
async def post_to_check(ctx: Context, event: PostToCheck) -> Effects:
    """Compare every card of a post with the post, in case an event was lost."""
    async for effect in _relay(ctx, event.post, added=False):
        yield effect


@router.done(Share)
async def post_shared(ctx: Context, result: Result[Share]) -> Effects:
    """Compare every card of a post with the post after a user added recipients; the portal sends no event for that."""
    async for effect in _relay(ctx, result.effect.post, added=False):
        yield effect


@router.done(DeletePost)
async def deleted_by_us(ctx: Context, result: Result[DeletePost]) -> Effects:
    """Handle a deletion that a user asked us for like the portal's event, which may be lost or come later."""
    async for effect in _deleted(ctx, result.effect.post):
        yield effect


@router.on(PostDeleted)
async def post_deleted(ctx: Context, event: PostDeleted) -> Effects:
    """Remove the content of a deleted post from every card that can still be changed."""
    async for effect in _deleted(ctx, event.post):
        yield effect


async def _deleted(ctx: Context, post: PostId) -> Effects:
    """Close the cards of a deleted post.

    A post that we never read is stored as deleted too, because a card of it may be made in a moment
    (`cards.first_card`).
    """
    cards_of_post = await ctx.memory.cards(post)
    if await ctx.memory.post(post) is None:
        if cards_of_post:
            return  # handled already
        ctx.store(changes.never_seen(post))
    found, published = await revisions.portal_follows(ctx), await withdrawing.published_from(ctx, post)
    for effect in _close_cards(ctx, post, cards_of_post, found, published):
        yield effect


async def _relay(ctx: Context, post_id: PostId, *, added: bool) -> Effects:
    before = await ctx.memory.post(post_id)
    existing = {card.dialog: card for card in await ctx.memory.cards(post_id)}
    if before is None and existing:
        return  # deleted already: events of one post may come in any order
    found = await revisions.portal_follows(ctx)
    if not (found.follows or existing):  # nobody follows, and a read would use up a request of the rate limit
        if before is None:
            ctx.store(changes.never_seen(post_id))
        return
    ours = not isinstance(ctx.event, PostUpdated) and await own_posts.is_ours(ctx, post_id)
    if added and ours and own_posts.is_told(ctx, before, existing, found.follows):
        return
    post = await revisions.read_post(ctx, post_id, before, beside=(*found.follows, *existing))
    if post is None:
        published = await withdrawing.published_from(ctx, post_id)
        for hidden in _hide_cards(ctx, before, existing.values(), found, published):
            yield hidden
        return
    post = await audience.with_places(ctx, post, (one for some in found.follows.values() for one in some))
    ctx.store(changes.seen(post))
    news = await revisions.revision(ctx, post, before, added=added, ours=ours)
    async for effect in _update_dialogs(ctx, news, existing, found):
        yield effect
    await quiet.note_extranet(ctx)


async def _update_dialogs(ctx: Context, news: Revision, existing: dict[Dialog, Card], found: PortalFollows) -> Effects:
    dialogs = list(dict.fromkeys((*(found.follows if news.spread else ()), *existing)))
    await audience.prepare(ctx, news.post, dialogs)  # asks about all dialogs in few requests
    for dialog in dialogs:
        await asyncio.sleep(0)  # thousands of dialogs may follow; let other tasks run in between
        async for effect in card_updates.update(ctx, news, dialog, card=existing.get(dialog), found=found):
            yield effect


def _close_cards(
    ctx: Context, post: PostId, existing: Iterable[Card], found: PortalFollows, published: Mapping[Dialog, Publish]
) -> Iterator[EditCard | DeleteCard]:
    """Close the cards of a deleted post in every dialog that saw its content, and store that it was deleted."""
    ctx.store(PostMarkedDeleted(post=post))
    for card in existing:
        if card.version != cards.WITHHELD:  # readers who may not see a post are not told that it was deleted
            language = found.language(card.dialog, published.get(card.dialog))
            yield from withdrawing.withdraw(ctx, card, version=cards.GONE, language=language, portal=found.portal)


def _hide_cards(
    ctx: Context,
    before: PostSeen | None,
    existing: Iterable[Card],
    found: PortalFollows,
    published: Mapping[Dialog, Publish],
) -> Iterator[EditCard | DeleteCard]:
    """Remove the content of a post that we can no longer read from all its cards."""
    if before is not None:
        ctx.store(replace(before, version=cards.HIDDEN))
    for card in existing:
        if cards.shows_content(card.version):
            language = found.language(card.dialog, published.get(card.dialog))
            yield from withdrawing.withdraw(ctx, card, version=cards.HIDDEN, language=language, portal=found.portal)
