"""Reading a list page by page back to a time, while the list changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.bitrix.walk import Walk
from bot.clock import Clock
from bot.errors import TooFast

NOW = 1_800_000_000.0


@dataclass(slots=True)
class Feed:
    """A list as the portal keeps it: ids ordered by their last change, newest first, with their creation times."""

    order: list[int]
    made: dict[int, float]
    asked: list[int] = field(default_factory=list)
    refuse: set[int] = field(default_factory=set)
    changes: dict[int, tuple[str, int]] = field(default_factory=dict)

    async def page(self, start: int) -> dict[str, Any]:
        """Return one page; a planned refusal or change happens at this request."""
        self.asked.append(start)
        if len(self.asked) in self.refuse:
            raise TooFast("QUERY_LIMIT_EXCEEDED", "too many requests")
        rows = [self._row(one) for one in self.order[start : start + 50]]
        answer: dict[str, Any] = {"result": rows, "total": len(self.order), "time": {"start": NOW}}
        if start + 50 < len(self.order):
            answer["next"] = start + 50
        what, one = self.changes.get(len(self.asked), ("", 0))
        if what:
            self.order.remove(one)
        if what == "touch":
            self.order.insert(0, one)
        return answer

    def _row(self, one: int) -> dict[str, Any]:
        return {"ID": str(one), "DATE": datetime.fromtimestamp(self.made[one], UTC).isoformat()}


def feed(new: int, old: int = 300) -> Feed:
    """Make a list of new rows above old ones; higher ids are newer."""
    ids = list(range(new + old, 0, -1))
    return Feed(order=ids, made={one: NOW - 86_400 + one if one <= old else NOW - 600 + one / 100 for one in ids})


def walk() -> Walk:
    """Make a walk that has read nothing."""
    return Walk(began=NOW, date="DATE", mark=lambda row: str(row["ID"]).encode())


async def back(read: Walk, of: Feed) -> None:
    """Read back to a quarter of an hour ago."""
    await read.back_to(NOW - 900, of.page, clock=Clock(wall=lambda: NOW))


async def test_a_walk_reads_back_to_the_time_only() -> None:
    """Every row since then is read, and only enough older ones to be sure."""
    of, read = feed(1010), walk()
    await back(read, of)
    assert set(range(301, 1311)) <= read.entries.keys()
    assert max(of.asked) == 1000


async def test_a_short_list_takes_one_request() -> None:
    """If the first page reaches back far enough, one request is enough."""
    of = feed(3)
    await back(walk(), of)
    assert of.asked == [0]


async def test_old_rows_with_new_changes_do_not_end_a_walk() -> None:
    """Sixty old rows with new changes stand above the wanted one; it is still found."""
    of, read = feed(40), walk()
    touched = [(number * 37) % 299 + 1 for number in range(60)]
    of.order = touched + [one for one in of.order if one not in touched]
    await back(read, of)
    assert set(range(301, 341)) <= read.entries.keys()


@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_an_interrupted_walk_continues_where_it_stopped(at: int) -> None:
    """A refused page ends the walk with that error; the next attempt continues at that page."""
    of, read = feed(120), walk()
    of.refuse = {at}
    with pytest.raises(TooFast):
        await back(read, of)
    before = of.asked.copy()
    await back(read, of)
    assert of.asked[at] == before[-1]
    assert set(range(301, 421)) <= read.entries.keys()


@pytest.mark.parametrize("what", ["touch", "delete"])
async def test_a_row_that_moves_during_a_walk_is_not_missed(what: str) -> None:
    """A row that moves to the top, or up because another was deleted, is not missed."""
    of, read = feed(120), walk()
    of.changes = {1: ("touch", 350) if what == "touch" else ("delete", 410)}
    await back(read, of)
    assert set(range(301, 421)) <= read.entries.keys()


async def test_rows_that_were_read_are_not_read_again() -> None:
    """A second search of the same time needs no request."""
    of, read = feed(120), walk()
    await back(read, of)
    before = len(of.asked)
    await back(read, of)
    assert len(of.asked) == before
