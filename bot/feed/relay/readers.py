"""Asks again who reads in a chat: Bitrix24 sends no event when an extranet user is added to it."""

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

ASK_ACTIVE = 10
"""Seconds after which the portal is asked again about a chat in which somebody writes to us."""
ASK_OTHERS = 30
"""Seconds after which it is asked again about every other chat, at an event of any post."""

router = Router()


@router.on(Said)
async def said(ctx: Context, event: Said) -> Effects:
    """Ask again who reads in the group where somebody writes."""
    async for effect in _in_active(ctx, event.dialog):
        yield effect


@router.on(Commanded)
async def commanded(ctx: Context, event: Commanded) -> Effects:
    """Ask again who reads in the group where somebody gives a command."""
    async for effect in _in_active(ctx, event.dialog):
        yield effect


@router.on(Joined)
async def joined(ctx: Context, event: Joined) -> Effects:
    """Ask who reads in the group that we came back to."""
    async for effect in _in_active(ctx, event.dialog):
        yield effect


@router.on(PostAdded)
async def post_added(ctx: Context, event: PostAdded) -> Effects:
    """Ask again who reads wherever content stands, when anything happens in the feed."""
    async for effect in look(ctx, but=event.post):
        yield effect


@router.on(PostUpdated)
async def post_updated(ctx: Context, event: PostUpdated) -> Effects:
    """The same for a change of a post."""
    async for effect in look(ctx, but=event.post):
        yield effect


@router.on(PostDeleted)
async def post_deleted(ctx: Context, event: PostDeleted) -> Effects:
    """The same for the end of a post."""
    async for effect in look(ctx, but=event.post):
        yield effect


@router.on(ChatsToCheck)
async def chats_to_check(ctx: Context, _event: ChatsToCheck) -> Effects:
    """Ask again who reads in every chat where content stands."""
    async for effect in look(ctx):
        yield effect


async def look(ctx: Context, *, but: PostId | None = None) -> Effects:
    """Empty the cards of groups that extranet users read by now; groups that were asked lately are not asked.

    Cards of the post `but` are left to the relay, which judges them at the same event.
    """
    asked = await ctx.memory.dialogs_with_content()
    old = [dialog for dialog, at in asked.items() if _is_group(dialog) and ctx.now - at > ASK_OTHERS]
    async for effect in _ask(ctx, old, but=but):
        yield effect


async def _in_active(ctx: Context, dialog: Dialog) -> Effects:
    if not _is_group(dialog):
        return
    at = (await ctx.memory.dialogs_with_content()).get(dialog)
    if at is not None and ctx.now - at > ASK_ACTIVE:
        async for effect in _ask(ctx, [dialog]):
            yield effect


async def _ask(ctx: Context, dialogs: list[Dialog], *, but: PostId | None = None) -> Effects:
    """Ask about many dialogs together; a portal that does not answer now is asked at the next event."""
    if not dialogs:
        return
    with contextlib.suppress(PortalError, PortalDown):
        await ctx.portal.meet(dialogs)
    for dialog in dialogs:
        try:
            closed = not await ctx.portal.has_extranet_users(dialog)
        except (PortalError, PortalDown):
            continue
        ctx.store(ReadersAsked(dialog=dialog))
        standing = () if closed else await ctx.memory.cards_with_content(dialog)
        for card in (card for card in standing if card.post != but):
            for effect in await _empty(ctx, card):
                yield effect


async def _empty(ctx: Context, card: Card) -> Iterator[EditCard | DeleteCard]:
    follows = await ctx.memory.follows(card.dialog)
    language = follows[0].language if follows else (await cards.known(ctx)).language
    return withdrawing.withdraw(ctx, card, version=cards.WITHHELD, language=language)


def _is_group(dialog: Dialog) -> bool:
    return not dialog.isdigit()
