"""Random kills and faults on a portal where others write much: every post exists once."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.bitrix.outbound import tokens
from bot.bitrix.outbound.leaky_bucket import BucketSizes
from bot.errors import BotError
from bot.model.effects import Priority
from bot.model.ordering import INSTALL
from tests.outgoing import ANNA, BORIS, QUICK, UNPACED, Out, Terms, ended, give, opened, publish
from tests.rounds import rounds

KINDS = ["503", "500", "html", "cut", "cut_after", "expired"]
READ = "user.get"
READERS = 12
PACES = BucketSizes(capacity=3, rate=100)
CHANCE = 0.5
"""How often a token runs out in a round and its refresh goes wrong."""
PATIENT = replace(QUICK, attempts=1000, settle=0.3)


async def _kill(out: Out) -> None:
    """End the sender in the middle of what it does."""
    loop = out.loops.pop()
    loop.cancel()
    await asyncio.wait([loop])


def _trouble(dice: random.Random) -> list[dict[str, Any]]:
    """Set random faults of the portal, and every other time of the authorization server too."""
    method = dice.choice(["*", "log.blogpost.add", "log.blogpost.get"])
    found: list[dict[str, Any]] = [{"method": method, "kind": dice.choice(KINDS), "times": dice.randint(1, 2)}]
    if dice.random() < CHANCE:
        found.append({"method": method, "kind": "expired", "times": 1})
        found.append({"method": "oauth.token", "kind": dice.choice(KINDS), "times": dice.randint(1, 2)})
    return found


def _newest(out: Out) -> int:
    """Return the number of the newest call that is not a read of the background readers."""
    return max((call.n for call in out.p.calls() if call.method != READ), default=0)


async def _reading(out: Out) -> None:
    """Read again and again, as handlers do while many commands wait; trouble is no reason to stop."""
    known = await out.known()
    while True:
        with contextlib.suppress(BotError):
            await out.caller.call(known, READ, {}, token_owner=INSTALL, urgency=Priority.REPLY)


async def _one_round(out: Out, dice: random.Random, names: list[str]) -> None:
    """Ask for posts, set faults, kill the sender, add posts of others, and start the sender again."""
    for user in (ANNA, BORIS):
        await give(out, user)  # every event brings tokens of its author
    out.p.faults(*_trouble(dice))
    await out.want(*(publish(name, user=dice.choice([ANNA, BORIS]), dialog=dice.choice("23")) for name in names))
    before = _newest(out)
    await out.until(lambda: _newest(out) > before)
    await _kill(out)
    for number in range(dice.choice([0, 55, 120])):
        await out.p.publish(f"Other {number}", by=1)
    out.restart()
    out.send()


@pytest.mark.parametrize("seed", range(rounds(4)))
async def test_every_post_is_there_once(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After five kills with trouble and up to 120 newer posts each, nothing is missing and nothing is there twice.

    With every other seed handlers read all the time, so that no request leaves without waiting for its turn.
    """
    print(f"seed {seed}")  # noqa: T201 - pytest shows it where it fails
    monkeypatch.setattr(tokens, "LOST_FOR", 3600.0)  # a slow machine is no reason to give up
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = [f"Post {number}" for number in range(20)]
    async with opened(tmp_path, Terms(retry_policy=PATIENT, bucket_sizes=PACES if seed % 2 else UNPACED)) as out:
        readers = [asyncio.create_task(_reading(out)) for _ in range(READERS if seed % 2 else 0)]
        for place in range(0, 20, 4):
            await _one_round(out, dice, names[place : place + 4])
        out.p.faults()
        for user in (ANNA, BORIS):
            await give(out, user)
        await out.sent()
        await ended(readers)
        dead = await out.rows("SELECT payload, error FROM outbox WHERE state = 3")
        there = Counter(post.text for post in out.p.posts())
    assert dead == []
    assert {name: there[name] for name in names} == dict.fromkeys(names, 1)
