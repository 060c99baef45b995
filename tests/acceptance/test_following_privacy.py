"""What a post showed must not stand where its readers may not see it any more, whatever the portal does meanwhile."""

from __future__ import annotations

import pytest

from tests.acceptance.test_events_feed import edited, orders, tells
from tests.line import BORIS, CLARA, OLGA, Line

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "The salaries rise."


def shows(line: Line, dialog: str = "") -> bool:
    """Whether any message of a dialog shows the secret; of Clara's own with the bot where none is named."""
    messages = line.portal.person(CLARA).reads(dialog=dialog or line.bot)
    return any(SECRET in f"{message.text} {message.attach}" for message in messages)


async def test_a_chosen_reader_who_is_removed(line: Line) -> None:
    """A post for two people leaves the private chat of the one who may not read it any more."""
    await orders(line, "/follow all")
    post = line.posted(SECRET, by=OLGA, dest=(f"U{CLARA}", f"U{BORIS}"))
    await tells(line, "ADD", post, by=OLGA)
    assert shows(line)
    edited(line, post, dest=(f"U{BORIS}",))
    await tells(line, "UPDATE", post, by=OLGA)
    assert not shows(line)
    await orders(line, "/unfollow")
