"""Repeats work that fails for a while; the log gets two lines, for the beginning and the end of an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from bot.clock import Clock
from bot.errors import BotError, judge
from bot.observability.metrics import Metrics
from bot.retry import RetryPolicy

LONGEST = 30.0
"""The most seconds between two attempts; short, so that a disk that works again is soon used."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Outages:
    """Remembers which loops cannot reach the database, and since when."""

    retry_policy: RetryPolicy
    metrics: Metrics
    clock: Clock
    _since: dict[str, float] = field(default_factory=dict)

    async def outlast(self, loop: str, work: Callable[[], Awaitable[T]]) -> T:
        """Repeat `work` until it succeeds, and return its result.

        Raises:
            BotError: it failed by an error that does not go away by itself.
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
