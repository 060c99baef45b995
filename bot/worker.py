"""The worker works: inbox -> handlers -> outbox, one event of a lane at a time, each in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import structlog

from bot import events
from bot.errors import BotError, MethodBlocked, PortalDown, StoreError, TokenExpired, TooFast
from bot.handling import Handled, Handling
from bot.lanes import Lane, Lanes
from bot.metrics import Metrics
from bot.patience import Patience
from bot.rows import WaitingEvent
from bot.steps import Pass, Step
from bot.store import Store

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Worker:
    """Takes events in order of arrival and serves different lanes side by side, `concurrency` of each portal."""

    store: Store
    handling: Handling
    patience: Patience
    metrics: Metrics
    now: Callable[[], float]
    step: Pass
    concurrency: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_effects: Callable[[], None] = lambda: None
    _lanes: Lanes = field(default_factory=Lanes)
    _slots: WeakValueDictionary[str, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)
    _after: int = 0

    async def serve(self) -> None:
        """Handle what waits, for ever."""
        self.wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self.wake.wait()
                self.wake.clear()
                while (room := self._lanes.room()) > 0 and (rows := await self._load(room)):
                    for row in rows:
                        if lane := self._lanes.enter(row):
                            group.create_task(self._serve_lane(lane))

    async def _load(self, many: int) -> list[WaitingEvent]:
        rows = await self.store.waiting_events(after=self._after, many=many)
        self._after = rows[-1].id if rows else self._after
        return rows

    async def _serve_lane(self, lane: Lane) -> None:
        slots = self._slots.setdefault(lane[0], asyncio.Semaphore(self.concurrency))
        while row := self._lanes.first(lane):
            await self._finish(lane, row, slots)
            self._lanes.leave(lane)
            self.wake.set()

    async def _finish(self, lane: Lane, row: WaitingEvent, slots: asyncio.Semaphore) -> None:
        """Try until the event is done or dead; what stands behind it in its lane waits, other lanes do not."""
        attempts, due_at = row.attempts, row.due_at
        for tries in itertools.count(1):
            if (wait := due_at - self.now()) > 0:
                with self._lanes.resting(lane):
                    self.wake.set()
                    await asyncio.sleep(wait)
            async with slots:
                error = await self._handle(lane, row, attempts)
            if error is None:
                return
            counted = not _patient(error)
            attempts += counted
            due_at = self.now() + self.patience.delay(tries)
            with contextlib.suppress(StoreError):  # the disk is full, say: what we remember here is enough to go on
                await self.store.retry_event(row, due_at=due_at, error=str(error), counted=counted)

    async def _handle(self, lane: Lane, row: WaitingEvent, attempts: int) -> Exception | None:
        """One attempt; an error means that there will be another."""
        started = time.monotonic()
        self.step(Step.TAKEN)
        with structlog.contextvars.bound_contextvars(portal=row.portal, event_id=row.id, kind=row.kind):
            handled = Handled() if self._lanes.is_told_again(lane) else await self.handling.run(row)
            error = handled.failure or await self._commit(row, handled)
            if error and not self._enough(row, error, attempts):
                log.warning("event.failed", error=str(error), exc_info=error, attempts=attempts)
                return error
            if error:
                await self._bury(row, handled, error)
            self.step(Step.RESULT_COMMITTED if _is_result(row) else Step.COMMITTED)
        self.metrics.events_handled_total.labels(kind=row.kind, outcome="dead" if error else "done").inc()
        self.metrics.handler_seconds.labels(kind=row.kind).observe(time.monotonic() - started)
        if handled.effects or error:
            self.on_effects()
        return None

    async def _commit(self, row: WaitingEvent, handled: Handled) -> Exception | None:
        """Write down what the handlers want; what cannot be written concerns this event only."""
        self.step(Step.RESULT_HANDLED if _is_result(row) else Step.HANDLED)
        try:
            await self.store.commit_event(row, handled.facts, handled.effects, self.now())
        except Exception as exc:  # noqa: BLE001 - one event that cannot be stored must not end the process
            handled.effects.clear()
            handled.facts.clear()
            return exc
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
        try:
            await self.store.bury_event(row, handled.facts, [*handled.effects, *told], error=reason, now=self.now())
        except Exception:
            log.exception("event.dead_alone")  # what the others wanted cannot be written down either
            await self.store.bury_event(row, (), told, error=reason, now=self.now())


def _patient(error: Exception) -> bool:
    """Errors that say nothing against the event: the portal is away or busy, the disk is full for a while."""
    if isinstance(error, StoreError):
        return error.passing
    return isinstance(error, BotError) and isinstance(error, PortalDown | TooFast | MethodBlocked | TokenExpired)


def _is_result(row: WaitingEvent) -> bool:
    return isinstance(row.event, events.Done | events.Failed)
