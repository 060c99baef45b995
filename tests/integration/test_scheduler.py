"""Timers on disk: each causes one event when it is due, after any restart or change of the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.crash_points import CrashPoint, no_crash
from bot.errors import StoreError
from bot.framework.context import Context
from bot.model import events, state_changes
from bot.model.events import PortalId, PostId
from bot.model.state_changes import StateChange, TimerCancelled
from bot.pipeline import scheduler as module
from bot.pipeline.scheduler import Scheduler
from bot.store import Timers
from tests.clocks import ManualClock
from tests.outgoing import Out
from tests.storing import PORTAL, installed, known, opened
from tests.timing import HOUR, START, Stage, WatchedEvent, serving, staged, timer


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Open a store on a new file, with a portal."""
    async with staged(tmp_path) as stage:
        yield stage


async def test_a_timer_becomes_an_event_when_it_is_due(stage: Stage) -> None:
    """Before its time there is no event; then there is one, with its ordering key, and the timer is deleted."""
    await stage.handle(timer(1, START + 10))
    scheduler = stage.scheduler()
    assert await scheduler.move_due_timers() == START + 10
    assert await stage.events() == []
    stage.clock.wall += 10
    assert await scheduler.move_due_timers() is None
    assert await stage.events() == [(PORTAL, 1, "post:1")]
    assert await stage.keys() == []


async def test_a_timer_with_the_same_key_is_replaced(stage: Stage) -> None:
    """Only the time and the event of the last timer count."""
    await stage.handle(timer(1, START + 10, key="one"), timer(2, START + 20, key="one"))
    stage.clock.wall += 15
    await stage.scheduler().move_due_timers()
    assert await stage.posts() == []
    stage.clock.wall += 5
    await stage.scheduler().move_due_timers()
    assert await stage.posts() == [2]


@pytest.mark.parametrize(("second", "due"), [(20.0, 10.0), (5.0, 5.0)], ids=["later", "earlier"])
async def test_keep_earlier_keeps_the_earlier_time(stage: Stage, second: float, due: float) -> None:
    """A timer that is set again and again is not postponed: the earlier time is kept, with the newest event."""
    await stage.handle(timer(1, START + 10, key="one"))
    await stage.handle(timer(2, START + second, key="one", keep_earlier=True))
    assert await stage.scheduler().move_due_timers() == START + due
    stage.clock.wall += due
    await stage.scheduler().move_due_timers()
    assert await stage.posts() == [2]


async def test_a_cancelled_timer_causes_no_event(stage: Stage) -> None:
    """The commit of the handler deletes it; to cancel a timer that does not exist is no error."""
    await stage.handle(timer(1, START), timer(2, START))
    await stage.handle(TimerCancelled(key="check:1"), TimerCancelled(key="check:9"))
    await stage.scheduler().move_due_timers()
    assert await stage.posts() == [2]


async def test_a_timer_is_committed_with_its_event_or_not_at_all(stage: Stage) -> None:
    """If another state change of the same event cannot be stored, the timer is not stored either."""

    class Impossible(StateChange):
        """What no table takes."""

    try:
        with pytest.raises(KeyError):
            await stage.handle(timer(1, START), Impossible())
        assert await stage.keys() == []
    finally:
        del Impossible


async def test_timers_of_the_same_key_on_two_portals_are_two(stage: Stage) -> None:
    """Each portal has its own keys: both events come, and replacing or cancelling one does not affect the other."""
    other = PortalId("m-two")
    await stage.handle(known(), portal=other)
    await stage.handle(timer(1, START + 5, key="same"))
    await stage.handle(timer(2, START, key="same", portal=other), portal=other)
    await stage.handle(TimerCancelled(key="none"))
    stage.clock.wall += 5
    await stage.scheduler().move_due_timers()
    assert [(portal, post) for portal, post, _ in await stage.events()] == [(other, 2), (PORTAL, 1)]


async def test_timers_of_a_removed_portal_are_dropped(stage: Stage) -> None:
    """A timer that is due while the application is not installed is dropped; one that is due later is kept."""
    await stage.handle(timer(1, START + 10), timer(2, START + 30))
    await stage.handle(state_changes.PortalGone(clean=False))
    stage.clock.wall += 20
    await stage.scheduler().move_due_timers()
    assert await stage.keys() == ["check:2"]
    await stage.handle(known())
    stage.clock.wall += 20
    await stage.scheduler().move_due_timers()
    assert await stage.posts() == [2]


async def test_many_timers_move_in_small_transactions_in_order(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many due timers move a few at a time, the earliest first, each once."""
    monkeypatch.setattr(module, "MOST_AT_ONCE", 7)
    await stage.handle(*(timer(number, START + 40 - number) for number in range(40)))
    transactions: list[CrashPoint] = []
    stage.clock.wall += HOUR
    await stage.scheduler(crash_hook=transactions.append).move_due_timers()
    assert await stage.posts() == list(reversed(range(40)))
    assert transactions.count(CrashPoint.TIMERS_MOVED) == 6
    assert await stage.keys() == []


class KilledError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("end", [CrashPoint.TIMERS_DUE, CrashPoint.TIMERS_MOVED])
async def test_a_crash_during_the_move_loses_and_repeats_no_event(stage: Stage, end: CrashPoint) -> None:
    """Killed before or after the transaction, the next start leaves one event for each timer."""

    def die(at: CrashPoint) -> None:
        if at is end:
            raise KilledError

    await stage.handle(timer(1, START), timer(2, START))
    with pytest.raises(KilledError):
        await stage.scheduler(crash_hook=die).move_due_timers()
    await stage.scheduler().move_due_timers()
    assert await stage.posts() == [1, 2]
    assert await stage.keys() == []


async def test_a_timer_survives_a_restart(tmp_path: Path) -> None:
    """A timer that became due while no process ran causes one event at the next start."""
    path = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        await installed(store)
        await Stage(store=store).handle(timer(1, START + 10))
    for _ in range(2):
        async with opened(path) as store:
            stage = Stage(store=store, clock=ManualClock(wall=START + HOUR))
            await stage.scheduler().move_due_timers()
            assert await stage.posts() == [1]


# --- the loop ------------------------------------------------------------------------------------------


async def test_an_earlier_timer_wakes_the_loop(stage: Stage) -> None:
    """While the loop sleeps until a later timer, a new earlier one is moved at its time."""
    await stage.handle(timer(1, START + HOUR))
    scheduler = stage.scheduler()
    async with serving(scheduler), asyncio.timeout(module.LONGEST_SLEEP / 2):
        await stage.wake.awaited.wait()
        await stage.handle(timer(2, START))
        scheduler.wake.set()
        await stage.moved.wait()
    assert await stage.posts() == [2]


async def test_a_scheduled_event_reaches_its_handlers(silent: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit of a handler wakes the scheduler; the timer's event reaches its handlers, without tokens."""
    monkeypatch.setattr(module, "LONGEST_SLEEP", HOUR)
    came: list[tuple[int, str]] = []

    async def said(ctx: Context, _event: events.Said | events.Commanded) -> None:
        post = events.PostToCheck(portal=ctx.event.portal, post=PostId(217))
        ctx.schedule(ctx.now, post, key="check", ordering_key="post:217")

    async def due(ctx: Context, event: events.PostToCheck) -> None:
        came.append((event.post, ctx.event_tokens.access_token))

    silent.router.unknown(said)
    silent.router.on(events.PostToCheck)(due)
    wake = WatchedEvent()
    scheduler = Scheduler(
        timers=Timers(silent.store.db), outages=silent.worker.outages, clock=silent.worker.clock, crash_hook=no_crash,
        wake=wake, on_event=silent.worker.wake.set,
    )  # fmt: skip
    silent.worker.on_timers = wake.set
    async with serving(scheduler):
        await wake.awaited.wait()
        silent.work()
        await silent.take(silent.said())
        await silent.until(lambda: came)
    assert came == [(217, "")]


async def test_the_loop_wakes_when_a_timer_is_due(stage: Stage) -> None:
    """A timer in the near future causes its event although nothing else wakes the loop."""
    await stage.handle(timer(1, START + 0.05))
    scheduler = stage.scheduler()
    loop = asyncio.get_running_loop()
    began = loop.time()
    scheduler.clock = Clock(wall=lambda: START + loop.time() - began)
    async with serving(scheduler), asyncio.timeout(module.LONGEST_SLEEP / 2):
        await stage.moved.wait()
    assert await stage.posts() == [1]


async def test_a_clock_that_is_set_forward_is_noticed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop reads the clock again after some seconds, so that timers that became due are moved."""
    monkeypatch.setattr(module, "LONGEST_SLEEP", 0.01)
    await stage.handle(timer(1, START + HOUR))
    async with serving(stage.scheduler()), asyncio.timeout(30):
        stage.clock.wall += 2 * HOUR
        await stage.moved.wait()
    assert await stage.posts() == [1]


async def test_a_clock_that_is_set_back_repeats_nothing(stage: Stage) -> None:
    """Past events do not come again, and a timer for a time of day waits for that time."""
    await stage.handle(timer(1, START), timer(2, START + 10))
    scheduler = stage.scheduler()
    await scheduler.move_due_timers()
    stage.clock.wall -= HOUR
    assert await scheduler.move_due_timers() == START + 10
    stage.clock.wall += HOUR + 10
    await scheduler.move_due_timers()
    assert await stage.posts() == [1, 2]


async def test_the_loop_outlasts_a_database_outage(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """The loop continues, with one log line at the beginning of the outage and one at its end."""
    refusals = iter([StoreError("disk I/O error", passing=True)] * 3)
    move = Timers.move_due

    async def refused(timers: Timers, now: float, *, many: int) -> None:
        for refusal in refusals:
            raise refusal
        await move(timers, now, many=many)

    monkeypatch.setattr(Timers, "move_due", refused)
    await stage.handle(timer(1, START))
    async with serving(stage.scheduler()), asyncio.timeout(30):
        await stage.moved.wait()
        await stage.wake.awaited.wait()
    assert await stage.posts() == [1]
    assert [(line["event"], line["loop"]) for line in lines] == [
        ("store.failed", "scheduler"),
        ("store.recovered", "scheduler"),
    ]


async def test_any_other_error_of_the_database_ends_the_loop(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of the service is not retried silently without end."""

    async def refused(_timers: Timers) -> float | None:
        raise StoreError("no such table: timers", passing=False)

    monkeypatch.setattr(Timers, "next_due", refused)
    with pytest.raises(ExceptionGroup, match="unhandled"):
        await stage.scheduler().serve()
