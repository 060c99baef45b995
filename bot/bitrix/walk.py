"""Reads a list of a portal back to a given time; all callers share the rows that were read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from bot.clock import Clock

PAGE = 50
"""The size of a page (reference: paging); `start` counts in whole pages."""
ENOUGH_IN_ORDER = 25
"""After so many consecutive older rows, sorted by date, no newer row follows."""
ENOUGH = 100
"""After so many consecutive older rows, not sorted by date, no newer row is expected.

Posts are sorted by their last change (reference: log.blogpost.get), so old posts with new comments are among new
ones.
"""

Ask = Callable[[int], Awaitable[dict[str, Any]]]
"""Requests the page that begins at `start`."""
Mark = Callable[[dict[str, Any]], bytes]
"""Makes the digest of a row, to compare it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a list: its id, its date (unix seconds on the portal's clock), and a digest of its content."""

    id: int
    at: float
    mark: bytes


@dataclass(slots=True, kw_only=True)
class Walk:
    """The rows that were read of one list; if reading is interrupted, it continues later at the same place.

    `began` is when the first page was requested; rows that were created later may be missing. `date` is the name of the
    field with the date of a row, `mark` makes the digest of a row, and `ahead` is how many seconds the portal's clock
    is ahead of ours.
    """

    began: float
    date: str
    mark: Mark
    entries: dict[int, Entry] = field(default_factory=dict)
    ahead: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _start: int = 0
    _at_end: bool = False
    _total: int = 0
    _checked: int = 0
    _tail: list[float] = field(default_factory=list)

    async def back_to(self, since: float, ask: Ask, *, clock: Clock) -> float:
        """Read every row since a time (unix seconds on our clock), and return that time on the portal's clock.

        `ask` requests a page.

        Raises:
            PortalError, PortalDown: a page could not be read; the rows before it are kept.
        """
        while not self._seen_since(since):
            await self._page(ask, clock=clock)
        await self._reread_top(ask)
        return since + self.ahead

    def _seen_since(self, since: float) -> bool:
        if self._at_end:
            return True
        newest_first = self._tail[::-1]
        older = next((n for n, at in enumerate(newest_first) if at >= since + self.ahead), len(newest_first))
        ordered = newest_first[:ENOUGH_IN_ORDER]
        in_order = older >= ENOUGH_IN_ORDER and all(one <= two for one, two in pairwise(ordered))
        return in_order or older >= ENOUGH

    async def _page(self, ask: Ask, *, clock: Clock) -> None:
        answer = await ask(self._start)
        if self._start == 0:
            self.ahead = ahead(answer, clock.wall())
        total = _number(answer.get("total"))
        if total < self._total:  # rows were deleted, so later rows have moved to a page that we have read
            self._start, self._total = max(0, self._start - PAGE), total
            return
        self._total = total
        rows = self._entries(answer)
        self._add(rows)
        self._tail += [one.at for one in rows]
        following = _number(answer.get("next"))
        self._at_end = following <= self._start
        self._start = max(following, self._start)

    async def _reread_top(self, ask: Ask) -> None:
        """Read the first pages again, because rows that changed while the others were read have moved there."""
        if self._start <= self._checked or self._start <= PAGE:
            return
        start, new = 0, True
        while new:
            answer = await ask(start)
            new = self._add(self._entries(answer))
            following = _number(answer.get("next"))
            new, start = new and following > start, following
        self._checked = self._start

    def _add(self, rows: list[Entry]) -> bool:
        """Store rows of the list by id, replacing older versions; return True if an id is new."""
        new = any(one.id not in self.entries for one in rows)
        self.entries |= {one.id: one for one in rows}
        return new

    def _entries(self, answer: dict[str, Any]) -> list[Entry]:
        """Return the rows of a page that have an id, in the portal's order."""
        found = answer.get("result")
        rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
        kept = [row for row in rows if _number(row.get("ID"))]
        return [Entry(id=_number(row["ID"]), at=_at(row.get(self.date)), mark=self.mark(row)) for row in kept]


def ahead(answer: dict[str, Any], now: float) -> float:
    """Return how many seconds the portal's clock is ahead of ours, by `time.start` of an answer; 0.0 if it has none."""
    block = answer.get("time")
    start = block.get("start") if isinstance(block, dict) else None
    return start - now if isinstance(start, int | float) else 0.0


def _number(value: object) -> int:
    return int(str(value)) if str(value).isdecimal() else 0


def _at(date: object) -> float:
    try:
        return datetime.fromisoformat(str(date)).timestamp()
    except ValueError:
        return 0.0
