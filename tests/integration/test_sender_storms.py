"""The outbox and the sender with random faults of the portal: at the end everything exists once, in order."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot.clock import Clock
from bot.model import effects
from bot.model.effects import Priority
from bot.model.events import Dialog, UserId
from tests.outgoing import ANNA, BORIS, QUICK, Out, Terms, opened, publish, say
from tests.rounds import rounds

KINDS = ["cut_after", "cut_after", "cut_after", "cut", "html", "503", "429", "500", "expired", "renamed"]
SAY = ["batch", "imbot.v2.Chat.Message.send", "imbot.message.add"]
MAKE = ["log.blogpost.add", "crm.timeline.comment.add", "batch"]
REST = ["*", "log.blogpost.get", "crm.timeline.comment.list", "oauth.token"]
TROUBLES = st.tuples(
    st.sampled_from(KINDS), st.one_of(*(st.sampled_from(some) for some in (MAKE, SAY, REST))), st.integers(1, 4)
)
STUBBORN = replace(QUICK, attempts=1000, settle=0.05)
"""Nothing may die of bad weather here: that attempts are counted is proved elsewhere."""
BLOCKED = 61.0
"""Seconds after which a method is free again, where the portal did not say when."""


class Storm(RuleBasedStateMachine):
    """Wishes of people, troubles of a portal, restarts of ours; and what has to be there in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = contextlib.AsyncExitStack()
        self.lines: list[Any] = self.stack.enter_context(structlog.testing.capture_logs())
        self.ahead = 0.0
        self.wishes = 0
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        self.posted: list[str] = []
        self.commented: list[str] = []

    @initialize(api=st.sampled_from(["v1", "v2"]), in_flight=st.integers(1, 4), troubles=st.lists(TROUBLES, max_size=5))
    def begin(self, api: str, in_flight: int, troubles: list[tuple[str, str, int]]) -> None:
        """Install a bot of either generation in three chats, with some faults set."""
        clock = Clock(wall=self._now)
        self.runner.run(self._begin(Terms(api=api, in_flight=in_flight, retry_policy=STUBBORN, clock=clock)))
        for one in troubles:
            self.trouble(one)

    async def _begin(self, terms: Terms) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.out: Out = await self.stack.enter_async_context(opened(Path(folder), terms))
        self.out.p.switch(old_refresh="lives")  # a lost answer of the authorization server is not the theme here
        self.chats = [self.out.group() for _ in range(3)]

    def _now(self) -> float:
        return time.time() + self.ahead

    # --- wishes ---

    @rule(places=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(list(Priority))), min_size=1, max_size=8))
    def say(self, places: list[tuple[int, Priority]]) -> None:
        """Add messages to some chats, of any urgency."""
        wanted: list[effects.Effect] = []
        for place, priority in places:
            text, chat = self._words(), self.chats[place]
            wanted.append(say(chat, text, priority=priority))
            self.said[chat].append(text)
        self.runner.run(self.out.want(*wanted))

    @rule(user=st.sampled_from([ANNA, BORIS]), many=st.integers(1, 3))
    def publish(self, user: UserId, many: int) -> None:
        """Add posts of a person, asked for in one dialog."""
        texts = [self._words() for _ in range(many)]
        self.posted += texts
        self.runner.run(self.out.want(*(publish(text, user=user, since=self._now()) for text in texts)))

    @rule(many=st.integers(1, 2))
    def comment(self, many: int) -> None:
        """Add comments in the timeline of a deal."""
        texts = [self._words() for _ in range(many)]
        self.commented += texts
        deal, since = effects.CrmEntity(type="deal", id=42), int(self._now())
        made = (
            effects.CrmComment(dialog=Dialog("2"), user=ANNA, entity=deal, text=text, since=since) for text in texts
        )
        self.runner.run(self.out.want(*made))

    def _words(self) -> str:
        self.wishes += 1
        return f"wish {self.wishes}"

    # --- weather ---

    @rule(one=TROUBLES)
    def trouble(self, one: tuple[str, str, int]) -> None:
        """Set faults for the next calls of a method, in addition to earlier ones."""
        kind, method, times = one
        there: list[dict[str, Any]] = [
            {"method": rule.method, "kind": rule.kind, "times": rule.times} for rule in self.out.p.emulator.faults.rules
        ]
        self.out.p.faults(*there, {"method": method, "kind": kind, "times": times})

    @rule()
    def a_while(self) -> None:
        """Let the sender work for some time."""
        self.runner.run(asyncio.sleep(0.005))

    @rule()
    def minutes(self) -> None:
        """Move the clocks of the service and the portal."""
        self.runner.run(self._pass(BLOCKED))

    @rule()
    def an_hour(self) -> None:
        """Let every token expire."""
        self.runner.run(self._pass(3601.0))

    async def _pass(self, seconds: float) -> None:
        self.ahead += seconds
        self.out.p.clock.advance(seconds)
        self.out.sender.wake.set()
        await asyncio.sleep(0)

    @precondition(lambda self: self.wishes)
    @rule()
    def restart(self) -> None:
        """Kill the process at any moment, and start it again."""
        self.runner.run(self._restart())

    async def _restart(self) -> None:
        loop = self.out.loops.pop()
        loop.cancel()
        await asyncio.wait([loop])
        self.out.restart()
        self.out.send()

    # --- the end ---

    def teardown(self) -> None:
        """Check the end: each message once and in order, each post and comment once, no dead letter."""
        try:
            if hasattr(self, "out"):
                self.runner.run(self._calm())
        finally:
            self.runner.run(self.stack.aclose())
            self.runner.close()

    async def _calm(self) -> None:
        for _ in range(200):
            with contextlib.suppress(TimeoutError):  # no expectation: what still waits may wait for a later hour
                await self.out.sent(within=0.25)
                break
            await self._pass(BLOCKED)
        else:
            raise AssertionError(f"never sent: {await self.out.waiting()}")
        for chat, texts in self.said.items():
            assert self.out.texts(chat) == texts
        for text in self.posted:
            assert len(self.out.posts(text)) == 1, text
        timeline = [entry.text for entry in self.out.p.emulator.world.crm.timeline("deal", 42)]
        assert sorted(text for text in timeline if text.startswith("wish")) == sorted(self.commented)
        assert await self.out.store.dead_letters() == (0, 0)
        assert [line for line in self.lines if line["log_level"] == "error"] == []


TestStorm = Storm.TestCase
TestStorm.settings = settings(max_examples=rounds(10), stateful_step_count=20, deadline=None)
