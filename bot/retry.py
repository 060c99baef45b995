"""Decides when a failed attempt is repeated, and when to give up."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from bot import config
from bot.clock import Clock
from bot.errors import Judgement

GIVE_UP = 86_400.0
"""Seconds after which an effect is given up, even if the portal never answered."""
SETTLE = 60.0
"""Seconds that a request may still run on the portal after we stopped waiting (reference: limits, 60 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Says how long to wait before a retry, and when to give up.

    The pauses grow exponentially from `first` to `most` seconds, with jitter, so that retries do not synchronise.
    `attempts` is the maximum number of attempts that count. `settle` is how many seconds a portal may still work on a
    request after we stopped waiting.
    """

    attempts: int = 8
    first: float = 1.0
    most: float = 300.0
    settle: float = SETTLE
    random: Callable[[], float]
    clock: Clock = field(default_factory=Clock)

    @classmethod
    def from_config(cls, retry: config.Retry, clock: Clock) -> Self:
        """Make the policy from the settings, with random jitter."""
        return cls(
            attempts=retry.attempts,
            first=retry.first,
            most=retry.most,
            settle=retry.settle,
            random=random.random,
            clock=clock,
        )

    def delay(self, attempt: int) -> float:
        """Return the seconds to wait after a failed attempt; the number of the first attempt is 0."""
        longest = min(self.most, self.first * 2.0 ** min(attempt, 30))
        return longest * (0.5 + self.random() / 2)

    def lasting(self, since: float, now: float) -> float:
        """Return the seconds to wait during a problem that lasts since `since` (unix seconds).

        This is half of the time since then, at least `first` and at most `most`, with jitter.
        """
        return min(self.most, max(self.first, (now - since) / 2)) * (0.5 + self.random() / 2)

    def spent(self, attempts: int) -> bool:
        """Check whether so many failed attempts that count are the maximum."""
        return attempts >= self.attempts

    def counts(self, judgement: Judgement, *, awaited: bool, since: float, now: float) -> bool:
        """Check whether a failed attempt counts towards the maximum.

        The judgement of its error decides, where `awaited` says that people wait. If the work began more than a day ago
        (at `since`), every attempt counts.
        """
        return judgement.counts.applies(awaited=awaited) or self.too_old(since, now)

    def too_old(self, since: float, now: float) -> bool:
        """Check whether work that began at `since` is too old to be retried: more than GIVE_UP seconds.

        A wall clock that was set forward makes nothing older.
        """
        return min(now - since, self.clock.at_most_since(since)) > GIVE_UP
