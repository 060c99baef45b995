"""Cut answers, timeouts and kills in the middle of a send, at random: each message is in its chat once."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from bot.bitrix.outbound.earlier import DialogSearch
from bot.crash_points import CrashPoint
from bot.model.effects import Answers, Say
from bot.model.events import Dialog
from bot.store import StoredMemory
from tests.outgoing import ANNA, BORIS, QUICK, Out, Terms, opened, say
from tests.rounds import rounds
from tests.speaking import asked, bots_own, give_own, total, written

RUNS = rounds(5)
"""Runs of each kind of trouble; `make long` makes a hundred of them."""
PLACES = ("private", "group", "command")
POINTS = (CrashPoint.PACKED, CrashPoint.MARKED, CrashPoint.ANSWERED)
PATIENT = replace(QUICK, attempts=1000, settle=0.2)
TIMEOUT = 0.4
OFTEN = 0.4
"""How often two equal messages are sent on purpose, and how often an equal one has been sent before."""
METHODS = {
    "v1": ("imbot.message.add", "imbot.command.answer", "batch"),
    "v2": ("imbot.v2.Chat.Message.send", "imbot.v2.Command.answer", "batch"),
}


@dataclass(slots=True)
class Tally:
    """The results of some runs."""

    runs: int = 0
    messages: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Storm:
    """A sender, and the troubles that happen while it sends."""

    out: Out
    api: str
    dice: random.Random
    tally: Tally = field(default_factory=Tally)

    async def run(self, trouble: str, number: int) -> None:
        """Send one message, or two equal ones on purpose, with one trouble, and count what is in the chat then."""
        self.out.p.faults()
        place = self.dice.choice(PLACES)
        dialog, answers = self._where(place)
        text = f"Run {number} with [b]{trouble}[/b]"
        many = 2 if self.dice.random() < OFTEN else 1
        before = self.dice.random() < OFTEN
        if before:
            await self.out.want(say(dialog, text, answers=answers))
            await self.out.sent()
        wanted = [say(dialog, text, answers=answers) for _ in range(many)]
        await getattr(self, f"_{trouble}")(wanted)
        self._others_write(dialog)
        await self.out.sent()
        self._count(f"{trouble} in {place}, run {number}", dialog, text, many + before)

    def _where(self, place: str) -> tuple[Dialog, Answers | None]:
        if place == "private":
            return Dialog("2"), None
        members = [ANNA, BORIS, *([self.out.bot] if place == "group" else [])]
        dialog = Dialog(self.out.p.make_chat(*members, by=ANNA))
        return dialog, asked(self.out, dialog) if place == "command" else None

    def _others_write(self, dialog: Dialog) -> None:
        if not dialog.isdigit():
            for number in range(self.dice.choice([0, 3, 60])):
                written(self.out, f"Other {number}", dialog=dialog)

    def _count(self, name: str, dialog: Dialog, text: str, expected: int) -> None:
        there = Counter(bots_own(self.out, dialog))[text]
        self.tally.runs += 1
        self.tally.messages += expected
        self.tally.lost += [name] * max(0, expected - there)
        self.tally.twice += [name] * max(0, there - expected)

    async def _cut(self, wanted: list[Say]) -> None:
        """Cut the connection before or after the method runs, or let a gateway answer, once or twice."""
        kind, times = self.dice.choice(["cut_after", "cut_after", "cut", "html", "500"]), self.dice.choice([1, 1, 2])
        self.out.p.faults(*({"method": method, "kind": kind, "times": times} for method in METHODS[self.api]))
        before = self._requests("PortalDown") + self._requests("Broken")
        await self.out.want(*wanted)
        await self.out.until(lambda: self._requests("PortalDown") + self._requests("Broken") > before)

    async def _timeout(self, wanted: list[Say]) -> None:
        """Let the portal work on a request for longer than the sender waits; the method runs afterwards."""
        gone, ran = self._requests("PortalDown"), asyncio.Event()
        self.out.p.emulator.faults.sleep = lambda _seconds: _wait(ran)
        self.out.p.faults(*({"method": method, "kind": "slow", "times": 1} for method in METHODS[self.api]))
        await self.out.want(*wanted)
        await self.out.until(lambda: self._requests("PortalDown") > gone)
        self.out.p.faults()
        ran.set()

    async def _kill(self, wanted: list[Say]) -> None:
        """End the sender before a request, while the portal works on it, or before its outcome is stored."""
        point, died, ran = self.dice.choice([*POINTS, None]), asyncio.Event(), asyncio.Event()
        if point is None:
            held = asyncio.Event()
            self.out.p.emulator.faults.sleep = partial(_hold, held, ran)
            self.out.p.faults(*({"method": method, "kind": "slow", "times": 1} for method in METHODS[self.api]))
            await self.out.want(*wanted)
            await asyncio.wait_for(held.wait(), 60)
        else:
            self.out.sender.delivery = replace(self.out.sender.delivery, crash_hook=partial(_die, point, died))
            await self.out.want(*wanted)
            await asyncio.wait_for(died.wait(), 60)
        loop = self.out.loops.pop()
        loop.cancel()
        await asyncio.wait([loop])
        self.out.p.faults()
        ran.set()
        self.restart()

    def restart(self) -> None:
        """Start a sender that knows only what is on disk."""
        self.out.restart()
        settle = self.out.sender.retry_policy.settle
        dialogs = DialogSearch(
            self.out.caller, partial(StoredMemory, self.out.store), clock=self.out.sender.clock, settle=settle
        )
        self.out.sender.delivery = replace(
            self.out.sender.delivery, dialogs=dialogs, crash_hook=self.out.sender.crash_hook
        )
        self.out.send()

    def _requests(self, outcome: str) -> float:
        return total(self.out.metrics.portal_requests_total, outcome=outcome)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _hold(held: asyncio.Event, ran: asyncio.Event, _seconds: float) -> None:
    held.set()
    await ran.wait()


def _die(at: CrashPoint, died: asyncio.Event, point: CrashPoint) -> None:
    """End the task that sends, as the end of the process would, once."""
    if point is at and not died.is_set():
        died.set()
        raise asyncio.CancelledError


@pytest.mark.parametrize("trouble", ["cut", "timeout", "kill"])
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_each_message_is_in_its_chat_once(
    tmp_path: Path, api: str, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In private, in groups and as the answer to a command, nothing is lost and nothing comes twice."""
    seed = int(os.environ.get("FEEDBRIDGE_SEED") or random.SystemRandom().randrange(10**6))
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    terms = Terms(api=api, retry_policy=PATIENT, timeout=TIMEOUT if trouble == "timeout" else 60.0)
    async with opened(tmp_path, terms) as out:
        await give_own(out)
        storm = Storm(out, api, dice)
        for number in range(RUNS):
            await storm.run(trouble, number)
        dead = await out.rows("SELECT payload, error FROM outbox WHERE state = 3")
        looks, blind, tally = (
            len(out.p.calls("im.dialog.messages.get")),
            total(out.metrics.unseen_repeats_total),
            storm.tally,
        )
    with capsys.disabled():
        print(  # noqa: T201 - the summary of the run
            f"\n{api} {trouble}: {tally.runs} runs, {tally.messages} messages, {len(tally.lost)} lost, "
            f"{len(tally.twice)} twice, {looks} looks, {blind:.0f} sent again unseen (seed {seed})",
            file=sys.stderr,
        )
    assert (tally.lost, tally.twice, dead, blind) == ([], [], [], 0), f"seed {seed}"
