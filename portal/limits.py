"""The leaky bucket that stands before REST, one for each source address (reference: behaviour 9.5)."""


class Buckets:
    """Counts requests by source address; a full bucket refuses, time empties it."""

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        self._levels: dict[str, tuple[float, float]] = {}

    def admits(self, source: str, now: float, *, capacity: int, rate: float) -> bool:
        """Pour one request in; False when it would overflow (503 QUERY_LIMIT_EXCEEDED). Capacity 0 admits all."""
        if not capacity:
            return True
        level, since = self._levels.get(source, (0.0, now))
        level = max(0.0, level - max(0.0, now - since) * rate)
        fits = level + 1 <= capacity
        self._levels[source] = (level + 1 if fits else level, now)
        return fits

    def empty(self) -> None:
        """Forget everything poured in."""
        self._levels.clear()
