"""The answer to the offer to quote a forwarded message in a post; only its button sends it."""

from __future__ import annotations

from bot.feed.composer.composing import Signed
from bot.feed.publishing import forwards
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router

router = Router()


@router.command(forwards.COMMAND, Signed, edits=True, for_buttons=True)
async def quote(ctx: Context, command: Command[Signed]) -> Effects:
    """Begin a draft that quotes the message."""
    async for effect in forwards.pressed(ctx, command, command.args.signed):
        yield effect
