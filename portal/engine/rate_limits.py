"""Limits of REST calls: a leaky bucket per source address, and run time per method.

Reference: behaviour 9.5.
"""

Key = tuple[str, str]
SLOT = 60.0
"""Length in seconds of a slot: run times of calls within it are added up."""
WINDOW = 600.0
"""Seconds for which a slot counts after its start."""


class Buckets:
    """One leaky bucket per source address: each request adds to the level, time lowers it, a full bucket refuses."""

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        self._levels: dict[str, tuple[float, float]] = {}

    def admits(self, source: str, now: float, *, capacity: int, rate: float) -> bool:
        """Add one request to the bucket of a source address; return False when the bucket is full.

        `now` is in seconds, `rate` in requests per second. A full bucket means 503 QUERY_LIMIT_EXCEEDED. Capacity 0
        means no limit.
        """
        if not capacity:
            return True
        level, since = self._levels.get(source, (0.0, now))
        level = max(0.0, level - max(0.0, now - since) * rate)
        fits = level + 1 <= capacity
        # A refused request does not fill the bucket, or a client that retries could never pass.
        self._levels[source] = (level + 1 if fits else level, now)
        return fits

    def level(self, now: float, *, rate: float) -> float:
        """Return the level of the fullest bucket at a time, in requests."""
        levels = (level - max(0.0, now - since) * rate for level, since in self._levels.values())
        return max((0.0, *levels))

    def empty(self) -> None:
        """Set all buckets to the level 0."""
        self._levels.clear()


class RunTimes:
    """The run time of each method per caller, added up in slots of a minute."""

    __slots__ = ("_slots",)

    def __init__(self) -> None:
        self._slots: dict[Key, list[list[float]]] = {}

    def charge(self, key: Key, now: float, seconds: float) -> None:
        """Add the run time of one call, in seconds, to a caller and method."""
        slots = self._current_slots(key, now)
        if slots and now - slots[-1][0] < SLOT:
            slots[-1][1] += seconds
        else:
            self._slots.setdefault(key, []).append([now, seconds])

    def used(self, key: Key, now: float) -> float:
        """Return the run time in seconds that counts for a caller and method at a time."""
        return sum(seconds for _, seconds in self._current_slots(key, now))

    def resets(self, key: Key, now: float) -> int:
        """Return the Unix time when the oldest slot of a caller and method no longer counts."""
        slots = self._current_slots(key, now)
        return int((slots[0][0] if slots else now) + WINDOW)

    def empty(self) -> None:
        """Delete the run times of all callers and methods, so that none counts towards the limit."""
        self._slots.clear()

    def _current_slots(self, key: Key, now: float) -> list[list[float]]:
        slots = self._slots.get(key, [])
        while slots and slots[0][0] + WINDOW <= now:
            del slots[0]
        return slots
