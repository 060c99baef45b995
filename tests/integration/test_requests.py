"""The number of requests of each action: the portal accepts two a second, so a growing number is a fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import request_counts
from tests.line import Line, laid
from tests.request_counts import COMMANDS, Request
from tests.rounds import some

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_MOST = {
    "/help": 1,
    "/draft, the first time": 3,
    "/draft": 1,
    "/publish": 3,
    "/post to all": 2,
    "/post to a name": 3,
    "/poll": 2,
    "/thanks": 3,
    "/settings to a name": 2,
    "/post to the default recipients": 3,
    "/share to a name": 3,
    "/edit": 3,
    "/append": 3,
    "/title": 3,
    "/share to:here": 2,
    "/comment": 2,
    "/show": 2,
    "/mine": 2,
    "/find": 2,
    "/schedule, the first time": 2,
    "/schedule to a name": 3,
    "the list of /schedule": 1,
    "/template save": 1,
    "/template use, the first draft": 2,
    "/undo with nothing to undo": 1,
    "/crm, the first time": 3,
    "/crm": 3,
    "/crm by name": 3,
    "/crm by name, unclear": 2,
    "/crm without a text": 2,
    "the text of /crm": 1,
    "/publish to the CRM": 3,
}
ACTED_AT_MOST = {
    "/post to all, for somebody": 4,
    "/post to a name, for somebody": 5,
    "/post to a person, for an extranet user": 9,
    "/draft, for somebody, the first time": 4,
    "/draft, for somebody": 2,
    "/edit, for somebody": 5,
    "/comment, for somebody": 3,
}
RELAYED = {1: 2, 50: 3, 300: 13, 1000: 41}
"""By the number of chats: the post is read with who reads in 48 of them; the others are asked about by fifty."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["v1", "v2"])
async def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    """Start one service for each generation, installed on a new portal."""
    async with request_counts.laid(tmp_path_factory.mktemp(request.param), request.param) as made:
        yield made


async def test_the_requests_of_an_installation(line: Line) -> None:
    """One request asks who we are, one registers the bot, and each of two registers fifty commands and events."""
    made = request_counts.requests(line, after=0)
    assert [one.method for one in made[-3:]] == [
        f"imbot.{'register' if line.bot_api == 'v1' else 'v2.Bot.register'}",
        "batch",
        "batch",
    ]
    assert len(made) <= 5, made


@pytest.mark.parametrize("name", AT_MOST)
async def test_the_requests_of_a_command(line: Line, name: str) -> None:
    """A command in private costs its lookup, its effect and its answer, and no read of known data.

    The first draft reads the departments and their people; a change edits the old card and sends the new one together.
    """
    text, by = COMMANDS[name]
    made = await request_counts.said(line, text, by=by)
    assert len(made) == AT_MOST[name], made


async def test_the_requests_of_a_post_from_a_group(line: Line) -> None:
    """In a group the post is read once, together with the members of the chat."""
    made = await request_counts.published_in_a_group(line)
    assert [len(one.inside) for one in made] == [0, 3, 0], made


async def test_the_requests_of_a_quote(line: Line) -> None:
    """The answered message and the name of its author are one request more than a post without a quote."""
    made = await request_counts.quoted(line)
    assert [len(one.inside) for one in made] == [2, 0, 3, 0], made


async def test_the_requests_of_an_approval(line: Line) -> None:
    """Who the person is costs one request, the departments are known; the names of approvers are read once.

    The search for the name, the card, the question and the answers are the others.
    """
    shown, asked, pressed = await request_counts.approved(line)
    assert (len(shown), len(asked), len(pressed)) == (5, 1, 3), (shown, asked, pressed)


async def test_the_requests_of_a_deletion(line: Line) -> None:
    """The post is read before the question; a press deletes it and edits the question, without another read."""
    asked, pressed = await request_counts.deleted(line)
    assert (len(asked), len(pressed)) == (2, 2), (asked, pressed)


async def test_the_requests_of_a_question_for_readers(line: Line) -> None:
    """The post, its readers and the departments are one request, and the people of all departments another."""
    made = await request_counts.readers_asked(line)
    assert len(made) == 3, made


async def test_the_requests_of_an_undo(line: Line) -> None:
    """A press of Undo deletes the post; the closed card and the answer share a request."""
    made = await request_counts.undone(line)
    assert len(made) == 2, made


async def test_the_requests_of_a_post_by_a_follower(line: Line) -> None:
    """A post in its author's own dialog is read at most once, whichever event comes first."""
    made = await request_counts.published_by_a_follower(line)
    assert len(made) <= 3, made


@pytest.mark.parametrize("many", some(list(RELAYED), last=3))
async def test_the_requests_of_a_relayed_post(line: Line, many: int) -> None:
    """A relayed post, and its edit, cost one read, and one request for fifty chats to check and to send."""
    shown, edited = await request_counts.relayed(line, many)
    for made in (shown, edited):
        assert reads(made) == 1
        assert len(made) == RELAYED[many], made


async def test_the_requests_of_an_application_update(line: Line) -> None:
    """The user's rights are checked too, and everything is registered again, fifty commands and events in a request."""
    made = await request_counts.updated(line)
    assert len(made) <= 6, made
    again = await request_counts.installed_again(line)
    assert len(again) <= 6, again


def reads(made: list[Request]) -> int:
    """Return how often a post was read."""
    return sum(one.inside.count("log.blogpost.get") + (one.method == "log.blogpost.get") for one in made)


@pytest.mark.parametrize("bot_api", some(["v2", "v1"], last=1))
async def test_the_requests_of_what_is_done_for_somebody(tmp_path: Path, bot_api: str) -> None:
    """Each costs a question for the person's rights before it is sent, and a post a look at its author afterwards."""
    async with laid(tmp_path, bot_api, **request_counts.FOR_PEOPLE) as line:
        made = await request_counts.acted(line)
    assert {name: len(found) for name, found in made.items()} == ACTED_AT_MOST, made
