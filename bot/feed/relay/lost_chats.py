"""Ends the subscriptions of chats from which the bot was removed.

Generation v1 of the bot interface has no event for that, but the portal then refuses our cards.
"""

from __future__ import annotations

import contextlib

import structlog

from bot.errors import PortalDown, PortalError
from bot.feed.publishing import references
from bot.feed.subscriptions import describing
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.i18n import catalog
from bot.model.effects import EditCard, Priority, Say, ShowCard
from bot.model.events import Dialog, Done, Failed
from bot.model.state_changes import ChatLeft, Unfollowing

REFUSALS = frozenset(
    {
        "ACCESS_DENIED",  # v2: not a participant; also: a role that may not write, or a plan that ended
        "CHAT_NOT_FOUND",
        "ACCESS_ERROR",
        "CANCELED",  # v1: not a member; also: a chat where only some members may write
        "CHAT_ID",
        "WRONG_REQUEST",  # v1: no such chat; also: any message that "isn't added"
    }
)
"""Errors for a chat without the bot. Each has other causes too, so the portal is asked about the chat."""

router = Router()
log = structlog.get_logger(__name__)


@router.failed(ShowCard)
async def card_refused(ctx: Context, result: Result[ShowCard]) -> Effects:
    """End the subscriptions of a chat that refused a card, if the bot is no longer in it.

    Tell the owners of the subscriptions.
    """
    async for effect in _refused(ctx, result.event, result.effect.dialog):
        yield effect


@router.failed(EditCard)
async def edit_refused(ctx: Context, result: Result[EditCard]) -> Effects:
    """End the subscriptions of a chat that refused an edit of a card, if the bot is no longer in it.

    Tell the owners of the subscriptions.
    """
    async for effect in _refused(ctx, result.event, result.effect.dialog):
        yield effect


async def _refused(ctx: Context, event: Done | Failed, dialog: Dialog) -> Effects:
    follows = await ctx.memory.follows(dialog)
    if not follows or not isinstance(event, Failed) or not await has_left(ctx, event, dialog):
        return
    log.info("the bot was removed from a chat", dialog=dialog, code=event.code, follows=len(follows))
    ctx.store(Unfollowing(dialog=dialog, topic=None))
    ctx.store(ChatLeft(dialog=dialog))
    for owner, had in {follow.owner: follow.language for follow in follows}.items():
        language = (await ctx.memory.language(owner)).language or had
        lines = [
            catalog.sentence(language, "follow.left", chat=references.chat_link(dialog), bot=ctx.settings.bot_name),
            catalog.sentence(language, "follow.left_rules"),
            *(f"• {describing.describe(language, one.topic, one.label)}" for one in follows if one.owner == owner),
        ]
        content = messages.of("\n".join(lines))
        yield Say(dialog=Dialog(str(owner)), language=language, content=content, priority=Priority.RELAY)


async def has_left(ctx: Context, event: Failed, dialog: Dialog) -> bool:
    """Check whether an error means that the bot is no longer in a chat.

    The portal is asked; False if it does not answer, and for private dialogs, which a bot cannot leave.
    """
    if event.code not in REFUSALS or dialog.isdigit():
        return False
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.is_shut_out(dialog)
    return False
