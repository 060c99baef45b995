"""/publish: publish the draft of this dialog."""

from __future__ import annotations

from bot.feed.composer import composing
from bot.feed.composer.composing import Signed
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@router.command("publish", Signed, order=13, writes=True, also=catalog.also("publish"))
async def publish(ctx: Context, command: Command[Signed]) -> Effects:
    """Publish the draft, once."""
    async for effect in composing.step(ctx, command, composing.publish):
        yield effect
