"""The clock of the emulator, which tests can move and stop, and the date formats of Bitrix24."""

import time
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

PORTAL_ZONE = timezone(timedelta(hours=2))
"""Time zone of all dates of the portal, two hours east of UTC, so that mistakes with UTC show."""


class Clock:
    """A clock in Unix seconds that can be moved and stopped.

    `Clock()` runs with real time, `Clock(start=...)` is stopped.
    """

    __slots__ = ("_start", "offset")

    def __init__(self, start: float | None = None) -> None:
        self._start = start
        self.offset = 0.0
        """Seconds by which the clock was moved."""

    @property
    def is_stopped(self) -> bool:
        """Tell whether the clock is stopped."""
        return self._start is not None

    def now(self) -> float:
        """Return the time of the portal in Unix seconds."""
        return (time.time() if self._start is None else self._start) + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward by a number of seconds; a negative number moves it back."""
        self.offset += seconds

    def stop(self) -> None:
        """Stop the clock at the current time."""
        self._start = self.now() - self.offset

    def go(self) -> None:
        """Start the clock again from the time at which it was stopped."""
        now = self.now()
        self._start = None
        self.offset = now - time.time()


def iso(moment: float) -> str:
    """Format Unix seconds as Bitrix24 does: ISO 8601 in whole seconds with the offset."""
    return _format_iso(int(moment))


@lru_cache(maxsize=4096)
def _format_iso(second: int) -> str:
    return datetime.fromtimestamp(second, tz=PORTAL_ZONE).isoformat()


def day(text: str) -> float:
    """Return the Unix seconds at which a day such as "2026-10-01" begins on the portal."""
    return datetime.fromisoformat(text).replace(tzinfo=PORTAL_ZONE).timestamp()


def english_date(moment: float) -> str:
    """Format Unix seconds as Bitrix24 does in English sentences: "01/31/2026 09:30:00"."""
    return datetime.fromtimestamp(int(moment), tz=PORTAL_ZONE).strftime("%m/%d/%Y %H:%M:%S")


def moment_of(text: str) -> float | None:
    """Parse an ISO date as PHP's strtotime does, into Unix seconds; return None when it is invalid.

    A date without offset is in the time zone of the portal.
    """
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
