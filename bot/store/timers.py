"""Timers on disk: events that go into the inbox when they are due, and the repeated work of the service itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiosqlite
import msgspec

from bot.model import ordering
from bot.model.effects import ByUser, Effect
from bot.model.state_changes import StateChange, TimerSet
from bot.store import coding
from bot.store.sqlite import Database, Row


class Timers:
    """What the scheduler reads and writes."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._q = database.queries

    async def next_due(self) -> float | None:
        """Return when the next timer of a portal is due."""
        due: float | None = await self._q.timers_next_due(self._db.reader)
        return due

    async def move_due(self, now: float, *, many: int) -> None:
        """Move at most so many due timers into the inbox, in one transaction."""

        async def job(conn: aiosqlite.Connection) -> None:
            await self._q.timers_to_inbox(conn, now=now, many=many, **coding.KEYS)
            await self._q.timers_remove_due(conn, now=now, many=many)

        await self._db.write(job)

    async def service_timers(self) -> dict[str, float]:
        """Return when each repeated task of the service is due."""
        return {row["key"]: row["due_at"] async for row in self._q.service_timers(self._db.reader)}

    async def start_service_timer(self, key: str, *, now: float, latest: float) -> None:
        """Make the timer of a task: due now when there is none yet, at `latest` when a later time is stored."""
        await self._db.write(lambda conn: self._q.service_timer_start(conn, key=key, now=now, latest=latest))

    async def claim_service_timer(self, key: str, *, due_at: float, next_at: float) -> bool:
        """Move the timer of a task to its next time, and return whether it was still due at `due_at`."""
        values = {"key": key, "due_at": due_at, "next": next_at}
        return bool(await self._db.write(lambda conn: self._q.service_timer_claim(conn, **values)))


def timer_set(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the statement that sets a timer, and its values."""
    assert isinstance(state_change, TimerSet)  # noqa: S101 - the table of state changes says so
    return "timer_set", {
        "key": state_change.key,
        "due_at": state_change.at,
        "kind": type(state_change.event).__name__,
        "ordering_key": state_change.ordering_key,
        "payload": msgspec.json.encode(state_change.event).decode(),
        "keep_earlier": state_change.keep_earlier,
    }


def delay_notices(rows: Sequence[Row], wanted: Sequence[Effect], *, due_at: float) -> list[Row]:
    """Return the values of one delay notice for each user action among new rows of the outbox."""
    return [
        {"effect_key": row["key"], "ordering_key": ordering.of_dialog(effect.dialog), "due_at": due_at, **coding.KEYS}
        for row, effect in zip(rows, wanted, strict=True)
        if isinstance(effect, ByUser)
    ]
