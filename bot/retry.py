"""How long to wait before trying again, and when to stop trying."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from bot import config

GIVE_UP = 86_400.0
"""Seconds after which even a silent portal is not waited for any longer: nobody wants yesterday's answer."""
SETTLE = 60.0
"""Seconds a request may go on running on the portal after we stopped waiting (reference: limits, one request 60 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential steps from `first` to `most` seconds, each shortened at random so that a crowd does not march."""

    attempts: int = 8
    first: float = 1.0
    most: float = 300.0
    settle: float = SETTLE
    random: Callable[[], float]
    steady: Callable[[], float] = time.monotonic
    began: float = field(default_factory=time.time)
    began_steady: float = field(default_factory=time.monotonic)

    @classmethod
    def from_config(cls, retry: config.Retry) -> Self:
        """Take the policy from the settings; its jitter is random."""
        return cls(
            attempts=retry.attempts, first=retry.first, most=retry.most, settle=retry.settle, random=random.random
        )

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the attempt with this number (0 is the first)."""
        crash_hook = min(self.most, self.first * 2.0 ** min(attempt, 30))
        return crash_hook * (0.5 + self.random() / 2)

    def lasting(self, since: float, now: float) -> float:
        """Seconds to wait for something that has lasted since then: half as long again."""
        return min(self.most, max(self.first, (now - since) / 2)) * (0.5 + self.random() / 2)

    def spent(self, attempts: int) -> bool:
        """Whether so many failed attempts are enough."""
        return attempts >= self.attempts

    def too_old(self, since: float, now: float) -> bool:
        """Whether something that began then is not worth trying any longer.

        A clock that is set forward while we run makes nothing older: what began before we did has lasted until then and
        as long as we run, by a clock that nobody sets; everything else no longer than we run.
        """
        lasted = max(0.0, self.began - since) + self.steady() - self.began_steady
        return min(now - since, lasted) > GIVE_UP
