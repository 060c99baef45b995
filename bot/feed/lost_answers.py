"""Answers to a command that the portal does not take (any more): who asked is told in private instead."""

from __future__ import annotations

from dataclasses import replace

from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.model.effects import Say
from bot.model.events import Dialog, Failed

LATE = "COMMAND_ANSWER_FAILED"
"""What v2 says when a command's ten minutes are over, or its message is gone (reference: imbot.v2.Command.answer)."""

router = Router()


@router.failed(Say)
async def answer_refused(_ctx: Context, result: Result[Say]) -> Effects:
    """Say the same in the asker's own dialog with the bot."""
    said, event = result.effect, result.event
    if said.answers and said.answers.asker and isinstance(event, Failed) and event.code == LATE:
        yield replace(said, dialog=Dialog(str(said.answers.asker)), answers=None)
