"""The answer to a question which recipients are meant; only buttons send it."""

from __future__ import annotations

from bot.feed.composer.composing import Signed
from bot.feed.publishing import choosing
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router

router = Router()


@router.command(choosing.COMMAND, Signed, edits=True, for_buttons=True)
async def choose(ctx: Context, command: Command[Signed]) -> Effects:
    """Take the user's answer, and carry their command out if nothing else is unclear."""
    async for effect in choosing.pressed(ctx, command, command.args.signed):
        yield effect
