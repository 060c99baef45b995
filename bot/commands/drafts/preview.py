"""/preview: show the draft of this dialog again, in a new message."""

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
    """What stands after /preview: a button adds its signature, a person nothing."""

    signed: str = arguments.rest()


@router.command("preview", Args, order=12, also=catalog.also("preview"))
async def preview(ctx: Context, command: Command[Args]) -> Effects:
    """Show the draft, with the buttons to publish, change or cancel it."""
    signed = composing.parameters(command, command.args.signed)
    steps = composing.pressed(ctx, command, signed) if composing.is_press(command) else composing.show(ctx, command)
    async for effect in steps:
        yield effect
