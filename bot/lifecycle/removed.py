"""Handles the removal of the application, or of its bot, from a portal."""

from __future__ import annotations

from bot.framework.context import Context
from bot.framework.router import Router
from bot.model.events import BotDeleted, Uninstalled
from bot.model.state_changes import BotKnown, PortalGone

router = Router()


@router.on(Uninstalled)
async def uninstalled(ctx: Context, event: Uninstalled) -> None:
    """Mark the portal as not installed and delete its tokens; delete all its data if the user chose that.

    Nobody is answered, because our access has ended.
    """
    ctx.store(PortalGone(clean=event.clean))


@router.on(BotDeleted)
async def bot_deleted(ctx: Context, event: BotDeleted) -> None:
    """Forget the id of our bot if the event is about our bot, and not another bot of the application."""
    portal = await ctx.memory.portal()
    if portal and portal.bot == event.bot:
        ctx.store(BotKnown(bot=None))
