"""Checks who reads in a chat.

Bitrix24 sends no event when an extranet user is added to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bot.errors import PortalDown, PortalError
from bot.feed.relay import cards, withdrawing
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.model.effects import DeleteCard, EditCard
from bot.model.events import ChatsToCheck, Commanded, Dialog, Joined, PostAdded, PostDeleted, PostId, PostUpdated, Said
from bot.model.records import Card
from bot.model.state_changes import ReadersAsked

CHECK_ACTIVE_AFTER = 10
"""Seconds between two checks of a chat in which somebody writes to us."""
CHECK_OTHERS_AFTER = 30
"""Seconds between two checks of every other chat; post events start them."""

router = Router()


@router.on(Said)
async def said(ctx: Context, event: Said) -> Effects:
    """Check the readers of the group where somebody writes."""
    async for effect in _check_active(ctx, event.dialog):
        yield effect


@router.on(Commanded)
async def commanded(ctx: Context, event: Commanded) -> Effects:
    """Check the readers of the group where somebody uses a command."""
    async for effect in _check_active(ctx, event.dialog):
        yield effect


@router.on(Joined)
async def joined(ctx: Context, event: Joined) -> Effects:
    """Check the readers of a group that the bot joins again."""
    async for effect in _check_active(ctx, event.dialog):
        yield effect


@router.on(PostAdded)
async def post_added(ctx: Context, event: PostAdded) -> Effects:
    """Check the readers of every group with content, on any event of the feed."""
    async for effect in check_all(ctx, but=event.post):
        yield effect


@router.on(PostUpdated)
async def post_updated(ctx: Context, event: PostUpdated) -> Effects:
    """Check the readers of every group with content when a post changes."""
    async for effect in check_all(ctx, but=event.post):
        yield effect


@router.on(PostDeleted)
async def post_deleted(ctx: Context, event: PostDeleted) -> Effects:
    """Check the readers of every group with content when a post is deleted."""
    async for effect in check_all(ctx, but=event.post):
        yield effect


@router.on(ChatsToCheck)
async def chats_to_check(ctx: Context, _event: ChatsToCheck) -> Effects:
    """Check the readers of every group with content."""
    async for effect in check_all(ctx):
        yield effect


async def check_all(ctx: Context, *, but: PostId | None = None) -> Effects:
    """Withhold the cards of groups that an extranet user has joined; skip groups checked lately.

    Cards of the post `but` are left to the relay, which handles them on the same event.
    """
    asked = await ctx.memory.dialogs_with_content()
    old = [dialog for dialog, at in asked.items() if _is_group(dialog) and ctx.now - at > CHECK_OTHERS_AFTER]
    async for effect in _check(ctx, old, but=but):
        yield effect


async def _check_active(ctx: Context, dialog: Dialog) -> Effects:
    if not _is_group(dialog):
        return
    at = (await ctx.memory.dialogs_with_content()).get(dialog)
    if at is not None and ctx.now - at > CHECK_ACTIVE_AFTER:
        async for effect in _check(ctx, [dialog]):
            yield effect


async def _check(ctx: Context, dialogs: list[Dialog], *, but: PostId | None = None) -> Effects:
    """Check many dialogs in few requests.

    If the portal does not answer, the next event tries again.
    """
    if not dialogs:
        return
    with contextlib.suppress(PortalError, PortalDown):
        await ctx.portal.read_chats(dialogs)
    for dialog in dialogs:
        try:
            closed = not await ctx.portal.has_extranet_users(dialog)
        except (PortalError, PortalDown):
            continue
        ctx.store(ReadersAsked(dialog=dialog))
        standing = () if closed else await ctx.memory.cards_with_content(dialog)
        for card in (card for card in standing if card.post != but):
            for effect in await _withhold(ctx, card):
                yield effect


async def _withhold(ctx: Context, card: Card) -> Iterator[EditCard | DeleteCard]:
    follows = await ctx.memory.follows(card.dialog)
    language = follows[0].language if follows else (await cards.known_portal(ctx)).language
    return withdrawing.withdraw(ctx, card, version=cards.WITHHELD, language=language)


def _is_group(dialog: Dialog) -> bool:
    return not dialog.isdigit()
