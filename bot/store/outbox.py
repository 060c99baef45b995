"""The outbox: stores effects until they are sent, and stores the outcomes of sending."""

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
    """Reads effects that are ready to be sent, and stores the outcomes of attempts to send them."""

    async def portals_with_work(self) -> list[PortalId]:
        """Return the portals for which effects wait to be sent."""
        return [PortalId(row["portal"]) for row in await self.db.read("outbox_portals")]

    async def ready_effects(
        self, portal: PortalId, *, now: float, many: int, beyond: float = math.inf
    ) -> list[WaitingEffect]:
        """Return at most `many` effects of a portal that may be sent now, the most urgent ordering keys first.

        The effects of each ordering key are in the order of their ids, without gaps. A due time later than `beyond` is
        ignored, because it shows that the clock was set back after the time was stored.
        """
        values = {"portal": portal, "many": many, "per_key": 50, "now": now, "beyond": beyond}
        ask = partial(self.db.read, "outbox_ready", **values)
        return await coding.read(self.db, ask, coding.effect, park="outbox_dead")

    async def next_due(self, portal: PortalId, now: float) -> float | None:
        """Return the earliest due time after `now` of the portal's waiting effects; None if there is no such effect."""
        due: float | None = await self.db.read_value("outbox_next_due", portal=portal, now=now)
        return due

    async def unfinished(self, ids: Collection[int]) -> set[int]:
        """Return the ids of those of the given effects that are neither done nor dead."""
        if not ids:
            return set()
        return {row["id"] for row in await self.db.read("outbox_unfinished", ids=json.dumps(list(ids)))}

    async def mark_sending(self, rows: Sequence[WaitingEffect]) -> list[WaitingEffect]:
        """Mark effects as being sent, so that their outcome counts as unknown after a crash.

        Return the effects to send, with their current content: a card may have changed since it was read. Effects that
        do not wait any more, and edits to a version that a later edit has replaced, are left out.
        """
        if not any(isinstance(row.effect, effects.ShowCard | effects.EditCard) for row in rows):
            with contextlib.suppress(Refusal):  # at least one was dropped meanwhile; the query below finds which
                await self.db.write([Statement(name="outbox_sending", values=(row.id,), guard=_WAITS) for row in rows])
                return list(rows)
        ids = json.dumps([row.id for row in rows])
        waiting = Statement(name="outbox_as_sent", values={"ids": ids}, result=Result.ROWS)
        marked = [Statement(name="outbox_sending", values=(row.id,)) for row in rows]
        marked += [
            Statement(name="outbox_card_again", values={"id": row.id})
            for row in rows
            if isinstance(row.effect, effects.ShowCard) and row.api == "v1"
        ]
        found = {row["id"]: row for row in await self.db.write([waiting, *marked])}
        current = (_as_it_is_now(row, found[row.id]) for row in rows if row.id in found)
        return [row for row in current if row]

    async def settle(self, outcomes: Sequence[Outcome], now: float) -> None:
        """Store the outcomes of an attempt, and put the events that report them into the inbox, in one transaction."""
        reports = [coding.received(one.report, self.encryption, now) for one in outcomes if one.report]
        ends = [_settled(outcome) for outcome in outcomes]
        await self.db.write([*ends, *_notices_dropped(outcomes), *reports])

    async def recover(self, *, now: float = 0.0, settled_at: float = 0.0) -> int:
        """Make effects wait again whose sending a crash interrupted, with their outcome unknown; return their number.

        An effect whose result must first be searched for on the portal becomes due at `settled_at` (unix seconds),
        because the portal may still be working on the interrupted request; a message of the bot becomes due `now`.
        """
        values = {"now": now, "settled_at": settled_at, **coding.KEYS}
        count: int = await self.db.write([Statement(name="outbox_interrupted", values=values, result=Result.COUNT)])
        return count

    async def oldest_effect(self) -> float | None:
        """Return when the oldest unfinished effect was stored (unix seconds); None if there is none."""
        at: float | None = await self.db.read_value("outbox_oldest")
        return at


_WAITS = Guard(rows=1, otherwise="the effect does not wait any more")


def _as_it_is_now(row: WaitingEffect, found: Row) -> WaitingEffect | None:
    """Return an effect with its current content, from its row `found`; None if it must not be sent any more."""
    if isinstance(row.effect, effects.ShowCard):
        card = msgspec.json.decode(found["payload"], type=effects.ShowCard)
        # Where the portal drops a repeat, the first attempt that worked decides what the card shows.
        return replace(row, effect=replace(card, sent=None) if row.api == "v1" else card)
    if isinstance(row.effect, effects.EditCard):
        return row if found["version"] in (row.effect.version, None) else None
    return row


def _notices_dropped(outcomes: Sequence[Outcome]) -> list[Statement]:
    """Return the statements that remove the timers for delay notices of user actions that are now done or dead."""
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
