"""/start: greet the user, with buttons to begin."""

from __future__ import annotations

from dataclasses import dataclass

from bot.feed import greeting
from bot.framework import arguments
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The arguments of /start, which are ignored: portals and people add words of their own."""

    anything: str = arguments.rest()


@router.command("start", Start, also=catalog.also("start"))
async def start(ctx: Context, command: Command[Start]) -> Effects:
    """Send the greeting."""
    yield ctx.reply(greeting.greeting(command.language, group=command.event.is_group))
