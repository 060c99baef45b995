"""The worker: passes events from the inbox to their handlers, and commits the results in one transaction each.

The events of one ordering key are handled one at a time, in order.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog

from bot.clock import Clock
from bot.crash_points import CrashHook, CrashPoint
from bot.errors import Fault, Retry, StoreError, judge
from bot.model import events, ordering
from bot.model.effects import ByUser
from bot.model.events import PortalId
from bot.model.queued import WaitingEvent
from bot.model.state_changes import TimerSet
from bot.observability.metrics import Metrics
from bot.pipeline.handler_runner import Handled, HandlerRunner
from bot.pipeline.ordered_queues import OrderedQueues
from bot.pipeline.outages import Outages
from bot.retry import RetryPolicy
from bot.store import Store

log = structlog.get_logger(__name__)

LOOP = "worker"
AT_ONCE = 250
"""The number of events read at once; a larger number would block the event loop for too long."""
ATTEMPTS_IN_DIALOG = 2
"""The most attempts in a dialog at an event that fails by a defect or a refusal; later events there wait meanwhile."""
ATTEMPTS_WITHOUT_PAUSE = 3
"""The most attempts without a pause at an event that fails because another event changed the same card."""

UNKNOWN_PORTAL = PortalId("")
"""The portal of pending installations, until it is proven; the webhook limits how many are stored."""
PENDING_INSTALLATIONS = 8
"""The number of pending installations that are handled at once."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """Handles the events in the inbox in order; for each portal, `concurrency` ordering keys at the same time."""

    store: Store
    handler_runner: HandlerRunner
    retry_policy: RetryPolicy
    metrics: Metrics
    outages: Outages
    clock: Clock
    crash_hook: CrashHook
    concurrency: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_effects: Callable[[], None] = lambda: None
    on_timers: Callable[[], None] = lambda: None
    _portals: dict[PortalId, OrderedQueues] = field(default_factory=dict)
    _after: int = 0

    async def serve(self) -> None:
        """Handle waiting events until cancelled."""
        self.wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self.outages.woken(LOOP, self.wake)
                self.wake.clear()
                while rows := await self._waiting():
                    self.outages.beat(LOOP)
                    self._after = rows[-1].id
                    for row in rows:
                        if _is_pending_installation(row):
                            self._enter(
                                self._portals.setdefault(UNKNOWN_PORTAL, OrderedQueues(PENDING_INSTALLATIONS)),
                                row,
                                group,
                            )
                            continue
                        queues = self._portals.setdefault(row.portal, OrderedQueues(self.concurrency))
                        if queues.admit(row):
                            self._enter(queues, row, group)
                for portal, queues in list(self._portals.items()):
                    await self._read_again(portal, queues, group)

    async def _waiting(self) -> list[WaitingEvent]:
        ask = partial(self.store.waiting_events, after=self._after, many=AT_ONCE)
        return await self.outages.outlast(LOOP, ask)

    async def _read_again(self, portal: PortalId, queues: OrderedQueues, group: asyncio.TaskGroup) -> None:
        """Read events of a portal from disk that were over its limit in memory.

        Events that people wait for come first.
        """
        for feed in sorted(queues.left_on_disk):
            while feed in queues.left_on_disk and (capacity := queues.capacity(feed)) > 0:
                after = queues.left_on_disk[feed]
                ask = partial(self.store.waiting_of, portal, feed=feed, after=after, upto=self._after, many=capacity)
                rows = await self.outages.outlast(LOOP, ask)
                for row in queues.read_again(feed, rows):
                    if not _is_pending_installation(row):
                        self._enter(queues, row, group)
        self._forget(portal, queues)

    def _enter(self, queues: OrderedQueues, row: WaitingEvent, group: asyncio.TaskGroup) -> None:
        if queues.enter(row):
            group.create_task(
                self._serve_key(
                    queues, row.ordering_key, UNKNOWN_PORTAL if _is_pending_installation(row) else row.portal
                )
            )

    async def _serve_key(self, queues: OrderedQueues, ordering_key: str, portal: PortalId) -> None:
        while row := queues.first(ordering_key):
            await self._finish(queues, row)
            queues.leave(ordering_key)
            if queues.left_on_disk:  # there is capacity for the next events from disk
                self.wake.set()
        self._forget(portal, queues)

    def _forget(self, portal: PortalId, queues: OrderedQueues) -> None:
        if queues.idle:
            self._portals.pop(portal, None)

    async def _finish(self, queues: OrderedQueues, row: WaitingEvent) -> None:
        """Repeat attempts until an event is done or dead; later events with its ordering key wait meanwhile."""
        attempts, due_at = row.attempts, row.due_at
        for tries in itertools.count():
            if (wait := due_at - self.clock.wall()) > 0:
                with queues.resting(row.ordering_key):
                    self.wake.set()
                    await asyncio.sleep(
                        min(wait, self.retry_policy.most)
                    )  # `wait` is too long if the clock was set back
            async with queues.slot(row.ordering_key):
                error = await self._handle(queues, row, attempts)
            if error is None:
                return
            counted = self._counts(row, error)
            attempts += counted
            due_at = self.clock.wall() + self._pause(error, tries)
            try:
                await self.store.retry_event(row, due_at=due_at, error=str(error), counted=counted)
            except StoreError as exc:
                if not judge(exc).passes:
                    raise
                # The attempt is not stored; this loop still knows its number and the time of the next one.

    def _pause(self, error: Exception, tries: int) -> float:
        """Return the seconds between an attempt that failed with this error and the next one.

        `tries` is the number of earlier attempts since the start of the process.
        """
        if judge(error).retry is Retry.NOW and tries < ATTEMPTS_WITHOUT_PAUSE:
            return 0.0
        return self.retry_policy.delay(tries)

    async def _handle(self, queues: OrderedQueues, row: WaitingEvent, attempts: int) -> Exception | None:
        """Make one attempt to handle an event; return its error if another attempt must follow, else None.

        `attempts` is the number of earlier attempts that count towards the maximum.
        """
        started = self.clock.monotonic()
        self.crash_hook(CrashPoint.TAKEN)
        with structlog.contextvars.bound_contextvars(portal=row.portal, event_id=row.id, kind=row.kind):
            handled = Handled() if queues.is_repeated(row.ordering_key) else await self.handler_runner.run(row)
            error = handled.failure or await self._commit(row, handled)
            if error and not self._enough(row, error, attempts):
                log.warning("event.failed", error=str(error), exc_info=_traceback(error), attempts=attempts)
                return error
            if error and (unwritten := await self._park(row, handled, error)):
                log.warning("event.not_parked", error=str(unwritten), exc_info=_traceback(unwritten))
                return unwritten
            self.crash_hook(CrashPoint.RESULT_COMMITTED if _is_result(row) else CrashPoint.COMMITTED)
        self.metrics.events_handled_total.labels(kind=row.kind, outcome="dead" if error else "done").inc()
        self.metrics.handler_seconds.labels(kind=row.kind).observe(self.clock.monotonic() - started)
        if handled.effects or error:
            self.on_effects()
        if _sets_timers(handled):
            self.on_timers()
        return None

    async def _commit(self, row: WaitingEvent, handled: Handled) -> Exception | None:
        """Commit the results of an event's handlers; return None, or the error if they cannot be stored.

        After an error the results are dropped, because the handlers run again.
        """
        self.crash_hook(CrashPoint.RESULT_HANDLED if _is_result(row) else CrashPoint.HANDLED)
        try:
            await self.store.commit_event(
                row, handled.state_changes, handled.effects, self.clock.wall(), answered=handled.answered
            )
        except Exception as exc:  # noqa: BLE001 - one event that cannot be stored must not end the process
            handled.effects.clear()
            handled.state_changes.clear()
            return exc
        return None

    def _enough(self, row: WaitingEvent, error: Exception, attempts: int) -> bool:
        if not self._counts(row, error):
            return False
        # A fault of the portal or the operator may end soon. With any other, more attempts would only delay the
        # later events of the dialog.
        if _in_dialog(row) and judge(error).fault not in (Fault.PORTAL, Fault.OPERATOR):
            return attempts + 1 >= ATTEMPTS_IN_DIALOG
        return self.retry_policy.spent(attempts + 1)

    def _counts(self, row: WaitingEvent, error: Exception) -> bool:
        """Check whether an attempt that failed with this error counts towards the maximum for the event.

        People wait for the events of a dialog: a command that always breaks the portal would block its dialog for a
        day, and people can send it again. In the queue of a post only events of that post wait.
        """
        return self.retry_policy.counts(
            judge(error), awaited=_in_dialog(row), since=row.received_at, now=self.clock.wall()
        )

    async def _park(self, row: WaitingEvent, handled: Handled, error: Exception) -> Exception | None:
        """Make an event a dead letter, with the results of the handlers that did not fail, and return None.

        If the results cannot be stored, the dead letter is stored without them. If the database refuses that too (for
        example because the disk is full), return the error; the event stays in the inbox.
        """
        reason, failure = f"{type(error).__name__}: {error}", None
        for state_changes, effects in ((handled.state_changes, handled.effects), ((), ())):
            try:
                told = await self.handler_runner.apology(row)
                await self.store.park_event(row, state_changes, [*effects, *told], error=reason, now=self.clock.wall())
            except Exception as exc:  # noqa: BLE001 - one event must not end the process
                failure = exc
                if judge(exc).passes:
                    break
            else:
                log.error("event.dead", error=str(error), exc_info=_traceback(error))
                return None
        return failure


def _is_pending_installation(row: WaitingEvent) -> bool:
    """Check whether an event is an installation or a removal.

    Anybody can send such an event, so it must not take a slot of the portal that it names.
    """
    return row.ordering_key.startswith(ordering.APPLICATION)


def _in_dialog(row: WaitingEvent) -> bool:
    """Check whether an event is in the queue of a dialog, where people wait for the events behind it."""
    return row.ordering_key.startswith(ordering.DIALOG)


def _traceback(error: Exception) -> Exception | None:
    """Return the error if it is a defect of the service, so that it is logged with a traceback; otherwise None."""
    return error if judge(error).fault is Fault.US else None


def _sets_timers(handled: Handled) -> bool:
    """Check whether these results set timers, so that the scheduler must wake; each user action sets one."""
    return any(isinstance(one, TimerSet | ByUser) for one in (*handled.state_changes, *handled.effects))


def _is_result(row: WaitingEvent) -> bool:
    return isinstance(row.event, events.Done | events.Failed)
