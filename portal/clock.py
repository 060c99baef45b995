"""The portal's clock: real time that may be moved and stopped, or a clock that stands still until told."""

import time
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

PORTAL_ZONE = timezone(timedelta(hours=2))
"""The portal writes its dates two hours east of Greenwich, so that nobody can take them for UTC unpunished."""


class Clock:
    """Seconds since 1970; `Clock(start=...)` stands still, `Clock()` runs; both can be advanced, stopped and let go."""

    __slots__ = ("_start", "offset")

    def __init__(self, start: float | None = None) -> None:
        self._start = start
        self.offset = 0.0
        """By how many seconds it was moved."""

    @property
    def stands(self) -> bool:
        """Whether it stands still."""
        return self._start is not None

    def now(self) -> float:
        """Return the portal's time as unix seconds."""
        return (time.time() if self._start is None else self._start) + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward (or back, with a negative number)."""
        self.offset += seconds

    def stop(self) -> None:
        """Stand still from now on."""
        self._start = self.now() - self.offset

    def go(self) -> None:
        """Run on from where it stands."""
        now = self.now()
        self._start = None
        self.offset = now - time.time()


def iso(moment: float) -> str:
    """Write a moment as the portal does: ISO 8601, whole seconds, with the offset."""
    return _iso(int(moment))


@lru_cache(maxsize=4096)
def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, tz=PORTAL_ZONE).isoformat()


def written(moment: float) -> str:
    """Write a moment as the portal does inside its English sentences."""
    return datetime.fromtimestamp(int(moment), tz=PORTAL_ZONE).strftime("%m/%d/%Y %H:%M:%S")


def moment_of(text: str) -> float | None:
    """Read a date the way PHP's strtotime would for ISO forms; None when it is none."""
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=PORTAL_ZONE)
    try:
        return parsed.astimezone(UTC).timestamp()
    except (OverflowError, OSError, ValueError):
        return None
