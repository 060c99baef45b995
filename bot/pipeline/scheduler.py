"""The scheduler: moves the events of due timers into the inbox, and starts the repeated tasks of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.clock import Clock
from bot.crash_points import CrashHook, CrashPoint
from bot.pipeline.outages import HEARTBEAT, Outages
from bot.store import Timers

LOOP = "scheduler"
"""The name of the scheduler's loop in the log; the name of a task is its key."""
MOST_AT_ONCE = 250
"""The most timers that one transaction moves, so that other writes do not wait long."""
LONGEST_SLEEP = HEARTBEAT
"""Seconds after which the clock is read again, because the system does not say when the clock is set forward."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTask:
    """A task of the service, known by its `key`, that is repeated every `every` seconds.

    Running it twice must do no harm. With `at_start` it also runs at each start of the process, otherwise only when it
    is due. `run` gets the current time.
    """

    key: str
    every: float
    run: Callable[[float], Awaitable[None]]
    at_start: bool = False


@dataclass(slots=True, kw_only=True)
class Scheduler:
    """Sleeps until a timer or a task is due; `wake` must be set when a timer was committed."""

    timers: Timers
    outages: Outages
    clock: Clock
    crash_hook: CrashHook
    tasks: Sequence[ServiceTask] = ()
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_event: Callable[[], None] = lambda: None
    _running: set[str] = field(default_factory=set)
    _is_started: bool = False

    async def serve(self) -> None:
        """Move due timers and start due tasks until cancelled; while the database fails, wait and try again."""
        async with asyncio.TaskGroup() as group:
            while True:
                self.wake.clear()
                due = await self.outages.outlast(LOOP, partial(self._round, group))
                await self.outages.woken(LOOP, self.wake, within=max(0.0, due - self.clock.wall()))

    async def move_due_timers(self) -> float | None:
        """Move the events of all timers that are due into the inbox, and return when the next timer is due.

        The time is in unix seconds; None if there is no timer.
        """
        now = self.clock.wall()
        while (due := await self.timers.next_due()) is not None and due <= now:
            self.crash_hook(CrashPoint.TIMERS_DUE)
            await self.timers.move_due(now, many=MOST_AT_ONCE)
            self.crash_hook(CrashPoint.TIMERS_MOVED)
            self.on_event()
        return due

    async def _round(self, group: asyncio.TaskGroup) -> float:
        """Move all due timers and start all due tasks; return when the next timer or task is due (unix seconds)."""
        if not self._is_started:
            await self._start()
        tasks_due = await self._start_tasks(group)
        due = await self.move_due_timers()
        return tasks_due if due is None else min(due, tasks_due)

    async def _start(self) -> None:
        now = self.clock.wall()
        for task in self.tasks:
            latest = now if task.at_start else now + task.every
            await self.timers.start_service_timer(task.key, now=now, latest=latest)
        self._is_started = True

    async def _start_tasks(self, group: asyncio.TaskGroup) -> float:
        """Start the tasks that are due and not running, and return when the next task is due (unix seconds).

        The next time of a task is stored before it runs, so that a task that fails is not repeated at once.
        """
        now = self.clock.wall()
        stored = await self.timers.service_timers()
        following = [now + LONGEST_SLEEP]
        for task in self.tasks:
            due, next_at = stored.get(task.key, now), now + task.every
            is_due = due <= now or due > next_at  # more than one interval ahead: the clock was set back
            if not is_due:
                following.append(due)
            elif task.key not in self._running and await self.timers.claim_service_timer(
                task.key, due_at=due, next_at=next_at
            ):
                self._running.add(task.key)
                group.create_task(self._run(task, now))
                following.append(next_at)
        return min(following)

    async def _run(self, task: ServiceTask, now: float) -> None:
        try:
            await self.outages.outlast(task.key, partial(task.run, now))
        finally:
            self._running.discard(task.key)
            self.wake.set()  # it may already be due again
