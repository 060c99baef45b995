"""The worker works: inbox -> handlers -> outbox, one event of a lane at a time, each in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot import events
from bot.errors import BotError, MethodBlocked, PortalDown, TokenExpired, TooFast
from bot.handling import Handled, Handling
from bot.metrics import Metrics
from bot.patience import Patience
from bot.rows import WaitingEvent
from bot.steps import Pass, Step
from bot.store import Store

LOADED = 1_000
"""Events held in memory at once; the rest wait on disk."""
SAME_SECOND = 1.0
"""Seconds for which an edit waits: two edits within one second are told alike, and the repeat is not taken."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Worker:
    """Takes events in order of arrival and serves different lanes side by side."""

    store: Store
    handling: Handling
    patience: Patience
    metrics: Metrics
    now: Callable[[], float]
    step: Pass
    concurrency: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_effects: Callable[[], None] = lambda: None
    _lanes: dict[tuple[str, str], deque[WaitingEvent]] = field(default_factory=dict)
    _loaded: int = 0
    _after: int = 0

    async def serve(self) -> None:
        """Handle what waits, for ever."""
        slots = asyncio.Semaphore(self.concurrency)
        self.wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self.wake.wait()
                self.wake.clear()
                while self._loaded < LOADED and (rows := await self._load()):
                    for row in rows:
                        self._enter(row, group, slots)

    async def _load(self) -> list[WaitingEvent]:
        rows = await self.store.waiting_events(after=self._after, many=LOADED - self._loaded)
        self._after = rows[-1].id if rows else self._after
        self._loaded += len(rows)
        return rows

    def _enter(self, row: WaitingEvent, group: asyncio.TaskGroup, slots: asyncio.Semaphore) -> None:
        lane = (row.portal, row.lane)
        if lane in self._lanes:
            self._lanes[lane].append(row)
        else:
            self._lanes[lane] = deque([row])
            group.create_task(self._serve_lane(lane, slots))

    async def _serve_lane(self, lane: tuple[str, str], slots: asyncio.Semaphore) -> None:
        queue = self._lanes[lane]
        while queue:
            await self._finish(queue[0], slots)
            queue.popleft()
            self._loaded -= 1
            self.wake.set()
        del self._lanes[lane]

    async def _finish(self, row: WaitingEvent, slots: asyncio.Semaphore) -> None:
        """Try until the event is done or dead; what stands behind it in its lane waits, other lanes do not."""
        attempts, due_at = row.attempts, max(row.due_at, _settled_at(row))
        while True:
            await asyncio.sleep(max(0.0, due_at - self.now()))
            async with slots:
                error = await self._handle(row, attempts)
            if error is None:
                return
            attempts += 0 if _patient(error) else 1
            due_at = self.now() + self.patience.delay(attempts)
            await self.store.retry_event(row, due_at=due_at, error=str(error))

    async def _handle(self, row: WaitingEvent, attempts: int) -> Exception | None:
        """One attempt; an error means that there will be another."""
        result = isinstance(row.event, events.Done | events.Failed)
        started = time.monotonic()
        self.step(Step.TAKEN)
        with structlog.contextvars.bound_contextvars(portal=row.portal, event=row.id, kind=row.kind):
            handled = await self.handling.run(row)
            error = handled.failure
            if error and not self._enough(row, error, attempts):
                log.warning("event.failed", error=str(error), exc_info=error, attempts=attempts)
                return error
            self.step(Step.RESULT_HANDLED if result else Step.HANDLED)
            if error:
                await self._bury(row, handled, error)
            else:
                await self.store.commit_event(row, handled.facts, handled.effects, self.now())
            self.step(Step.RESULT_COMMITTED if result else Step.COMMITTED)
        self.metrics.events_handled_total.labels(kind=row.kind, outcome="dead" if error else "done").inc()
        self.metrics.handler_seconds.labels(kind=row.kind).observe(time.monotonic() - started)
        if handled.effects or error:
            self.on_effects()
        return None

    def _enough(self, row: WaitingEvent, error: Exception, attempts: int) -> bool:
        if _patient(error):
            return self.patience.too_old(row.received_at, self.now())
        return self.patience.spent(attempts + 1)

    async def _bury(self, row: WaitingEvent, handled: Handled, error: Exception) -> None:
        """A dead letter; what the other handlers wanted is done all the same."""
        log.error("event.dead", error=str(error), exc_info=error)
        told = await self.handling.apology(row)
        reason = f"{type(error).__name__}: {error}"
        await self.store.bury_event(row, [*handled.effects, *told], error=reason, now=self.now())


def _settled_at(row: WaitingEvent) -> float:
    """When nothing more can happen that the portal tells with this very event (reference: `ts` is in seconds)."""
    return row.received_at + SAME_SECOND if isinstance(row.event, events.PostUpdated) else 0.0


def _patient(error: Exception) -> bool:
    """Errors that say nothing against the event: the portal is away or busy."""
    return isinstance(error, BotError) and isinstance(error, PortalDown | TooFast | MethodBlocked | TokenExpired)
