"""/publish: publish the draft of this dialog."""

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
    """What stands after /publish: a button adds its signature, a person nothing."""

    signed: str = arguments.rest()


@router.command("publish", Args, order=13, writes=True, also=catalog.also("publish"))
async def publish(ctx: Context, command: Command[Args]) -> Effects:
    """Publish the draft, once."""
    signed = composing.parameters(command, command.args.signed)
    steps = composing.pressed(ctx, command, signed) if composing.is_press(command) else composing.publish(ctx, command)
    async for effect in steps:
        yield effect
