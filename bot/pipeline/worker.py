"""The worker works: inbox -> handlers -> outbox, one event of a lane at a time, each in one transaction."""

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
"""Events read at once: while they are, nothing else is done."""
OURS = 2
"""Attempts in a dialog at what fails by a mistake of ours or a refusal: more would hold up all that is said there."""
OVERTAKEN = 3
"""Attempts without a pause at an event whose decision another event has overtaken."""

NOBODY = PortalId("")
"""Where installations are handled until it is known whose they are; how many fit is the door's concern."""
PENDING_INSTALLATIONS = 8
"""Lanes of these that are served at once."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """Takes events in order of arrival and serves different lanes side by side, `concurrency` of each portal."""

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
        """Handle what waits, for ever."""
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
                                self._portals.setdefault(NOBODY, OrderedQueues(PENDING_INSTALLATIONS)), row, group
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
        """What there was no room for when it came by; people's events first."""
        for feed in sorted(queues.left):
            while feed in queues.left and (room := queues.room(feed)) > 0:
                after = queues.left[feed]
                ask = partial(self.store.waiting_of, portal, feed=feed, after=after, upto=self._after, many=room)
                rows = await self.outages.outlast(LOOP, ask)
                for row in queues.read_again(feed, rows):
                    if not _is_pending_installation(row):
                        self._enter(queues, row, group)
        self._forget(portal, queues)

    def _enter(self, queues: OrderedQueues, row: WaitingEvent, group: asyncio.TaskGroup) -> None:
        if queues.enter(row):
            group.create_task(
                self._serve_key(queues, row.ordering_key, NOBODY if _is_pending_installation(row) else row.portal)
            )

    async def _serve_key(self, queues: OrderedQueues, ordering_key: str, portal: PortalId) -> None:
        while row := queues.first(ordering_key):
            await self._finish(queues, row)
            queues.leave(ordering_key)
            if queues.left:  # there is room for what was left on disk
                self.wake.set()
        self._forget(portal, queues)

    def _forget(self, portal: PortalId, queues: OrderedQueues) -> None:
        if queues.idle:
            self._portals.pop(portal, None)

    async def _finish(self, queues: OrderedQueues, row: WaitingEvent) -> None:
        """Try until the event is done or dead; what stands behind it in its lane waits, other lanes do not."""
        attempts, due_at = row.attempts, row.due_at
        for tries in itertools.count():
            if (wait := due_at - self.clock.wall()) > 0:
                with queues.resting(row.ordering_key):
                    self.wake.set()
                    await asyncio.sleep(min(wait, self.retry_policy.most))  # the clock may have been set back
            async with queues.place(row.ordering_key):
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
                # What we remember here is enough to go on, and the failure itself is in the log.

    def _pause(self, error: Exception, tries: int) -> float:
        """Seconds until the next attempt; what is overtaken again and again waits as well."""
        if judge(error).retry is Retry.NOW and tries < OVERTAKEN:
            return 0.0
        return self.retry_policy.delay(tries)

    async def _handle(self, queues: OrderedQueues, row: WaitingEvent, attempts: int) -> Exception | None:
        """One attempt; an error means that there will be another."""
        started = self.clock.monotonic()
        self.crash_hook(CrashPoint.TAKEN)
        with structlog.contextvars.bound_contextvars(portal=row.portal, event_id=row.id, kind=row.kind):
            handled = Handled() if queues.is_told_again(row.ordering_key) else await self.handler_runner.run(row)
            error = handled.failure or await self._commit(row, handled)
            if error and not self._enough(row, error, attempts):
                log.warning("event.failed", error=str(error), exc_info=_traceback(error), attempts=attempts)
                return error
            if error and (unwritten := await self._park(row, handled, error)):
                log.warning("event.not_buried", error=str(unwritten), exc_info=_traceback(unwritten))
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
        """Write down what the handlers want; what cannot be written concerns this event only."""
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
        # A fault of the portal may be over soon; any other would hold up in vain all that is said in the dialog.
        if _in_dialog(row) and judge(error).fault not in (Fault.PORTAL, Fault.OPERATOR):
            return attempts + 1 >= OURS
        return self.retry_policy.spent(attempts + 1)

    def _counts(self, row: WaitingEvent, error: Exception) -> bool:
        """Whether an attempt counts against the event.

        An event is awaited in a dialog only: in the queue of a post nothing waits but that post. A question that breaks
        the portal every time would hold up its dialog for a day, and there people can ask again.
        """
        return self.retry_policy.counts(
            judge(error), awaited=_in_dialog(row), since=row.received_at, now=self.clock.wall()
        )

    async def _park(self, row: WaitingEvent, handled: Handled, error: Exception) -> Exception | None:
        """A dead letter; what the other handlers wanted is done all the same, or it alone is written down.

        Where not even that can be done (the disk is full, say) the error says why, and the event goes on waiting.
        """
        reason, failure = f"{type(error).__name__}: {error}", None
        for state_changes, effects in ((handled.state_changes, handled.effects), ((), ())):
            try:
                told = await self.handler_runner.apology(row)
                await self.store.park_event(row, state_changes, [*effects, *told], error=reason, now=self.clock.wall())
            except Exception as exc:  # noqa: BLE001 - nothing that one event does may end the process
                failure = exc
                if judge(exc).passes:
                    break
            else:
                log.error("event.dead", error=str(error), exc_info=_traceback(error))
                return None
        return failure


def _is_pending_installation(row: WaitingEvent) -> bool:
    """Whether it is our coming to a portal or going, which anybody may claim: it takes no portal's places."""
    return row.ordering_key.startswith(ordering.APPLICATION)


def _in_dialog(row: WaitingEvent) -> bool:
    """Whether people wait for what stands behind an event."""
    return row.ordering_key.startswith(ordering.DIALOG)


def _traceback(error: Exception) -> Exception | None:
    """Give the error to be logged with its traceback, where it is a mistake of ours; the sentence says all others."""
    return error if judge(error).fault is Fault.US else None


def _sets_timers(handled: Handled) -> bool:
    """Whether a timer was committed that may be the next one due; each user action has one for its delay notice."""
    return any(isinstance(one, TimerSet | ByUser) for one in (*handled.state_changes, *handled.effects))


def _is_result(row: WaitingEvent) -> bool:
    return isinstance(row.event, events.Done | events.Failed)
