"""/cancel: put the draft of this dialog away."""

from __future__ import annotations

from dataclasses import dataclass

from bot.feed.composer import composing
from bot.framework import arguments
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """What stands after /cancel: a button adds its signature, a person nothing."""

    signed: str = arguments.rest()


@router.command("cancel", Args, order=14, also=catalog.also("cancel"))
async def cancel(ctx: Context, command: Command[Args]) -> Effects:
    """Put the draft away; nothing is published."""
    signed = composing.parameters(command, command.args.signed)
    steps = composing.pressed(ctx, command, signed) if composing.is_press(command) else composing.cancel(ctx, command)
    async for effect in steps:
        yield effect
