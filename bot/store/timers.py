"""Stores timers: events that move into the inbox when they are due, and the repeated tasks of the service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from bot.model import ordering
from bot.model.effects import ByUser, Effect
from bot.model.events import PortalId
from bot.model.state_changes import StateChange, TimerSet
from bot.store import coding
from bot.store.sqlite import Database
from bot.store.statements import Result, Statement


class Timers:
    """Reads and writes timers for the scheduler."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def next_due(self) -> float | None:
        """Return when the next timer of any portal is due (unix seconds); None if there is no timer."""
        due: float | None = await self._db.read_value("timers_next_due")
        return due

    async def move_due(self, now: float, *, many: int) -> None:
        """Move the events of at most `many` due timers into the inbox, in one transaction."""
        values = {"now": now, "many": many, **coding.KEYS}
        await self._db.write([Statement(name=name, values=values) for name in ("timers_to_inbox", "timers_remove_due")])

    async def service_timers(self) -> dict[str, float]:
        """Return when each repeated task of the service is due (unix seconds), by the name of the task."""
        return {row["key"]: row["due_at"] for row in await self._db.read("service_timers")}

    async def start_service_timer(self, key: str, *, now: float, latest: float) -> None:
        """Create the timer of a repeated task, due at `now`.

        A timer that is stored already keeps its time, but is due at `latest` at the latest.
        """
        values = {"key": key, "now": now, "latest": latest}
        await self._db.write([Statement(name="service_timer_start", values=values)])

    async def claim_service_timer(self, key: str, *, due_at: float, next_at: float) -> bool:
        """Move the timer of a repeated task from `due_at` to `next_at`, and return True.

        If it is not due at `due_at` any more, change nothing and return False.
        """
        values = {"key": key, "due_at": due_at, "next": next_at}
        claim = Statement(name="service_timer_claim", values=values, result=Result.COUNT)
        return bool(await self._db.write([claim]))


def timer_set(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that sets a timer, and the parameters of the query."""
    assert isinstance(state_change, TimerSet)  # noqa: S101 - the table of state changes says so
    return "timer_set", {
        "key": state_change.key,
        "due_at": state_change.at,
        "kind": type(state_change.event).__name__,
        "ordering_key": state_change.ordering_key,
        "payload": msgspec.json.encode(state_change.event).decode(),
        "keep_earlier": state_change.keep_earlier,
    }


def delay_notices(keyed: Iterable[tuple[str, Effect]], *, due_at: float) -> list[Statement]:
    """Return statements that set the timer of a delay notice for each user action among the effects.

    `keyed` are effects that the same transaction adds to the outbox, with their idempotency keys. The notices are due
    at `due_at` (unix seconds).
    """
    return [
        Statement(
            name="timer_delay_notice",
            values={"effect_key": key, "ordering_key": ordering.of_dialog(effect.dialog), "due_at": due_at}
            | coding.KEYS,
        )
        for key, effect in keyed
        if isinstance(effect, ByUser)
    ]


def delay_notice_drop(portal: PortalId, effect_id: int) -> Statement:
    """Return the statement that removes the timer for the delay notice of one user action."""
    values = {"portal": portal, "key": ordering.timer_of_delay(effect_id)}
    return Statement(name="timer_delay_notice_drop", values=values)
