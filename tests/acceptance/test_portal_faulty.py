"""Faults of the portal: the webhook still answers, and later everything is sent once and in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from portal.clients.person import Person, text_of
from tests.holding import barrier
from tests.line import ANNA_TOO, BORIS, CLARA, OLGA, Line, laid

pytestmark = pytest.mark.asyncio(loop_scope="module")
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "too many requests": {"kind": "503", "times": 6},
    "over its operating time": {"kind": "429", "times": 2, "seconds": 0.5},
    "a page instead of JSON": {"kind": "html", "times": 5},
    "an internal error": {"kind": "500", "times": 5},
    "cut before the method ran": {"kind": "cut", "times": 5},
    "cut after the method ran": {"kind": "cut_after", "times": 5},
    "an expired token": {"kind": "expired", "times": 3},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["v1", "v2"])
async def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    """Run one service per API generation for this file; its bot already knows the people."""
    async with laid(tmp_path_factory.mktemp(request.param), request.param) as made:
        await met(made)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def line(started: Line) -> AsyncIterator[Line]:
    """Return the service of this file, and remove all faults after the test."""
    yield started
    started.portal.faults()
    started.portal.down(0)
    await started.quiet()


async def met(line: Line) -> None:
    """Let all people open the bot's dialog, so that its greetings are done."""
    for who in (OLGA, BORIS, CLARA, ANNA_TOO):
        await line.portal.person(who).opens()
    await line.quiet()


class Company:
    """Three people who ask at once: Clara twice in private, Boris for a post, Olga in a group."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.clara, self.boris, self.olga = (line.portal.person(who) for who in (CLARA, BORIS, OLGA))
        self.group = line.portal.make_chat(line.bot, CLARA, title="Faults")

    async def asks(self) -> None:
        """Let all people write; the webhook must accept their messages at once, also during a fault."""
        self.deliveries_before, self.posts = len(self.line.portal.deliveries()), len(self.line.portal.posts(BORIS))
        self.marks = {person.id: await person.says(text) for person, text in self._words()}
        await self.clara.says("/help post")
        self.marks[0] = await self.olga.says("/help follow", dialog=self.group)
        await self.line.portal.idle()
        deliveries = self.line.portal.deliveries()[self.deliveries_before :]
        assert {row.status for row in deliveries} == {200}

    def _words(self) -> list[tuple[Person, str]]:
        return [(self.clara, "/help share"), (self.boris, "/beitrag Worte in der Not")]

    async def is_answered(self) -> None:
        """Check that all people got their answers once and in order, and that the post exists once."""
        await self.line.quiet()
        first, second = self.answers(self.clara)
        assert ("/share" in first, "/post" in second) == (True, True)
        (published,) = self.answers(self.boris)
        assert "Veröffentlicht" in published
        assert [post.text for post in self.line.portal.posts(BORIS)[self.posts :]] == ["Worte in der Not"]
        shown = [text_of(row) for row in self.olga.reads(dialog=self.group) if row.id > self.marks[0]]
        assert [("/follow" in text) for text in shown] == [True]

    def answers(self, person: Person) -> list[str]:
        """Return the bot's messages to a person since they wrote."""
        rows = [row for row in person.reads() if row.id > self.marks[person.id] and row.author != person.id]
        return [text_of(row) for row in rows]


@pytest.mark.parametrize("fault", FAULTS)
async def test_everything_is_sent_after_a_fault(line: Line, fault: str) -> None:
    """With each kind of fault, the webhook accepts all events; later all answers are sent once, in order."""
    company = Company(line)
    await line.quiet()
    line.portal.faults({"method": "*", **FAULTS[fault]})
    await company.asks()
    await company.is_answered()
    assert [rule.times for rule in line.portal.emulator.faults.rules] == [0], "the fault rule was used up"


async def test_everything_is_sent_after_an_outage(line: Line) -> None:
    """While the portal refuses all connections, the service stays ready; later everything is sent."""
    company = Company(line)
    await line.quiet()
    line.portal.down()
    after = line.mark()
    await company.asks()
    await line.troubled("down", after=after, times=5)
    async with line.session.get(f"{line.service.url}/readyz") as answer:
        assert answer.status == 200
    line.portal.down(0)
    await company.is_answered()


async def test_a_message_with_a_lost_answer_exists_once(line: Line) -> None:
    """In v2 the portal drops the repeat, by its template id; in v1 the message is found and not sent again."""
    anna, after = line.portal.person(ANNA_TOO), line.mark()
    line.portal.faults({"method": line.dialect.says, "kind": "cut_after", "times": 2})
    asked = await anna.says("/help share")
    await line.quiet()
    tries, looks = line.sent(after=after), line.calls("im.dialog.messages.get", after=after)
    assert (len(tries), bool(looks)) == ((1, True) if line.bot_api == "v1" else (3, False))
    assert len({one.template for one in tries}) == 1
    assert len([row for row in anna.reads() if row.id > asked]) == 1


async def test_a_post_with_a_lost_answer_exists_once(line: Line) -> None:
    """A published post with a lost answer is found by a search, so it exists once and is confirmed."""
    anna, after = line.portal.person(ANNA_TOO), line.mark()
    await anna.says("/post These very words")
    await anna.sees("Published as")
    line.portal.faults({"method": "log.blogpost.add", "kind": "cut_after", "times": 1})
    asked = await anna.says("/post These very words")
    await anna.sees("Published as", after=asked)
    await line.quiet()
    first, second = line.portal.posts(ANNA_TOO)[-2:]
    assert str(second.id) in text_of(anna.reads()[-1])
    assert first.text == second.text == "These very words", "an earlier post of the same words is not taken for it"
    assert len(line.calls("log.blogpost.add", after=after)) == 2


@pytest.mark.parametrize("kind", ["cut", "500"])
async def test_a_post_that_never_arrived_is_sent_again(line: Line, kind: str) -> None:
    """A post that the search does not find is sent again and exists once."""
    anna, posts = line.portal.person(ANNA_TOO), len(line.portal.posts(ANNA_TOO))
    line.portal.faults({"method": "log.blogpost.add", "kind": kind, "times": 2})
    asked = await anna.says("/post Third time lucky")
    await anna.sees("Published as", after=asked)
    await line.quiet()
    assert [post.text for post in line.portal.posts(ANNA_TOO)[posts:]] == ["Third time lucky"]


@pytest.mark.parametrize("kind", ["empty_error", "error_in_200"])
async def test_a_refusal_without_a_code_is_not_retried(line: Line, kind: str) -> None:
    """An error with an empty code, or in HTTP 200, is not retried; the person gets a sentence and their text."""
    anna, after, posts = line.portal.person(ANNA_TOO), line.mark(), len(line.portal.posts(ANNA_TOO))
    line.portal.faults({"method": "log.blogpost.add", "kind": kind, "times": 1})
    asked = await anna.says("/post Words worth keeping")
    await anna.sees("The portal refused", after=asked)
    await anna.says("/help share")
    await anna.sees("/share", after=asked)
    assert len(line.portal.posts(ANNA_TOO)) == posts
    assert len(line.calls("log.blogpost.add", after=after)) == 1
    put = await anna.presses("Put the text back")
    assert put is not None
    asked = await anna.says(put["value"])
    await anna.sees("Published as", after=asked)
    assert [post.text for post in line.portal.posts(ANNA_TOO)[posts:]] == ["Words worth keeping"]


async def test_a_command_with_an_unknown_outcome_is_not_retried(line: Line) -> None:
    """When the outcome cannot be checked, there is no retry, and the person learns where to look."""
    line.portal.switch(crm_feed="alive")
    anna = line.portal.person(ANNA_TOO)
    asked = await anna.says("/crm deal 42 Before.")  # so that it is known that there is a CRM feed
    await anna.sees("Written to the CRM feed", after=asked)
    after = line.mark()
    line.portal.faults({"method": "crm.livefeedmessage.add", "kind": "cut_after", "times": 1})
    asked = await anna.says("/crm deal 42 They called.")
    await anna.sees("did not say whether", after=asked)
    await line.quiet()
    assert len(line.calls("crm.livefeedmessage.add", after=after)) == 1


async def test_slow_answers_do_not_block_the_webhook(tmp_path: Path) -> None:
    """While three calls get no answer, the webhook accepts everything; later all is answered in order."""
    async with laid(tmp_path, "v2") as line:
        await met(line)
        company = Company(line)
        await line.quiet()
        held = barrier(line.portal, "*", times=3)
        await company.asks()
        await held.holds()
        await held.open()
        await company.is_answered()


async def test_a_post_answered_after_the_timeout_is_not_sent_again(tmp_path: Path) -> None:
    """A post whose answer came after our timeout is found by the search and not sent again."""
    timeouts = {"FEEDBRIDGE_RATE_LIMIT__TIMEOUT": "0.4", "FEEDBRIDGE_RETRY__SETTLE": "1.5"}
    async with laid(tmp_path, "v2", **timeouts) as line:
        anna, after = line.portal.person(ANNA_TOO), line.mark()
        line.portal.faults({"method": "log.blogpost.add", "kind": "slow", "seconds": 1, "times": 1})
        asked = await anna.says("/post Late but not lost")
        await anna.sees("Published as", after=asked)
        await line.quiet()
        assert [post.text for post in line.portal.posts(ANNA_TOO)] == ["Late but not lost"]
        assert len(line.calls("log.blogpost.add", after=after)) == 1
