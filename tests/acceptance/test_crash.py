"""kill -9 at every crash point, then a restart: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.crash_points import CrashPoint
from portal.clients.person import Person
from tests import service as services
from tests.rounds import some

ANNA = 5


BETWEEN = (CrashPoint.MARKED, CrashPoint.ANSWERED, CrashPoint.SETTLED)
"""The crash points between sending a request and storing its answer."""
OF_TIMERS = (CrashPoint.TIMERS_DUE, CrashPoint.TIMERS_MOVED)
"""The crash points that a command passes only if it has a timer that is due."""
STEPS = [*BETWEEN, *(point for point in CrashPoint if point not in (*BETWEEN, *OF_TIMERS))]
KEPT = "Your post is kept"


@pytest.mark.parametrize(("bot_api", "steps"), [("v1", some(STEPS, last=3)), ("v2", STEPS)], ids=["v1", "v2"])
async def test_every_command_is_answered_and_every_post_published_once(
    tmp_path: Path, bot_api: str, steps: Sequence[CrashPoint]
) -> None:
    """Killed at each of the ten crash points while publishing, the service answers, and the post is there once."""
    assert len(STEPS) == len(CrashPoint) - len(OF_TIMERS) == 10
    async with services.installed(tmp_path, bot_api=bot_api) as (portal, service, _):
        person = portal.person(ANNA)
        await person.says("/help")
        await person.sees("/post")
        assert await service.stop() == 0
        await service.start(crash_at=steps[0].name)
        for point, following in itertools.zip_longest(steps, steps[1:]):
            await portal.idle()
            service.doom()
            asked = await person.says(f"/post to:all Killed at {point.name.lower()}")
            assert await service.ended() == -signal.SIGKILL, point
            await service.start(crash_at=following.name if following else "")
            await person.sees("Published as", after=asked)
            answers = [message for message in person.reads() if message.id > asked]
            assert len(answers) == 1, point
        await portal.idle()
        assert await service.stop() == 0
        posts = sorted(post.text for post in portal.posts(ANNA) if post.text.startswith("Killed at"))
        assert posts == sorted(f"Killed at {point.name.lower()}" for point in steps)


async def acts(person: Person, action: str, post: int, words: str) -> None:
    """Let a person use a command on a post; a deletion presses the button of a question that was asked before."""
    if action == "delete":
        await person.presses(f"Delete post {post}")
    else:
        await person.says(f"/{action} {post} {words}")


@pytest.mark.parametrize("bot_api", some(["v2", "v1"], last=1))
async def test_changes_comments_and_deletions_happen_once(tmp_path: Path, bot_api: str) -> None:
    """Killed between request and answer, a text is added once, a comment written once, a post deleted once."""
    async with services.installed(tmp_path, bot_api=bot_api) as (portal, service, _):
        person, feed = portal.person(ANNA), portal.emulator.world.feed
        await person.says("/help")
        await person.sees("/post")
        kept = await person.posts("First words")
        await service.stop()
        plan = [(point, action) for point in BETWEEN for action in ("append", "comment", "delete")]
        await service.start(crash_at=plan[0][0].name)
        for (point, action), following in itertools.zip_longest(plan, plan[1:]):
            post = await person.posts("To delete") if action == "delete" else kept
            await person.says(f"/delete {post}")
            question = await person.sees(f"Delete post {post}")
            await portal.idle()
            service.doom()
            await acts(person, action, post, f"Killed at {point.name}")
            assert await service.ended() == -signal.SIGKILL, (point, action)
            await service.start(crash_at=following[0].name if following else "")
            await person.waits(partial(told, person, question.id, post))
        assert await service.stop() == 0
        added = [f"Killed at {point.name}" for point in BETWEEN]
        assert [one.text for one in feed.posts.values() if one.author == ANNA] == ["\n\n".join(["First words", *added])]
        assert [one.text for one in feed.comments_of(kept)] == added


def told(person: Person, question: int, post: int) -> bool | None:
    """Check whether the result stands after the question, or in its place."""
    rows = [row for row in person.reads() if row.id >= question and row.author != ANNA]
    return any(f"post {post}" in row.text.casefold() and "?" not in row.text for row in rows) or None


async def test_edits_and_relays_survive_as_well(tmp_path: Path) -> None:
    """Killed while a followed post is relayed and edited, each chat has one card with the last version."""
    async with services.installed(tmp_path) as (portal, service, _):
        author, reader = portal.person(1), portal.person(ANNA)
        await reader.says("/follow all")
        await reader.sees("follows")
        await service.stop()
        steps = (CrashPoint.HANDLED, CrashPoint.MARKED, CrashPoint.ANSWERED, CrashPoint.RESULT_HANDLED)
        await service.start(crash_at=steps[0].name)
        for point, following in itertools.zip_longest(steps, steps[1:]):
            await portal.idle()
            service.doom()
            before = reader.reads()[-1].id
            post = await author.posts(f"First words, {point.name}")
            assert await service.ended() == -signal.SIGKILL, point
            await service.start(crash_at=following.name if following else "")
            await reader.sees(f"First words, {point.name}", after=before)
            await author.edits_post(post, text=f"Last words, {point.name}")
            await reader.sees(f"Last words, {point.name}", after=before)
            await portal.idle()
            assert len([message for message in reader.reads() if message.id > before]) == 1, point
        assert await service.stop() == 0


async def test_a_timer_fires_once(tmp_path: Path) -> None:
    """Killed before and after a delay notice moves into the inbox, the restarted service tells the user once."""
    async with services.installed(tmp_path, FEEDBRIDGE_RETRY__LATE="0.3") as (portal, service, _):
        person = portal.person(ANNA)
        await person.says("/help")
        await person.sees("/post")
        await service.stop()
        await service.start(crash_at=OF_TIMERS[0].name)
        for crash_hook, following in itertools.zip_longest(OF_TIMERS, OF_TIMERS[1:]):
            await portal.idle()
            portal.faults({"method": "log.blogpost.add", "kind": "429", "seconds": 1, "times": None})
            service.doom()
            asked = await person.says(f"/post to:all Late at {crash_hook.name.lower()}")
            assert await service.ended() == -signal.SIGKILL, crash_hook
            await service.start(crash_at=following.name if following else "")
            await person.sees(KEPT, after=asked)
            portal.faults()
            await person.sees("Published as", after=asked)
            await portal.idle()
            told = [message.text for message in person.reads() if message.id > asked]
            assert [KEPT in text for text in told] == [True, False], crash_hook
        assert await service.stop() == 0
        posts = sorted(post.text for post in portal.posts(ANNA) if post.text.startswith("Late at"))
        assert posts == sorted(f"Late at {crash_hook.name.lower()}" for crash_hook in OF_TIMERS)
