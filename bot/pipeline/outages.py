"""Watches the loops: repeats work that the database refuses for a while, and finds loops that are stuck."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from bot.clock import Clock
from bot.errors import BotError, judge
from bot.observability.metrics import Metrics
from bot.retry import RetryPolicy

LONGEST = 30.0
"""The most seconds between two attempts of `outlast`; few, so that a disk that works again is soon used."""

HEARTBEAT = 15.0
"""Seconds after which a loop looks for work without being woken; a loop that does not look is stuck."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Outages:
    """Remembers which loops cannot reach the database, and when each loop last looked for work.

    The beginning and the end of an outage are each a line in the log. A loop is known by a name.
    """

    retry_policy: RetryPolicy
    metrics: Metrics
    clock: Clock
    _since: dict[str, float] = field(default_factory=dict)
    _beats: dict[str, float] = field(default_factory=dict)

    def beat(self, loop: str) -> None:
        """Remember that a loop looks for work now."""
        self._beats[loop] = self.clock.monotonic()

    async def woken(self, loop: str, wake: asyncio.Event, *, within: float = HEARTBEAT) -> None:
        """Wait until `wake` is set, or at most `within` seconds (not more than HEARTBEAT), and call `beat`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(within, HEARTBEAT)):
                await wake.wait()
        self.beat(loop)

    def stalled(self, after: float, *, loops: Sequence[str]) -> list[str]:
        """Return those of the loops that have not looked for work for more than `after` seconds."""
        now, started = self.clock.monotonic(), self.clock.started_monotonic
        return [loop for loop in loops if now - self._beats.get(loop, started) > after]

    async def outlast(self, loop: str, work: Callable[[], Awaitable[T]]) -> T:
        """Repeat `work` with pauses until it succeeds, and return its result.

        Raises:
            BotError: `work` raised an error that does not pass by itself.
        """
        tries = 0
        while True:
            try:
                result = await work()
            except BotError as exc:
                if not judge(exc).passes:
                    raise
                self._failed(loop, exc)
            else:
                self._worked(loop)
                return result
            await asyncio.sleep(min(LONGEST, self.retry_policy.delay(tries)))
            tries += 1

    def _failed(self, loop: str, error: BotError) -> None:
        self.metrics.passing_errors_total.labels(loop=loop).inc()
        if loop not in self._since:
            self._since[loop] = self.clock.monotonic()
            log.warning("store.failed", loop=loop, error=str(error))

    def _worked(self, loop: str) -> None:
        if (since := self._since.pop(loop, None)) is not None:
            log.info("store.recovered", loop=loop, seconds=round(self.clock.monotonic() - since, 1))
