"""A command in a chat without the bot whose answer is late: the user who asked gets it in private, nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.in_process import ANNA, BORIS, running

TOO_LATE = 605.0
"""Seconds after which a portal no longer writes the answer to a command."""


@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
@pytest.mark.parametrize("where", ["group", "colleague"])
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_an_answer_reaches_the_user_who_asked(tmp_path: Path, api: str, where: str, *, late: bool) -> None:
    """In time it is written where the command is; late it comes in their own dialog with the bot, never in another."""
    async with running(tmp_path, api) as made:
        anna, boris = made.p.person(ANNA), made.p.person(BORIS)
        bot = made.p.bot_dialog(made.app)
        dialog = made.p.make_chat(ANNA, BORIS, by=ANNA) if where == "group" else str(BORIS)
        await boris.opens(dialog=bot)
        await made.quiet()
        before = len(boris.reads(dialog=bot))
        made.p.down()
        await anna.says("/help share", dialog=dialog)
        await made.p.idle()
        if late:
            made.p.clock.advance(TOO_LATE)
        made.p.down(0)
        await made.quiet()
        answers = {
            "there": [row.text for row in anna.reads(dialog=dialog) if row.sender not in (ANNA, BORIS)],
            "in private": [row.text for row in anna.reads(dialog=bot) if "/share" in row.text and row.sender != ANNA],
        }
        # Events of imbot v2 do not name the colleague, so that answer is always in private.
        there = not late and (api, where) != ("v2", "colleague")
        assert {place: len(texts) for place, texts in answers.items()} == {"there": there, "in private": not there}
        assert len(boris.reads(dialog=bot)) == before
