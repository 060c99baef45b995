"""Keeps the portals' answers about their people for some minutes, in a limited amount of memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.clock import Clock
from bot.model.events import PortalId

KEEP = 180.0
"""Seconds for which an answer is kept and used again."""
MOST_OF_A_PORTAL = 10_000
"""The most people and departments that are kept for one portal; a list counts as the number of its items."""
MOST = 100_000
"""The most people and departments that are kept for all portals together: about 50 MB."""

V = TypeVar("V")
_Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Row(Generic[V]):
    at: float
    size: int
    value: V


@dataclass(slots=True, kw_only=True)
class Kept(Generic[V]):
    """Keeps answers of portals by kind and number; when memory is full, new answers replace the oldest."""

    clock: Clock = field(default_factory=Clock)
    _portals: dict[PortalId, dict[_Name, _Row[V]]] = field(default_factory=dict)
    _sizes: dict[PortalId, int] = field(default_factory=dict)
    _size: int = 0

    def get(self, portal: PortalId, kind: str, number: int) -> V | None:
        """Return a kept answer; None if there is none, or it is too old."""
        row = self._portals.get(portal, {}).get((kind, number))
        return row.value if row is not None and self.clock.monotonic() - row.at < KEEP else None

    def put(self, portal: PortalId, kind: str, number: int, *, value: V, size: int = 1) -> None:
        """Keep an answer; `size` is the number of people or departments in it."""
        rows = self._portals.pop(portal, {})
        self._portals[portal] = rows  # the portals that were not asked for longest come first
        if (kind, number) in rows:
            self._drop(portal, (kind, number))
        rows[kind, number] = _Row(self.clock.monotonic(), size, value)
        self._add(portal, size)
        while self._sizes[portal] > MOST_OF_A_PORTAL and len(rows) > 1:
            self._drop(portal, next(iter(rows)))
        while self._size > MOST and len(self._portals) > 1:
            self.forget(next(iter(self._portals)))

    def forget(self, portal: PortalId) -> None:
        """Forget all answers of a portal, so that the portal is asked again."""
        self._portals.pop(portal, None)
        self._size -= self._sizes.pop(portal, 0)

    def _drop(self, portal: PortalId, name: _Name) -> None:
        self._add(portal, -self._portals[portal].pop(name).size)

    def _add(self, portal: PortalId, size: int) -> None:
        self._sizes[portal] = self._sizes.get(portal, 0) + size
        self._size += size
