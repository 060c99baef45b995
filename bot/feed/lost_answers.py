"""Sends an answer in private if it is too late for the answer to a command."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import LATE_ANSWER
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.model.effects import Say
from bot.model.events import Dialog, Failed

router = Router()


@router.failed(Say)
async def answer_refused(_ctx: Context, result: Result[Say]) -> Effects:
    """Send the answer to a command again, in the user's private dialog with the bot, if the command is too old."""
    said, event = result.effect, result.event
    if said.answers and said.answers.asker and isinstance(event, Failed) and event.code == LATE_ANSWER:
        yield replace(said, dialog=Dialog(str(said.answers.asker)), answers=None)
