"""Provides the only clock of the service: wall time, monotonic time, and the start of the process in both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Returns the time; a test passes a clock that the test moves.

    `wall` returns unix seconds, for times that are stored or shown; an administrator may set it at any time.
    `monotonic` returns seconds that only grow, for durations. `started_at` and `started_monotonic` are their values
    when the process started.
    """

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    started_at: float = field(default_factory=time.time)
    started_monotonic: float = field(default_factory=time.monotonic)

    def at_most_since(self, since: float) -> float:
        """Return the most seconds that can have passed since a wall time, even if the wall clock was set meanwhile.

        For a time before the start of the process, this is the time until the start plus the running time of the
        process (monotonic). For a later time it is the running time.
        """
        return max(0.0, self.started_at - since) + self.monotonic() - self.started_monotonic
