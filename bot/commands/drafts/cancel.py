"""/cancel: put the draft of this dialog away."""

from __future__ import annotations

from bot.feed.composer import composing
from bot.feed.composer.composing import Signed
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@router.command("cancel", Signed, order=14, also=catalog.also("cancel"))
async def cancel(ctx: Context, command: Command[Signed]) -> Effects:
    """Put the draft away; nothing is published."""
    async for effect in composing.step(ctx, command, composing.cancel):
        yield effect
