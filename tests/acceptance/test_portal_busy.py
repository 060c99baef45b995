"""More messages than the portal accepts at once: priorities, calls of other programs, independent failures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.clients.person import text_of
from portal.rules.messenger import chats
from tests.holding import barrier
from tests.line import BORIS, CLARA, OLGA, Line, laid

CHATS, POSTS = 50, 6


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """Run a service whose bot already knows the people."""
    async with laid(tmp_path, "v2") as made:
        for who in (OLGA, BORIS, CLARA):
            await made.portal.person(who).opens()
        await made.quiet()
        yield made


async def following(line: Line, many: int) -> list[str]:
    """Create groups that follow all posts, and return their dialogs."""
    groups = [line.portal.make_chat(line.bot, CLARA, title=f"Group {place}") for place in range(many)]
    for group in groups:
        await line.portal.person(CLARA).says("/follow all", dialog=group)
    await line.quiet()
    return groups


async def test_an_answer_overtakes_three_hundred_relays(line: Line) -> None:
    """While 300 cards wait for a slow portal, the answer to a new /help is sent next."""
    groups = await following(line, CHATS)
    after = line.mark()
    held = barrier(line.portal, line.dialect.says)
    for place in range(POSTS):
        await line.portal.person(OLGA).posts(f"News {place}")
    await held.holds()
    asked = await line.portal.person(BORIS).says("/help share")
    await line.portal.person(BORIS).sees("/share", after=asked)
    assert [one.dialog for one in line.sent(after=after)] == [str(BORIS)], "the cards wait"
    await held.open()
    await line.quiet()
    cards = [one for one in line.sent(after=after) if one.dialog in groups]
    assert len(cards) == CHATS * POSTS
    for group in groups:
        shown = [text_of(row) for row in line.portal.person(CLARA).reads(dialog=group)][-POSTS:]
        assert {text.split("\n")[0] for text in shown} == {f"News Feed: News {number}" for number in range(POSTS)}


async def test_another_program_fills_the_bucket(tmp_path: Path) -> None:
    """When another program on our address fills the bucket, the service waits and sends everything once."""
    limits = {"FEEDBRIDGE_RATE_LIMIT__CAPACITY": "20", "FEEDBRIDGE_RATE_LIMIT__RATE": "20"}
    async with laid(tmp_path, "v2", **limits) as line:
        clara, after = line.portal.person(CLARA), line.mark()
        await clara.opens()
        await line.quiet()
        line.portal.switch(bucket_capacity=20, bucket_rate=0.001)
        other = line.portal.client(webhook=line.portal.webhook())
        for _ in range(25):
            await other.call("profile")
        asked = [await clara.says(f"/help {name}") for name in ("post", "share", "crm")]
        refused = await clara.waits(
            lambda: [row for row in line.portal.calls() if row.fault == "bucket" and row.method != "profile"] or None
        )
        assert refused[0].n > after, "we were among those who were refused"
        line.portal.switch(bucket_rate=20.0)
        for _ in range(50):
            await other.call("profile")
        await line.quiet()
        shown = [text_of(row) for row in clara.reads() if row.id > asked[0] and row.author == line.bot]
        assert [f"/{name}" in text for name, text in zip(("post", "share", "crm"), shown, strict=True)] == [True] * 3


async def test_a_method_over_its_operating_limit_is_retried_later(line: Line) -> None:
    """A call that got 429 is sent again at operating_reset_at, not earlier."""
    clara, after = line.portal.person(CLARA), line.mark()
    line.portal.faults({"method": line.dialect.says, "kind": "429", "times": 1, "seconds": 1.5})
    asked = await clara.says("/help share")
    (refused,) = await line.troubled("429", after=after)
    answer = await clara.sees("/share", after=asked)
    assert refused.at + 1.5 <= answer.date
    assert [one.dialog for one in line.sent(after=after)] == [str(CLARA), str(CLARA)]


async def test_a_blocked_method_delays_no_other_work(line: Line) -> None:
    """While a method is blocked for ten minutes, other dialogs and methods continue."""
    clara, boris, after = line.portal.person(CLARA), line.portal.person(BORIS), line.mark()
    line.portal.faults({"method": line.dialect.says, "kind": "429", "times": 1, "seconds": 600})
    await clara.says("/help share")
    await line.troubled("429", after=after)
    asked = await boris.says("/beitrag Inzwischen")
    await boris.sees("Veröffentlicht", after=asked)
    assert [one.dialog for one in line.sent(after=after)] == [str(CLARA), str(BORIS)]


async def test_a_failing_chat_delays_no_other_chat(line: Line) -> None:
    """A group that removed the bot refuses its cards; all other groups get theirs."""
    first, second, third = await following(line, 3)
    emulator = line.portal.emulator
    chats.leave(emulator, emulator.world.messenger.chats[int(second.removeprefix("chat"))], line.bot)
    after, clara = line.mark(), line.portal.person(CLARA)
    for text in ("One for all", "Two for all"):
        await line.portal.person(OLGA).posts(text)
    await line.quiet()
    for group in (first, third):
        shown = "\n".join(text_of(row) for row in clara.reads(dialog=group)[-2:])  # the two posts may come in any order
        assert ("One for all" in shown, "Two for all" in shown) == (True, True)
    assert {one.status for one in line.sent(after=after) if one.dialog == second} <= {403}
    assert not any("for all" in text_of(row) for row in clara.reads(dialog=second))
