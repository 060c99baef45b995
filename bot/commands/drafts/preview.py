"""/preview: show the draft of this dialog again, in a new message."""

from __future__ import annotations

from bot.feed.composer import composing
from bot.feed.composer.composing import Signed
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@router.command("preview", Signed, order=12, also=catalog.also("preview"))
async def preview(ctx: Context, command: Command[Signed]) -> Effects:
    """Show the draft, with the buttons to publish, change or cancel it."""
    async for effect in composing.step(ctx, command, composing.show):
        yield effect
