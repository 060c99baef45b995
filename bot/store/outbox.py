"""The outbox: effects that wait to be sent, are being sent, or have ended."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

import msgspec

from bot.errors import StoreError
from bot.model import effects
from bot.model.events import PortalId
from bot.model.queued import Outcome, WaitingEffect
from bot.store import coding, timers
from bot.store.portals import PortalStore
from bot.store.sqlite import Row
from bot.store.statements import Guard, Refusal, Result, Statement


class OutboxStore(PortalStore):
    """Effects, and how their attempts ended."""

    async def portals_with_work(self) -> list[PortalId]:
        """Portals for which something waits to be sent."""
        return [PortalId(row["portal"]) for row in await self.db.read("outbox_portals")]

    async def ready_effects(
        self, portal: PortalId, *, now: float, many: int, beyond: float = math.inf
    ) -> list[WaitingEffect]:
        """Whole lanes that may go now, the most urgent first, each lane in order; no due time is honoured `beyond`."""
        values = {"portal": portal, "many": many, "per_key": 50, "now": now, "beyond": beyond}
        ask = partial(self.db.read, "outbox_ready", **values)
        return await coding.read(self.db, ask, coding.effect, park="outbox_dead")

    async def next_due(self, portal: PortalId, now: float) -> float | None:
        """When the next effect that waits for its time is due."""
        due: float | None = await self.db.read_value("outbox_next_due", portal=portal, now=now)
        return due

    async def unfinished(self, ids: Collection[int]) -> set[int]:
        """Which of these effects are still to be done."""
        if not ids:
            return set()
        return {row["id"] for row in await self.db.read("outbox_unfinished", ids=json.dumps(list(ids)))}

    async def mark_sending(self, rows: Sequence[WaitingEffect]) -> list[WaitingEffect]:
        """Write down that these are about to leave: after a crash their outcome is unknown.

        Returns those that are to be sent, as they are now: a card may have to show something else than when it was
        read. What waits no longer, or shows what a later version has overtaken, must not be sent.
        """
        if not any(isinstance(row.effect, effects.ShowCard | effects.EditCard) for row in rows):
            with contextlib.suppress(Refusal):  # one of them was dropped meanwhile: find out which
                await self.db.write([Statement(name="outbox_sending", values=(row.id,), guard=_WAITS) for row in rows])
                return list(rows)
        ids = json.dumps([row.id for row in rows])
        waiting = Statement(name="outbox_as_sent", values={"ids": ids}, result=Result.ROWS)
        marked = [Statement(name="outbox_sending", values=(row.id,)) for row in rows]
        found = {row["id"]: row for row in await self.db.write([waiting, *marked])}
        current = (_as_it_is_now(row, found[row.id]) for row in rows if row.id in found)
        return [row for row in current if row]

    async def settle(self, outcomes: Sequence[Outcome], now: float) -> None:
        """End of an attempt: states of the effects and the events that report them, in one transaction."""
        reports = [coding.received(one.report, self.encryption, now) for one in outcomes if one.report]
        ends = [_settled(outcome) for outcome in outcomes]
        await self.db.write([*ends, *_notices_dropped(outcomes), *reports])

    async def recover(self, *, settled_at: float = 0.0) -> int:
        """After a start: what was being sent when we ended goes back, marked unsure. Returns how many.

        What has to be looked for is due at `settled_at`: a portal goes on working on a request when we are gone.
        """
        values = {"settled_at": settled_at, **coding.KEYS}
        count: int = await self.db.write([Statement(name="outbox_interrupted", values=values, result=Result.COUNT)])
        return count

    async def oldest_effect(self) -> float | None:
        """When the oldest unsent effect was decided."""
        at: float | None = await self.db.read_value("outbox_oldest")
        return at


_WAITS = Guard(rows=1, otherwise="what was to be sent no longer waits")


def _as_it_is_now(row: WaitingEffect, found: Row) -> WaitingEffect | None:
    """Return an effect as it is to be sent by now; None: not any more."""
    if isinstance(row.effect, effects.ShowCard):
        return replace(row, effect=msgspec.json.decode(found["payload"], type=effects.ShowCard))
    if isinstance(row.effect, effects.EditCard):
        return row if found["version"] in (row.effect.version, None) else None
    return row


def _notices_dropped(outcomes: Sequence[Outcome]) -> list[Statement]:
    """Describe that nobody is told of a delay any more: the action has ended."""
    return [
        timers.delay_notice_drop(one.row.portal, one.row.id)
        for one in outcomes
        if one.state != "later" and isinstance(one.row.effect, effects.ByUser)
    ]


def _settled(one: Outcome) -> Statement:
    if one.state == "done":
        return Statement(name="outbox_done", values={"id": one.row.id, "result": json.dumps(one.result)})
    values = {"id": one.row.id, "error": coding.reason(one.error)}
    if one.state == "dead":
        return Statement(name="outbox_dead", values=values)
    if one.state == "later":
        more = {"due_at": one.due_at, "outcome_unknown": int(one.outcome_unknown), "counted": int(one.counted)}
        return Statement(name="outbox_retry", values=values | more)
    raise StoreError(f"an attempt cannot end as {one.state!r}")
