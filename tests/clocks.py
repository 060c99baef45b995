"""A clock for tests: it stands still until the test moves it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clock import Clock


@dataclass(slots=True)
class ManualClock:
    """Wall and monotonic time in a test's hand; `clock` is what the code under test is given."""

    wall: float = 1_790_000_000.0
    monotonic: float = 1_000.0

    @property
    def clock(self) -> Clock:
        """Make a clock that starts now and shows the time of this one."""
        return Clock(
            wall=lambda: self.wall,
            monotonic=lambda: self.monotonic,
            started_at=self.wall,
            started_monotonic=self.monotonic,
        )

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.monotonic += seconds

    def set_wall(self, to: float) -> None:
        """Set the wall clock, as an administrator or a time server does; nothing passes."""
        self.wall = to
