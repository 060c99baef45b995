"""How many unproven installations are let in: each makes us call an address that whoever sent it has named."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.bitrix.pace import Bucket

EACH: Final = 5
"""Installations a minute that name one host, or one portal; a true one comes once."""
MINUTE: Final = 60.0


@dataclass(slots=True)
class Newcomers:
    """At most `rate` a minute in all: so many at once, and then one whenever its time has come."""

    rate: float
    now: Callable[[], float] = time.monotonic
    _all: Bucket = field(init=False)
    _each: dict[str, Bucket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._all = self._bucket(self.rate)

    def wait(self, *names: str) -> float:
        """Seconds until an installation with these names may come; with 0.0 it may now, and is counted."""
        now = self.now()
        known = {name: self._each.get(name) or self._bucket(EACH) for name in names}
        buckets = [self._all, *known.values()]
        if wait := max(bucket.delay(now) for bucket in buckets):
            return wait
        for bucket in buckets:
            bucket.take(now)
        self._each = {name: one for name, one in (self._each | known).items() if one.delay(now) or one.level}
        return 0.0

    def _bucket(self, rate: float) -> Bucket:
        return Bucket(capacity=rate, rate=rate / MINUTE, at=self.now())
