"""Handles the removal of the application, or of its bot, from a portal."""

from __future__ import annotations

from bot.framework.context import Context
from bot.framework.router import Router
from bot.model.events import BotDeleted, Uninstalled
from bot.model.state_changes import BotKnown, PortalGone

router = Router()


@router.on(Uninstalled)
async def uninstalled(ctx: Context, event: Uninstalled) -> None:
    """Delete the portal's data if the user chose so.

    There is no access left to answer.
    """
    ctx.store(PortalGone(clean=event.clean))


@router.on(BotDeleted)
async def bot_deleted(ctx: Context, event: BotDeleted) -> None:
    """Forget our bot if it was deleted; other bots of the application do not matter."""
    portal = await ctx.memory.portal()
    if portal and portal.bot == event.bot:
        ctx.store(BotKnown(bot=None))
