"""The leaky bucket that a portal keeps for each calling address.

Reference: limits, X and Y.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Allows `capacity` requests at once and `rate` more per second; times are monotonic seconds."""

    capacity: float
    rate: float
    level: float = 0.0
    at: float = 0.0

    def delay(self, now: float) -> float:
        """Return the seconds until one more request fits; 0.0 if it fits now."""
        self._leak(now)
        return max(0.0, (self.level + 1 - self.capacity) / self.rate)

    def take(self, now: float) -> None:
        """Count one request."""
        self._leak(now)
        self.level += 1

    def overflowed(self, now: float) -> None:
        """Mark the bucket as full after a refusal; somebody else may share our address."""
        self._leak(now)
        self.level = max(self.level, self.capacity)

    def _leak(self, now: float) -> None:
        self.level = max(0.0, self.level - max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
