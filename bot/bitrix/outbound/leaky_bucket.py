"""The leaky bucket a portal keeps for each address that calls it (reference: limits, X and Y)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """`capacity` requests at once, `rate` more a second; time is an argument (seconds, any steady clock)."""

    capacity: float
    rate: float
    level: float = 0.0
    at: float = 0.0

    def delay(self, now: float) -> float:
        """Seconds until one more request fits; 0.0 when it fits now."""
        self._leak(now)
        return max(0.0, (self.level + 1 - self.capacity) / self.rate)

    def take(self, now: float) -> None:
        """Count one request."""
        self._leak(now)
        self.level += 1

    def overflowed(self, now: float) -> None:
        """The portal refused: whatever we believed, the bucket is full (somebody else may share our address)."""
        self._leak(now)
        self.level = max(self.level, self.capacity)

    def _leak(self, now: float) -> None:
        self.level = max(0.0, self.level - max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
