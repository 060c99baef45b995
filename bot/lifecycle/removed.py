"""Leaving a portal: what is forgotten when the application, or only its bot, was removed."""

from __future__ import annotations

from bot.framework.context import Context
from bot.framework.router import Router
from bot.model.events import BotDeleted, Uninstalled
from bot.model.state_changes import BotKnown, PortalGone

router = Router()


@router.on(Uninstalled)
async def uninstalled(ctx: Context, event: Uninstalled) -> None:
    """Access is gone already, so nothing is said; all data goes too where the user wished so."""
    ctx.store(PortalGone(clean=event.clean))


@router.on(BotDeleted)
async def bot_deleted(ctx: Context, event: BotDeleted) -> None:
    """Our bot is gone from the portal; another bot of the same application is none of our business."""
    portal = await ctx.memory.portal()
    if portal and portal.bot == event.bot:
        ctx.store(BotKnown(bot=None))
