"""Kills and trouble at random on a portal where others write much: every post is there once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.outgoing import ANNA, BORIS, QUICK, Out, Terms, opened, publish
from tests.rounds import rounds

KINDS = ["503", "500", "html", "cut", "cut_after", "expired"]
PATIENT = replace(QUICK, attempts=1000, settle=0.3)


async def _kill(out: Out) -> None:
    """End the sender in the middle of what it does."""
    loop = out.loops.pop()
    loop.cancel()
    await asyncio.wait([loop])


async def _one_round(out: Out, dice: random.Random, names: list[str]) -> None:
    """Some posts are asked for, something goes wrong, the sender is killed, others write, the sender starts again."""
    method, kind = dice.choice(["*", "log.blogpost.add", "log.blogpost.get"]), dice.choice(KINDS)
    if kind == "expired":
        method = "log.blogpost.add"  # a refused refresh ends a person's token for good; that is not what is tried here
    out.p.faults({"method": method, "kind": kind, "times": dice.randint(1, 2)})
    await out.want(*(publish(name, user=dice.choice([ANNA, BORIS]), dialog=dice.choice("23")) for name in names))
    before = len(out.p.calls())
    await out.until(lambda: len(out.p.calls()) > before)
    await _kill(out)
    for number in range(dice.choice([0, 55, 120])):
        await out.p.publish(f"Other {number}", by=1)
    out.restart()
    out.send()


@pytest.mark.parametrize("seed", range(rounds(4)))
async def test_every_post_is_there_once(tmp_path: Path, seed: int) -> None:
    """After five kills with trouble and up to 120 newer posts each, nothing is missing and nothing is there twice."""
    print(f"seed {seed}")  # noqa: T201 - pytest shows it where it fails
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = [f"Post {number}" for number in range(20)]
    async with opened(tmp_path, Terms(retry_policy=PATIENT)) as out:
        out.p.switch(old_refresh="lives")
        for place in range(0, 20, 4):
            await _one_round(out, dice, names[place : place + 4])
        out.p.faults()
        await out.sent()
        dead = await out.rows("SELECT payload, error FROM outbox WHERE state = 3")
        there = Counter(post.text for post in out.p.posts())
    assert dead == []
    assert {name: there[name] for name in names} == dict.fromkeys(names, 1)
