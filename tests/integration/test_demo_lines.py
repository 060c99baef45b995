"""The lines that the demo proposes, each typed by the user that the page opens with."""

from __future__ import annotations

from pathlib import Path

from bot.demo import OPENED_AS
from bot.demo_lines import LINES, POLICY, listed
from tests.in_process import running

SAID = {
    "/help": "This is what I can do",
    "/post to:all": "Lunch is at one today",
    "/post": "Your draft",
    '/post to:"Office': "Needs the approval of Olga Sommer.",
    "/follow all": "now follows",
    "/follow in": "now follows posts for Sales without “draft”",
    "/post important": "Importance",
    "/post background": "sunset",
    "/poll": "○ apple",
    "/thanks": "cup for Boris Klein",
    "/append": "219",
    "/share": "219",
    "/comment": "217",
    "/find": "Welcome",
    "/delete": "Delete post 219",
    "/crm": "Which card do you mean",
    "/schedule": "I will publish this",
    "/template": "Saved for you",
    "/settings": "published at once",
    "/status": "nothing waits",
    "/settings to": "are for: Sales",
    "/lang": "Deutsch",
}
"""What the bot answers to each line: a text that is in no message about a mistake."""


def expected(line: str) -> str:
    """Return the answer to the line: that of the longest key with which it begins."""
    return SAID[max((key for key in SAID if line.startswith(key)), key=len)]


async def test_each_line_works(tmp_path: Path) -> None:
    """Each line of the list, typed in this order, is answered with what it promises."""
    async with running(tmp_path, at_once=False, policy=POLICY) as here:
        person, dialog = here.p.person(OPENED_AS), here.p.bot_dialog(here.app)
        for line, _ in LINES:
            asked = await person.says(line, dialog=dialog)
            await here.quiet()
            answers = [row for row in person.reads(dialog=dialog) if row.id > asked]
            said = "\n".join(f"{row.text} {row.attach}" for row in answers)
            assert expected(line) in said, f"{line}: {said}"


def test_the_list_is_for_a_terminal() -> None:
    """Each line and what it shows stand in one row of at most 100 characters."""
    rows = listed().splitlines()
    assert [row.split("  ")[1] for row in rows] == [line for line, _ in LINES]
    assert max(map(len, rows)) <= 100
