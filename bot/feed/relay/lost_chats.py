"""Chats that the bot is no longer in: a generation without an event of it shows it by refusing our cards."""

from __future__ import annotations

import contextlib

import structlog

from bot.errors import PortalDown, PortalError
from bot.feed.publishing import references
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.i18n import catalog
from bot.model.effects import EditCard, Priority, Say, ShowCard
from bot.model.events import Dialog, Done, Failed
from bot.model.state_changes import ChatLeft, Unfollowing

REFUSALS = frozenset(
    {
        "ACCESS_DENIED",  # v2: not a participant; but also a role that may not write, or a portal whose plan ended
        "CHAT_NOT_FOUND",
        "ACCESS_ERROR",
        "CANCELED",  # v1: not a member; but also a chat where only some may write
        "CHAT_ID",
        "WRONG_REQUEST",  # v1: no such chat; but also any message that "isn't added"
    }
)
"""What a portal answers for a chat we are not in. Each can mean less, so the portal is asked for the chat itself."""

router = Router()
log = structlog.get_logger(__name__)


@router.failed(ShowCard)
async def card_refused(ctx: Context, result: Result[ShowCard]) -> Effects:
    """Where the chat does not show itself to us any more its subscriptions end, and who made them is told."""
    async for effect in _refused(ctx, result.event, result.effect.dialog):
        yield effect


@router.failed(EditCard)
async def edit_refused(ctx: Context, result: Result[EditCard]) -> Effects:
    """The same for a card that stood there already."""
    async for effect in _refused(ctx, result.event, result.effect.dialog):
        yield effect


async def _refused(ctx: Context, event: Done | Failed, dialog: Dialog) -> Effects:
    if not isinstance(event, Failed) or event.code not in REFUSALS or dialog.isdigit():
        return
    follows = await ctx.memory.follows(dialog)
    if not follows or not await _is_shut_out(ctx, dialog):
        return
    log.info("a chat is left", dialog=dialog, code=event.code, follows=len(follows))
    ctx.store(Unfollowing(dialog=dialog, topic=None))
    ctx.store(ChatLeft(dialog=dialog))
    for owner, language in {follow.owner: follow.language for follow in follows}.items():
        said = catalog.sentence(language, "follow.left", chat=references.chat_link(dialog), bot=ctx.settings.bot_name)
        yield Say(dialog=Dialog(str(owner)), language=language, content=messages.of(said), priority=Priority.RELAY)


async def _is_shut_out(ctx: Context, dialog: Dialog) -> bool:
    """What cannot be asked now is asked again when the next card is refused."""
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.is_shut_out(dialog)
    return False
