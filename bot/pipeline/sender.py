"""The sender sends: outbox -> portal, paced, packed, the most urgent first, each lane in order."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot.bitrix.outbound import batching, calls
from bot.bitrix.outbound.caller import Ticket
from bot.crash_points import Pass, Step
from bot.errors import BotError, PortalDown, StoreError
from bot.model.effects import Priority
from bot.model.events import PortalId
from bot.model.queued import Outcome, WaitingEffect
from bot.model.records import KnownPortal
from bot.observability.metrics import Metrics
from bot.pipeline.delivery import Attempts
from bot.pipeline.outcomes import BLOCKED_AT_MOST
from bot.retry import Patience
from bot.store import Store

LOOK_AHEAD = 400
"""Effects looked at to pack the next request."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Desk:
    """Where one portal is served: its lanes under way, and how long it has been silent."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    busy: set[str] = field(default_factory=set)
    flights: int = 0
    relaying: bool = False
    failures: int = 0
    resumes_at: float = 0.0
    """By a clock that nobody sets."""


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends what waits in the outbox, one desk a portal."""

    store: Store
    attempts: Attempts
    patience: Patience
    metrics: Metrics
    now: Callable[[], float]
    step: Pass
    in_flight: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_result: Callable[[], None] = lambda: None
    _desks: dict[PortalId, Desk] = field(default_factory=dict)

    async def serve(self) -> None:
        """Send, for ever; what the last end of the process interrupted is looked after first."""
        await self.store.recover(settled_at=self.now() + self.patience.settle)
        self.wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self.wake.wait()
                self.wake.clear()
                for portal in await self.store.portals_with_work():
                    if portal not in self._desks:
                        self._desks[portal] = Desk()
                        group.create_task(self._serve_portal(portal, self._desks[portal], group))
                    self._desks[portal].wake.set()

    async def idle(self) -> None:
        """Return when no request is under way."""
        while busy := [desk for desk in self._desks.values() if desk.flights]:
            busy[0].wake.clear()
            await busy[0].wake.wait()

    async def _serve_portal(self, portal: PortalId, desk: Desk, group: asyncio.TaskGroup) -> None:
        while True:
            desk.wake.clear()
            if (wait := desk.resumes_at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            now = self.now()
            rows = await self._next(portal, desk, now)
            if not rows:
                await self._rest(portal, desk, now)
                continue
            known = await self.store.portal(portal)
            if known:
                await self._turn(known, desk, rows[0].urgency)
                rows = await self._next(portal, desk, self.now())  # what has come while we waited goes along
            if known and not rows:
                self.attempts.caller.unused(known)
            if rows:
                desk.flights += 1
                desk.busy |= {row.lane for row in rows}
                desk.relaying |= rows[0].urgency >= Priority.RELAY
                group.create_task(self._send(known, rows, desk))

    async def _turn(self, known: KnownPortal, desk: Desk, urgency: int) -> None:
        """Until a request may be sent; what comes meanwhile and is more urgent moves us forward in the line."""
        ticket, caller = Ticket(urgency), self.attempts.caller
        async with asyncio.TaskGroup() as group:
            turn = group.create_task(caller.turn(known, ticket))
            while not turn.done():
                woken = group.create_task(desk.wake.wait())
                await asyncio.wait((turn, woken), return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
                desk.wake.clear()
                if not turn.done() and ticket.urgency > Priority.REPLY:
                    first = await self._ready(known.id, self.now(), many=1)
                    await caller.hurry(known, ticket, first[0].urgency if first else urgency)

    async def _next(self, portal: PortalId, desk: Desk, now: float) -> list[WaitingEffect]:
        """What goes with the next request; after a failure one effect alone finds out whether the portal is back."""
        if desk.flights >= (1 if desk.failures else self.in_flight):
            return []
        rows = await self._ready(portal, now, many=LOOK_AHEAD)
        if desk.relaying:  # one request of relays at a time: an answer always finds a free place
            rows = [row for row in rows if row.urgency < Priority.RELAY]
        return batching.parcel(rows, desk.busy, now=now, most=1 if desk.failures else calls.MOST_IN_A_BATCH)

    async def _ready(self, portal: PortalId, now: float, *, many: int) -> list[WaitingEffect]:
        beyond = now + 2 * max(BLOCKED_AT_MOST, self.patience.most, self.patience.settle)
        return await self.store.ready_effects(portal, now=now, many=many, beyond=beyond)

    async def _rest(self, portal: PortalId, desk: Desk, since: float) -> None:
        """Until there is something new, a request ended, or something is due that was not due at the last look."""
        due = await self.store.next_due(portal, since)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if due is None else min(max(0.0, due - self.now()), self.patience.most)):
                await desk.wake.wait()

    async def _send(self, portal: KnownPortal | None, rows: list[WaitingEffect], desk: Desk) -> None:
        outcomes = await self._attempt(portal, rows, desk)
        await self._settle(outcomes)
        self.step(Step.SETTLED)
        for one in outcomes:
            self.metrics.effects_sent_total.labels(kind=one.row.kind, outcome=one.state).inc()
        desk.flights -= 1
        desk.busy -= {row.lane for row in rows}
        desk.relaying &= rows[0].urgency < Priority.RELAY
        desk.wake.set()
        self.on_result()

    async def _settle(self, outcomes: list[Outcome]) -> None:
        """Write down how it ended; what was sent must not be forgotten because a disk is full for a while."""
        for tries in itertools.count():
            with contextlib.suppress(StoreError):
                await self.store.settle(outcomes, self.now())
                break
            log.error("outcomes.not_stored", effects=len(outcomes))
            await asyncio.sleep(self.patience.delay(tries))

    async def _attempt(self, portal: KnownPortal | None, rows: list[WaitingEffect], desk: Desk) -> list[Outcome]:
        try:
            outcomes = await self.attempts.send(portal, rows)
        except BotError as exc:
            self._silent(desk, exc)
            return [self.attempts.endings.failed(row, exc, self.now()) for row in rows]
        desk.failures = 0
        return outcomes

    def _silent(self, desk: Desk, error: BotError) -> None:
        """A portal that does not answer is left alone for a while, longer each time."""
        if isinstance(error, PortalDown | StoreError) and time.monotonic() >= desk.resumes_at:
            desk.resumes_at = time.monotonic() + self.patience.delay(desk.failures)
            desk.failures += 1
        log.warning("portal.failed", error=str(error), failures=desk.failures)
