"""A company at random: nobody reads what they may not, by the portal's own rights; each answer reaches who asked."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.pipeline.card_checks import LOOK_AGAIN
from tests.company import company
from tests.judging import Finding, Judge
from tests.line import Line, laid_for
from tests.rounds import TIMES
from tests.walking import Size, Walk

SEED = int(os.environ.get("FEEDBRIDGE_SEED") or random.SystemRandom().randrange(1_000_000))
"""Which walk is taken; FEEDBRIDGE_SEED takes the one that a failure printed."""
FULL = Size(posts=360, groups=20, dialogs=9, commands=240)
PART = Size(posts=12, groups=5, dialogs=3, commands=10)
SIZE = FULL if TIMES > 1 else PART
CALM = 2 * LOOK_AGAIN if SIZE is FULL else 0.7
"""Seconds without any request after which a look at all cards has ended; many posts are checked in portions."""
LOST = 0.3
"""The share of the feed's events that is lost in the second test."""


@asynccontextmanager
async def walked(folder: Path, bot_api: str) -> AsyncIterator[Walk]:
    """Give a walk over a new company."""
    async with laid_for(company(), folder, bot_api) as line:
        line.portal.emulator.world.taken("post", 70_000)
        dice = random.Random(SEED)  # noqa: S311 - the same each time is what is wanted
        walk = Walk(line=line, judge=Judge(emulator=line.portal.emulator, bot=line.bot), dice=dice, size=SIZE)
        await walk.begins()
        yield walk


async def calm(line: Line) -> None:
    """Wait until the service is idle and has asked nothing for a while: the check of its cards has ended."""
    more = True
    while more:
        await line.quiet()
        after = line.mark()

        def asked(after: int = after) -> bool | None:
            """Tell whether anything was asked since."""
            return line.mark() > after or None

        more = bool(await line.portal.emulator.hub.until(asked, within=CALM))


async def restarted(line: Line, *, kill: bool) -> None:
    """Let the service end, at once or in order, and start again; it looks at its cards then."""
    service = line.service
    assert service.process is not None
    if kill:
        service.process.kill()
        await service.ended()
    else:
        await service.stop()
    await service.start()


def told(walk: Walk) -> str:
    """Say what was found: by kind how often, with the first three of each kind and the steps that led there."""
    kinds: dict[str, list[Finding]] = {}
    for row in walk.judge.findings.values():
        kinds.setdefault(row.kind, []).append(row)
    said = [f"FEEDBRIDGE_SEED={SEED} ({walk.line.bot_api}): {walk.judge.summary()}"]
    for row in itertools.chain.from_iterable(rows[:3] for rows in kinds.values()):
        said += [f"  {row}", walk.journal(row)]
    return "\n".join(said)


def fails(walk: Walk) -> None:
    """Print the summary, and fail if there are findings."""
    print(f"FEEDBRIDGE_SEED={SEED} ({walk.line.bot_api}): {walk.judge.summary()}")  # noqa: T201 - pytest -rP shows it
    if walk.judge.findings:
        pytest.fail(told(walk), pytrace=False)


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_random_actions_show_nobody_a_forbidden_post(tmp_path: Path, bot_api: str) -> None:
    """Posts, members and commands at random: no leak, no lost answer, and no post for all is withheld."""
    async with walked(tmp_path, bot_api) as walk:
        await walk.goes()
        await restarted(walk.line, kill=False)
        await calm(walk.line)
        walk.judge.settled(checked=True)
        walk.judge.withheld()
        fails(walk)


def loses(line: Line, dice: random.Random) -> None:
    """Lose a share of the feed's events from now on, like a portal with a bad network."""
    courier = line.portal.emulator.event_sender
    send = courier.send

    def sometimes(url: str, envelope: Mapping[str, Any]) -> None:
        """Send an event, or not."""
        if not str(envelope.get("event")).startswith("ONLIVEFEEDPOST") or dice.random() >= LOST:
            send(url, envelope)

    courier.send = sometimes  # type: ignore[method-assign]


async def test_lost_events_are_repaired_by_the_next_check(tmp_path: Path) -> None:
    """Feed events are lost, the service is killed: after its check no card is stale, deleted or leaks."""
    async with walked(tmp_path, ("v1", "v2")[SEED % 2]) as walk:
        loses(walk.line, random.Random(SEED))  # noqa: S311 - dice
        parts = 3
        for part in range(parts):
            walk.size = SIZE.part(part + 1, parts)
            await walk.goes(judged=False)
            for _ in range(SIZE.batch):
                walk.changes_once()
            await restarted(walk.line, kill=part != 1)
            await calm(walk.line)
            walk.judge.settled(checked=True)
        fails(walk)
