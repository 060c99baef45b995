"""The answer to the question whether a message becomes a comment; only buttons send it."""

from __future__ import annotations

from bot.feed.composer.composing import Signed
from bot.feed.posts import replying
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router

router = Router()


@router.command(replying.COMMAND, Signed, edits=True, for_buttons=True)
async def reply(ctx: Context, command: Command[Signed]) -> Effects:
    """Write the comment, or leave it."""
    async for effect in replying.pressed(ctx, command, command.args.signed):
        yield effect
