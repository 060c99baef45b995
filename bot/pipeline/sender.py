"""The sender: sends effects from the outbox to the portals, in batches, within the rate limit.

The most urgent effects go first; the effects of one ordering key go in order.
"""

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
"""The names in the log: for reading the outbox, and for storing outcomes."""
IDLE = 600.0
"""Seconds after which a portal without work is forgotten; a task for each portal would otherwise be kept forever."""
LOOK_AHEAD = 400
"""The most effects that are read from the outbox to fill the next request."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class PortalQueue:
    """The state of sending to one portal: the ordering keys that are being sent, and recent failures."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    busy: set[str] = field(default_factory=set)
    in_flight_requests: int = 0
    relaying: bool = False
    failures: int = 0
    resumes_at: float = 0.0
    silent_since: float = 0.0
    """`resumes_at` and `silent_since` are in seconds of the monotonic clock."""


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends the effects in the outbox, in one task for each portal."""

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
        """Send effects until cancelled.

        First, effects whose sending the last process did not finish are made to wait again.
        """
        now = self.clock.wall()
        recover = partial(self.store.recover, now=now, settled_at=now + self.retry_policy.settle)
        await self.outages.outlast(LOOP, recover)
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
        """Wait until no request is being sent."""
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
                if await self._wait_for_work(portal, portal_queue, now):
                    continue
                del self._portal_queues[portal]  # the next effect makes a new one
                return
            known = await self.outages.outlast(LOOP, partial(self.store.portal, portal))
            if known and not self.delivery.caller.turn_at_once(known):
                await self._wait_for_turn(known, portal_queue, rows[0].urgency, since=now)
                # Effects that were added meanwhile may be more urgent, or fit into the same request.
                rows = await self._next(portal, portal_queue, self.clock.wall())
            if known and not rows:
                self.delivery.caller.unused(known)
            if rows:
                portal_queue.in_flight_requests += 1
                portal_queue.busy |= {row.ordering_key for row in rows}
                portal_queue.relaying |= rows[0].urgency >= Priority.RELAY
                group.create_task(self._send(known, rows, portal_queue))

    async def _wait_for_turn(
        self, known: KnownPortal, portal_queue: PortalQueue, urgency: int, *, since: float
    ) -> None:
        """Wait until the rate limiter allows a request; if a more urgent effect is added meanwhile, raise the urgency.

        `since` is when the outbox was last read (unix seconds). An effect that becomes due after that time must not be
        missed.
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
        """Return the effects of the next request.

        There are none if nothing is to be sent now, or if as many requests are in flight as allowed. After a failure it
        is a single effect, which tests whether the portal works again.
        """
        if self._is_full(portal_queue):
            return []
        rows = await self._ready(portal, now, many=LOOK_AHEAD)
        if portal_queue.relaying:  # one request of relays at a time, so that a reply need not wait for several
            rows = [row for row in rows if row.urgency < Priority.RELAY]
        return batching.next_request(
            rows, portal_queue.busy, now=now, most=1 if portal_queue.failures else calls.MOST_IN_A_BATCH
        )

    def _is_full(self, portal_queue: PortalQueue) -> bool:
        """Check whether a request to this portal must end before the next one may begin."""
        return portal_queue.in_flight_requests >= (1 if portal_queue.failures else self.in_flight)

    async def _ready(self, portal: PortalId, now: float, *, many: int) -> list[WaitingEffect]:
        beyond = now + 2 * max(BLOCKED_AT_MOST, self.retry_policy.most, self.retry_policy.settle)
        ask = partial(self.store.ready_effects, portal, now=now, many=many, beyond=beyond)
        return await self.outages.outlast(LOOP, ask)

    async def _wait_for_work(self, portal: PortalId, portal_queue: PortalQueue, since: float) -> bool:
        """Wait until there is a new effect, a request ends, or an effect becomes due that was not due at `since`.

        Return False if nothing happened for IDLE seconds, and nothing is being sent or waits for its time.
        """
        due = None if self._is_full(portal_queue) else await self._until_due(portal, since)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE if due is None else due):
                await portal_queue.wake.wait()
        return due is not None or portal_queue.in_flight_requests > 0 or portal_queue.wake.is_set()

    async def _until_due(self, portal: PortalId, since: float) -> float | None:
        """Return the seconds until the first effect after `since` (unix seconds) is due; None if there is none.

        It is never more than the longest pause of the retry policy.
        """
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
        """Store the outcomes of a request; if the database refuses them together, store each one alone."""
        try:
            await self._store(outcomes)
        except StoreError:
            for one in outcomes:
                await self._settle_alone(one)

    async def _settle_alone(self, outcome: Outcome) -> None:
        """Store one outcome; if the database refuses it, store a dead letter with the reason instead.

        Raises:
            StoreError: the database refuses the dead letter too; this ends the process.
        """
        try:
            await self._store([outcome])
        except StoreError as exc:
            log.error("outcome.not_stored", effect=outcome.row.id, error=str(exc))  # noqa: TRY400 - the text is enough
            await self._store([self.delivery.outcomes.dead(outcome.row, exc, outcome_unknown=True)])

    async def _store(self, outcomes: list[Outcome]) -> None:
        """Store outcomes, and repeat this while the disk is full: an effect that was sent must not be sent again."""
        await self.outages.outlast(OUTCOMES, lambda: self.store.settle(outcomes, self.clock.wall()))

    async def _attempt(
        self, portal: KnownPortal | None, rows: list[WaitingEffect], portal_queue: PortalQueue
    ) -> list[Outcome]:
        try:
            outcomes = await self.delivery.send(portal, rows)
        except BotError as exc:
            if rows[0].token_owner == ordering.INSTALL or not isinstance(exc, AuthorizationDown):
                self._pause(portal_queue, rows[0].portal, exc)
            return [self.delivery.outcomes.failed(row, exc, self.clock.wall()) for row in rows]
        if portal_queue.failures:
            seconds = round(self.clock.monotonic() - portal_queue.silent_since, 1)
            log.info("portal.back", portal=rows[0].portal, seconds=seconds)
        portal_queue.failures = 0
        return outcomes

    def _pause(self, portal_queue: PortalQueue, portal: PortalId, error: BotError) -> None:
        """Pause the sending to a portal that did not answer, with a longer pause after each failure.

        The first failure of an outage is logged as a warning; the line `portal.back` says when the outage ends.
        """
        tell = log.info if portal_queue.failures else log.warning
        if judge(error).pauses_portal and self.clock.monotonic() >= portal_queue.resumes_at:
            portal_queue.resumes_at = self.clock.monotonic() + self.retry_policy.delay(portal_queue.failures)
            portal_queue.silent_since = portal_queue.silent_since if portal_queue.failures else self.clock.monotonic()
            portal_queue.failures += 1
        tell("portal.failed", portal=portal, error=str(error), failures=portal_queue.failures)
