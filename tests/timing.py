"""Timers on a real file, a clock that the test sets, and schedulers that know only what is on disk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from bot.crash_points import CrashPoint, no_crash
from bot.model import events
from bot.model.events import PortalId, PostId
from bot.model.queued import IncomingEvent
from bot.model.state_changes import StateChange, TimerSet
from bot.observability.metrics import Metrics
from bot.pipeline.outages import Outages
from bot.pipeline.scheduler import Scheduler, ServiceTask
from bot.store import Store, Timers
from tests.clocks import ManualClock
from tests.outgoing import QUICK
from tests.storing import PORTAL, installed, one_event, opened

HOUR = 3600.0
START = 1_790_000_000.0


class WatchedEvent(asyncio.Event):
    """An event that tells when somebody waits for it."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        super().__init__()
        self.awaited = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """Wait as usual."""
        self.awaited.set()
        return await super().wait()


@dataclass(slots=True, kw_only=True)
class Stage:
    """A store with one portal, and schedulers over it, each as after a new start of the process."""

    store: Store
    clock: ManualClock = field(default_factory=partial(ManualClock, wall=START))
    metrics: Metrics = field(default_factory=Metrics)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    wake: WatchedEvent = field(default_factory=WatchedEvent)
    numbers: int = 0

    def scheduler(self, *tasks: ServiceTask, crash_hook: Callable[[CrashPoint], None] = no_crash) -> Scheduler:
        """Make a scheduler that knows only what is on disk."""
        clock = self.clock.clock
        return Scheduler(
            timers=Timers(self.store.db), outages=Outages(retry_policy=QUICK, metrics=self.metrics, clock=clock),
            clock=clock, crash_hook=crash_hook, tasks=tasks, wake=self.wake, on_event=self.moved.set,
        )  # fmt: skip

    async def handle(self, *wanted: StateChange, portal: PortalId = PORTAL) -> None:
        """Commit what a handler asked for, together with its event."""
        self.numbers += 1
        event = events.PostDeleted(portal=portal, post=PostId(self.numbers))
        arrived = IncomingEvent(event=event, key=f"cause:{self.numbers}", ordering_key="cause")
        row = await one_event(self.store, arrived)
        await self.store.commit_event(row, wanted, [], self.clock.wall)

    async def events(self) -> list[tuple[str, int, str]]:
        """Return portal, post and ordering key of the timers' events, in order."""
        rows = await self.store.waiting_events(after=0, many=10_000)
        return [
            (row.portal, row.event.post, row.ordering_key) for row in rows if isinstance(row.event, events.PostToCheck)
        ]

    async def posts(self) -> list[int]:
        """Return the posts of the timers' events, in order."""
        return [post for _, post, _ in await self.events()]

    async def keys(self) -> list[str]:
        """Return the keys of the portals' waiting timers."""
        rows = await self.store.db.reader.execute_fetchall("SELECT key FROM timers WHERE portal <> '' ORDER BY key")
        return [row[0] for row in rows]


def timer(post: int, at: float, *, key: str = "", portal: PortalId = PORTAL, **more: Any) -> TimerSet:
    """Make a timer for the event of a post."""
    event = events.PostToCheck(portal=portal, post=PostId(post))
    return TimerSet(key=key or f"check:{post}", at=at, event=event, ordering_key=f"post:{post}", **more)


@contextlib.asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """Open a store on a new file, with a portal."""
    async with opened(folder / "feedbridge.db") as store:
        await installed(store)
        yield Stage(store=store)


@contextlib.asynccontextmanager
async def serving(scheduler: Scheduler) -> AsyncIterator[asyncio.Task[None]]:
    """Let a scheduler work; an error that ends it is the test's."""
    task = asyncio.create_task(scheduler.serve())
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
