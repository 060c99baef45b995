"""Sends an answer in private if the portal no longer accepts it as the answer to a command."""

from __future__ import annotations

from dataclasses import replace

from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.model.effects import Say
from bot.model.events import Dialog, Failed

LATE = "COMMAND_ANSWER_FAILED"
"""The v2 error for a command older than ten minutes, or one whose message is deleted.

Reference: imbot.v2.Command.answer.
"""

router = Router()


@router.failed(Say)
async def answer_refused(_ctx: Context, result: Result[Say]) -> Effects:
    """Send the answer to a command again, in the user's private dialog with the bot, if the command is too old."""
    said, event = result.effect, result.event
    if said.answers and said.answers.asker and isinstance(event, Failed) and event.code == LATE:
        yield replace(said, dialog=Dialog(str(said.answers.asker)), answers=None)
