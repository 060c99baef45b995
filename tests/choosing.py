"""The questions which recipients are meant, in tests: the buttons of a question, and a press of one of them."""

from __future__ import annotations

from bot.feed.publishing import choosing
from bot.model.effects import Edit, Effect, Say
from tests.stand_ins import Conversation


def choices(said: Say | Edit) -> dict[str, str]:
    """Return what each button that answers a question sends, by its label."""
    return {
        str(one["TEXT"]): str(one["COMMAND_PARAMS"])
        for one in said.content.keyboard
        if one.get("COMMAND") == choosing.COMMAND
    }


async def choose(chat: Conversation, said: Effect, number: int = 0) -> list[Effect]:
    """Press a button of a question, and return what happens: the question changes first."""
    assert isinstance(said, Say | Edit)
    return await chat.press(choosing.COMMAND, list(choices(said).values())[number])
