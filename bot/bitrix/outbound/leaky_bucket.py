"""A copy of the leaky bucket with which a portal limits each calling address (reference: limits, X and Y)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot import config


@dataclass(slots=True)
class Bucket:
    """A bucket that allows `capacity` requests at once and `rate` more per second; times are monotonic seconds."""

    capacity: float
    rate: float
    level: float = 0.0
    at: float = 0.0

    def delay(self, now: float) -> float:
        """Return the seconds until one more request is allowed; 0.0 if it is allowed now."""
        self._leak(now)
        return max(0.0, (self.level + 1 - self.capacity) / self.rate)

    def take(self, now: float) -> None:
        """Count one request that is sent now."""
        self._leak(now)
        self.level += 1

    def overflowed(self, now: float) -> None:
        """Mark the bucket as full after the portal refused a request; others may share our address."""
        self._leak(now)
        self.level = max(self.level, self.capacity)

    def _leak(self, now: float) -> None:
        self.level = max(0.0, self.level - max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSizes:
    """The sizes of the bucket for the two kinds of plan.

    Reference, limits: 50 requests and 2 per second; on Enterprise 250 and 5.
    """

    capacity: float = 50
    rate: float = 2.0
    enterprise_capacity: float = 250
    enterprise_rate: float = 5.0

    @classmethod
    def from_config(cls, limit: config.RateLimit) -> Self:
        """Take the sizes from the settings of the rate limit."""
        return cls(
            capacity=limit.capacity,
            rate=limit.rate,
            enterprise_capacity=limit.enterprise_capacity,
            enterprise_rate=limit.enterprise_rate,
        )

    def bucket(self, license_family: str, now: float) -> Bucket:
        """Make an empty bucket for a portal with this kind of plan; `now` is in monotonic seconds."""
        if "ent" in license_family.lower():
            return Bucket(capacity=_one_less(self.enterprise_capacity), rate=self.enterprise_rate, at=now)
        return Bucket(capacity=_one_less(self.capacity), rate=self.rate, at=now)


def _one_less(capacity: float) -> float:
    """Return one request less than is allowed at once, because network delays can move requests closer together."""
    return max(1.0, capacity - 1)
