"""Expired tokens, refused refreshes, and a renamed portal: everything is sent or fails with a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.engine.call_log import CallRecord
from tests.holding import barrier
from tests.line import ANNA_TOO, BORIS, CLARA, OLGA, Line, laid

ALL_EXPIRED = 3700
"""Seconds after which all access tokens have expired."""


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """Run a service whose bot already knows the people."""
    async with laid(tmp_path, "v2") as made:
        for who in (OLGA, BORIS, CLARA, ANNA_TOO):
            await made.portal.person(who).opens()
        await made.quiet()
        yield made


def refreshes(line: Line, after: int) -> list[CallRecord]:
    """Return the calls of the authorization server."""
    return line.calls("oauth.token", after=after)


async def twelve_requests(line: Line) -> None:
    """Ask for help in twelve groups of a slow portal, so that several requests run at once."""
    groups = [line.portal.make_chat(line.bot, CLARA, title=f"Group {place}") for place in range(12)]
    await line.quiet()
    line.portal.clock.advance(ALL_EXPIRED)
    held, clara = barrier(line.portal, line.dialect.says, times=2), line.portal.person(CLARA)
    marks = [await clara.says("/help share", dialog=groups[0])]
    await held.holds()
    marks += [await clara.says("/help share", dialog=group) for group in groups[1:]]
    await held.holds(2)
    await held.open()
    await line.quiet()
    line.portal.faults()
    for group, mark in zip(groups, marks, strict=True):
        (answer,) = [row for row in clara.reads(dialog=group) if row.id > mark]
        assert "/share" in answer.text


async def test_one_refresh_for_many_calls(line: Line) -> None:
    """Many calls with an expired token cause one refresh; later calls use the new tokens."""
    for _ in range(2):
        after = line.mark()
        await twelve_requests(line)
        assert [row.status for row in refreshes(line, after)] == [200]
        assert len([row for row in line.portal.calls() if row.n > after and row.error == "expired_token"]) > 1


async def test_the_new_tokens_survive_a_restart(line: Line) -> None:
    """After a restart, the service uses the refreshed tokens, because a refresh token works once."""
    anna = line.portal.person(ANNA_TOO)
    line.portal.clock.advance(ALL_EXPIRED)
    asked = await anna.says("/help share")
    await anna.sees("/share", after=asked)
    assert await line.service.stop() == 0
    line.portal.clock.advance(ALL_EXPIRED)
    await line.service.start()
    after = line.mark()
    asked = await anna.says("/help share")
    await anna.sees("/share", after=asked)
    assert [row.status for row in refreshes(line, after)] == [200]


async def test_a_user_action_with_an_expired_token_is_done_later(line: Line) -> None:
    """A user action from a time when the portal was down is done hours later, with a refreshed token."""
    anna, after = line.portal.person(ANNA_TOO), line.mark()
    line.portal.down()
    asked = await anna.says("/post Worth waiting for")
    await anna.says("/share 217 to:chat10")
    await line.troubled("down", after=after)
    line.portal.clock.advance(ALL_EXPIRED)
    line.portal.down(0)
    await anna.sees("Published as", after=asked)
    await anna.sees("chat10", after=asked)
    await line.quiet()
    (published,) = [row for row in line.calls("log.blogpost.add", after=after) if row.status == 200]
    (shown,) = [row for row in line.calls("im.message.add", after=after) if row.status == 200]
    assert (published.user, shown.user) == (ANNA_TOO, ANNA_TOO)
    assert {row.status for row in refreshes(line, after)} == {200}


async def test_a_refused_refresh_of_a_person_fails_their_action(line: Line) -> None:
    """When a person's token cannot be refreshed, their action fails with a sentence and keeps the text."""
    anna, after = line.portal.person(ANNA_TOO), line.mark()
    line.portal.faults({"method": "log.blogpost.add", "kind": "429", "times": 1, "seconds": 0})
    asked = await anna.says("/post Too late for me")
    await line.troubled("429", after=after)
    line.portal.clock.advance(ALL_EXPIRED)
    line.portal.faults({"method": "*", "kind": "refuse_refresh", "times": 1})
    answer = await anna.sees("no longer lets me act in your name", after=asked)
    assert answer.keyboard
    put = await anna.presses("Put the text back")
    assert put is not None
    assert put["value"] == "/post Too late for me"
    asked = await anna.says(put["value"])
    await anna.sees("Published as", after=asked)
    assert [post.text for post in line.portal.posts(ANNA_TOO)] == ["Too late for me"]


async def test_a_refused_refresh_of_the_application_is_no_end(line: Line) -> None:
    """When the installer's token is invalid, the token of the person who writes serves the bot."""
    anna, after = line.portal.person(ANNA_TOO), line.mark()
    line.portal.clock.advance(ALL_EXPIRED)
    line.portal.faults({"method": "*", "kind": "refuse_refresh", "times": None})
    asked = await anna.says("/help share")
    await anna.sees("/share", after=asked)
    await line.quiet()
    assert len(refreshes(line, after)) <= 8
    line.portal.faults()
    await line.portal.install(line.app)
    await line.quiet()
    asked = await anna.says("/help share")
    await anna.sees("/share", after=asked)


async def test_a_refresh_is_retried_while_the_authorization_server_is_down(line: Line) -> None:
    """A refresh without an answer is retried until it succeeds; then everything is sent."""
    anna = line.portal.person(ANNA_TOO)
    line.portal.clock.advance(ALL_EXPIRED)
    line.portal.faults({"method": "oauth.token", "kind": "html", "times": 2}, {"method": "oauth.token", "kind": "cut"})
    asked = await anna.says("/help share")
    await anna.sees("/share", after=asked)
    await line.quiet()
    assert len([row for row in anna.reads() if row.id > asked]) == 1


async def test_the_service_follows_a_renamed_portal(line: Line) -> None:
    """A redirect to a new name is followed with complete requests, and the name survives a restart."""
    anna, after = line.portal.person(ANNA_TOO), line.mark()
    line.portal.faults({"method": "*", "kind": "renamed", "times": None})
    asked = await anna.says("/post Grüße, „Anführung“ & 100 %")
    await anna.sees("Published as", after=asked)
    await line.quiet()
    assert [post.text for post in line.portal.posts(ANNA_TOO)] == ["Grüße, „Anführung“ & 100 %"]
    assert len(await line.troubled("renamed", after=after)) == 1
    assert await line.service.stop() == 0
    await line.service.start()
    after = line.mark()
    asked = await anna.says("/help share")
    await anna.sees("/share", after=asked)
    assert [row.fault for row in line.portal.calls() if row.n > after and row.fault] == []


async def test_a_private_subscription_survives_hours_and_a_restart(tmp_path: Path) -> None:
    """Hours later and after a restart, a private subscription still reads posts with the person's rights."""
    async with laid(tmp_path, "v2") as line:
        anna, boris = line.portal.person(ANNA_TOO), line.portal.person(BORIS)
        line.portal.clock.advance(-ALL_EXPIRED)  # the tokens have expired by our clock, but not by the portal's
        asked = await anna.says("/follow all")
        await line.quiet()
        assert await line.service.stop() == 0
        await line.service.start()
        await boris.posts("For the department only", dest=["DR3"])
        assert (await anna.sees("For the department only", after=asked)).attach
        line.portal.clock.advance(ALL_EXPIRED)
        after = line.mark()
        await boris.posts("Again for the department", dest=["DR3"])
        assert (await anna.sees("Again for the department", after=asked)).attach
        assert [row.status for row in refreshes(line, after)] == [200], "of Anna's own token"
