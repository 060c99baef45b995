"""When to try again, and when to stop."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from bot import config

GIVE_UP = 86_400.0
"""Seconds after which an effect is given up, even if the portal never answered."""
SETTLE = 60.0
"""Seconds that a request may still run on the portal after we stopped waiting (reference: limits, 60 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential backoff from `first` to `most` seconds, with jitter, so that retries do not synchronise."""

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
        """Return the seconds to wait after the attempt with this number (the first is 0)."""
        longest = min(self.most, self.first * 2.0 ** min(attempt, 30))
        return longest * (0.5 + self.random() / 2)

    def lasting(self, since: float, now: float) -> float:
        """Return the seconds to wait for a problem that began at `since`.

        It is half of the problem's duration so far, within the limits and with jitter.
        """
        return min(self.most, max(self.first, (now - since) / 2)) * (0.5 + self.random() / 2)

    def spent(self, attempts: int) -> bool:
        """Check whether so many failed attempts are enough to give up."""
        return attempts >= self.attempts

    def too_old(self, since: float, now: float) -> bool:
        """Check whether something that began at `since` is too old to retry.

        Setting the clock forward makes nothing older: what began before this process is as old as at the start plus the
        monotonic time since; everything else is at most as old as this process.
        """
        lasted = max(0.0, self.began - since) + self.steady() - self.began_steady
        return min(now - since, lasted) > GIVE_UP
