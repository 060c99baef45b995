"""The sender sends: outbox -> portal, paced, packed, the most urgent first, each lane in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog

from bot.bitrix.outbound import batching, calls
from bot.bitrix.outbound.caller import Ticket
from bot.clock import Clock
from bot.crash_points import CrashHook, CrashPoint
from bot.errors import AuthorizationDown, BotError, StoreError, judge
from bot.model import ordering
from bot.model.effects import Priority
from bot.model.events import PortalId
from bot.model.queued import Outcome, WaitingEffect
from bot.model.records import KnownPortal
from bot.observability.metrics import Metrics
from bot.pipeline.delivery import Delivery
from bot.pipeline.outages import Outages
from bot.pipeline.outcomes import BLOCKED_AT_MOST
from bot.retry import RetryPolicy
from bot.store import Store

LOOP, OUTCOMES = "sender", "outcomes"
"""What the log calls the sender's looks into the outbox, and its writing down of what was sent."""
LOOK_AHEAD = 400
"""Effects looked at to pack the next request."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class PortalQueue:
    """Where one portal is served: its lanes under way, and how long it has been silent."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    busy: set[str] = field(default_factory=set)
    in_flight_requests: int = 0
    relaying: bool = False
    failures: int = 0
    resumes_at: float = 0.0
    """By a clock that nobody sets."""


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends what waits in the outbox, one desk a portal."""

    store: Store
    delivery: Delivery
    retry_policy: RetryPolicy
    metrics: Metrics
    outages: Outages
    clock: Clock
    crash_hook: CrashHook
    in_flight: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_result: Callable[[], None] = lambda: None
    _portal_queues: dict[PortalId, PortalQueue] = field(default_factory=dict)

    async def serve(self) -> None:
        """Send, for ever; what the last end of the process interrupted is looked after first."""
        settled_at = self.clock.wall() + self.retry_policy.settle
        await self.outages.outlast(LOOP, lambda: self.store.recover(settled_at=settled_at))
        self.wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self.outages.woken(LOOP, self.wake)
                self.wake.clear()
                for portal in await self.outages.outlast(LOOP, self.store.portals_with_work):
                    if portal not in self._portal_queues:
                        self._portal_queues[portal] = PortalQueue()
                        group.create_task(self._serve_portal(portal, self._portal_queues[portal], group))
                    self._portal_queues[portal].wake.set()

    async def idle(self) -> None:
        """Return when no request is under way."""
        while busy := [
            portal_queue for portal_queue in self._portal_queues.values() if portal_queue.in_flight_requests
        ]:
            busy[0].wake.clear()
            await busy[0].wake.wait()

    async def _serve_portal(self, portal: PortalId, portal_queue: PortalQueue, group: asyncio.TaskGroup) -> None:
        while True:
            portal_queue.wake.clear()
            if (wait := portal_queue.resumes_at - self.clock.monotonic()) > 0:
                await asyncio.sleep(wait)
            now = self.clock.wall()
            rows = await self._next(portal, portal_queue, now)
            if not rows:
                await self._rest(portal, portal_queue, now)
                continue
            known = await self.outages.outlast(LOOP, partial(self.store.portal, portal))
            if known and not self.delivery.caller.turn_at_once(known):
                await self._turn(known, portal_queue, rows[0].urgency, since=now)
                rows = await self._next(
                    portal, portal_queue, self.clock.wall()
                )  # what has come while we waited goes along
            if known and not rows:
                self.delivery.caller.unused(known)
            if rows:
                portal_queue.in_flight_requests += 1
                portal_queue.busy |= {row.ordering_key for row in rows}
                portal_queue.relaying |= rows[0].urgency >= Priority.RELAY
                group.create_task(self._send(known, rows, portal_queue))

    async def _turn(self, known: KnownPortal, portal_queue: PortalQueue, urgency: int, *, since: float) -> None:
        """Until a request may be sent; what comes meanwhile and is more urgent moves us forward in the line.

        `since` is the time of the last look: what becomes due between two looks must not be missed by both.
        """
        ticket, caller = Ticket(urgency, sends=True), self.delivery.caller
        async with asyncio.TaskGroup() as group:
            turn = group.create_task(caller.turn(known, ticket))
            while not turn.done():
                woken = group.create_task(portal_queue.wake.wait())
                due = await self._until_due(known.id, since) if ticket.urgency > Priority.REPLY else None
                await asyncio.wait((turn, woken), timeout=due, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
                portal_queue.wake.clear()
                if not turn.done() and ticket.urgency > Priority.REPLY:
                    since = self.clock.wall()
                    first = await self._ready(known.id, since, many=1)
                    await caller.hurry(known, ticket, first[0].urgency if first else urgency)

    async def _next(self, portal: PortalId, portal_queue: PortalQueue, now: float) -> list[WaitingEffect]:
        """What goes with the next request; after a failure one effect alone finds out whether the portal is back."""
        if self._is_full(portal_queue):
            return []
        rows = await self._ready(portal, now, many=LOOK_AHEAD)
        if portal_queue.relaying:  # one request of relays at a time: an answer always finds a free place
            rows = [row for row in rows if row.urgency < Priority.RELAY]
        return batching.next_request(
            rows, portal_queue.busy, now=now, most=1 if portal_queue.failures else calls.MOST_IN_A_BATCH
        )

    def _is_full(self, portal_queue: PortalQueue) -> bool:
        """Whether a request has to end before the next may begin; its end wakes the portal's queue."""
        return portal_queue.in_flight_requests >= (1 if portal_queue.failures else self.in_flight)

    async def _ready(self, portal: PortalId, now: float, *, many: int) -> list[WaitingEffect]:
        beyond = now + 2 * max(BLOCKED_AT_MOST, self.retry_policy.most, self.retry_policy.settle)
        ask = partial(self.store.ready_effects, portal, now=now, many=many, beyond=beyond)
        return await self.outages.outlast(LOOP, ask)

    async def _rest(self, portal: PortalId, portal_queue: PortalQueue, since: float) -> None:
        """Until there is something new, a request ended, or something is due that was not due at the last look."""
        due = None if self._is_full(portal_queue) else await self._until_due(portal, since)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(due):
                await portal_queue.wake.wait()

    async def _until_due(self, portal: PortalId, since: float) -> float | None:
        """Seconds until something is due that was not due at a time; None: nothing waits for its time."""
        due = await self.outages.outlast(LOOP, partial(self.store.next_due, portal, since))
        return None if due is None else min(max(0.0, due - self.clock.wall()), self.retry_policy.most)

    async def _send(self, portal: KnownPortal | None, rows: list[WaitingEffect], portal_queue: PortalQueue) -> None:
        outcomes = await self._attempt(portal, rows, portal_queue)
        await self._settle(outcomes)
        self.crash_hook(CrashPoint.SETTLED)
        for one in outcomes:
            self.metrics.effects_sent_total.labels(kind=one.row.kind, outcome=one.state).inc()
        portal_queue.in_flight_requests -= 1
        portal_queue.busy -= {row.ordering_key for row in rows}
        portal_queue.relaying &= rows[0].urgency < Priority.RELAY
        portal_queue.wake.set()
        self.on_result()

    async def _settle(self, outcomes: list[Outcome]) -> None:
        """Write down how the effects of a request ended; one that the database refuses takes no other with it."""
        try:
            await self._store(outcomes)
        except StoreError:
            for one in outcomes:
                await self._settle_alone(one)

    async def _settle_alone(self, outcome: Outcome) -> None:
        """Store one outcome; where that can never work, a dead letter with the reason, or the process ends."""
        try:
            await self._store([outcome])
        except StoreError as exc:
            log.error("outcome.not_stored", effect=outcome.row.id, error=str(exc))  # noqa: TRY400 - it says it all
            await self._store([self.delivery.outcomes.dead(outcome.row, exc, outcome_unknown=True)])

    async def _store(self, outcomes: list[Outcome]) -> None:
        """Store outcomes; what was sent must not be forgotten because a disk is full for a while."""
        await self.outages.outlast(OUTCOMES, lambda: self.store.settle(outcomes, self.clock.wall()))

    async def _attempt(
        self, portal: KnownPortal | None, rows: list[WaitingEffect], portal_queue: PortalQueue
    ) -> list[Outcome]:
        try:
            outcomes = await self.delivery.send(portal, rows)
        except BotError as exc:
            if rows[0].token_owner == ordering.INSTALL or not isinstance(exc, AuthorizationDown):
                self._silent(portal_queue, exc)
            return [self.delivery.outcomes.failed(row, exc, self.clock.wall()) for row in rows]
        portal_queue.failures = 0
        return outcomes

    def _silent(self, portal_queue: PortalQueue, error: BotError) -> None:
        """A portal that does not answer is left alone for a while, longer each time."""
        if judge(error).pauses_portal and self.clock.monotonic() >= portal_queue.resumes_at:
            portal_queue.resumes_at = self.clock.monotonic() + self.retry_policy.delay(portal_queue.failures)
            portal_queue.failures += 1
        log.warning("portal.failed", error=str(error), failures=portal_queue.failures)
