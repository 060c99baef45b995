"""How long to wait before trying again, and when to stop trying."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.errors import Judgement

GIVE_UP = 86_400.0
"""Seconds after which even a silent portal is not waited for any longer: nobody wants yesterday's answer."""
SETTLE = 60.0
"""Seconds a request may go on running on the portal after we stopped waiting (reference: limits, one request 60 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential backoff from `first` to `most` seconds, with jitter, so that retries do not synchronise."""

    attempts: int = 8
    first: float = 1.0
    most: float = 300.0
    settle: float = SETTLE
    random: Callable[[], float]
    clock: Clock = field(default_factory=Clock)

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the attempt with this number (0 is the first)."""
        whole = min(self.most, self.first * 2.0 ** min(attempt, 30))
        return whole * (0.5 + self.random() / 2)

    def lasting(self, since: float, now: float) -> float:
        """Seconds to wait for something that has lasted since then: half as long again."""
        return min(self.most, max(self.first, (now - since) / 2)) * (0.5 + self.random() / 2)

    def spent(self, attempts: int) -> bool:
        """Whether so many failed attempts are enough."""
        return attempts >= self.attempts

    def counts(self, judgement: Judgement, *, awaited: bool, since: float, now: float) -> bool:
        """Whether a failed attempt counts: by its judgement, and after a day always."""
        return judgement.counts.applies(awaited=awaited) or self.too_old(since, now)

    def too_old(self, since: float, now: float) -> bool:
        """Whether something that began then is not worth trying any longer; a clock that is set makes nothing older."""
        return min(now - since, self.clock.at_most_since(since)) > GIVE_UP
