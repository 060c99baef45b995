"""One clock for the whole service: wall time, monotonic time, and when the process started by both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Tells the time; a test passes one that it moves itself.

    `wall` gives unix seconds, for what is stored or shown; somebody may set it at any time. `monotonic` gives seconds
    that only pass, for how long something takes.
    """

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    started_at: float = field(default_factory=time.time)
    started_monotonic: float = field(default_factory=time.monotonic)

    def at_most_since(self, since: float) -> float:
        """Return how many seconds can have passed since a wall time, whatever the wall clock was set to meanwhile.

        What began before we started has lasted until then, and as long as we run by the monotonic clock; everything
        else at most as long as we run.
        """
        return max(0.0, self.started_at - since) + self.monotonic() - self.started_monotonic
