"""The repeated work of the service itself: in time, once in each interval, and never in the way of timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.app import HOUSEKEEPING_EVERY
from bot.errors import StoreError
from bot.pipeline.card_checks import CHECK_EVERY
from bot.pipeline.scheduler import ServiceTask
from bot.store import Timers
from tests.timing import HOUR, START, Stage, serving, staged, timer
from tests.webhooks import RunningWebhook


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A store on a fresh file, with a portal."""
    async with staged(tmp_path) as stage:
        yield stage


def task(runs: list[float], *, at_start: bool = False, every: float = HOUR) -> ServiceTask:
    """Work that notes when it was done."""

    async def run(now: float) -> None:
        runs.append(now)

    return ServiceTask(key="tidy", every=every, run=run, at_start=at_start)


async def rounds(stage: Stage, *tasks: ServiceTask, times: Sequence[float]) -> None:
    """One start of the process, and a look at each of these times."""
    scheduler = stage.scheduler(*tasks)
    for at in times:
        stage.clock.wall = at
        async with asyncio.TaskGroup() as group:
            await scheduler._round(group)


async def test_the_services_work_is_repeated(stage: Stage) -> None:
    """First at the first start, then once in each interval, also when nobody looked for long."""
    runs: list[float] = []
    times = [START, START + 1, START + HOUR, START + HOUR + 1, START + 9 * HOUR, START + 9 * HOUR + 1]
    await rounds(stage, task(runs), times=times)
    assert runs == [START, START + HOUR, START + 9 * HOUR]
    assert await stage.events() == []


@pytest.mark.parametrize("at_start", [False, True])
async def test_a_restart_repeats_only_what_belongs_to_it(stage: Stage, *, at_start: bool) -> None:
    """Housekeeping keeps its time over restarts; what is to be done at each start is done at each."""
    runs: list[float] = []
    for at in (START, START + 60, START + 120):
        await rounds(stage, task(runs, at_start=at_start), times=[at])
    assert runs == ([START, START + 60, START + 120] if at_start else [START])


@pytest.mark.parametrize("restart", [False, True])
async def test_a_clock_set_back_by_years_keeps_no_work_waiting(stage: Stage, *, restart: bool) -> None:
    """A stored time that lies beyond one interval was set by a wrong clock: it is not waited for."""
    runs: list[float] = []
    early = START - 10_000 * HOUR
    if restart:
        await rounds(stage, task(runs), times=[START])
        await rounds(stage, task(runs), times=[early, early + HOUR])
        assert runs == [START, early + HOUR]
    else:
        await rounds(stage, task(runs), times=[START, early, early + 1])
        assert runs == [START, early]


async def test_long_work_delays_no_timer_and_is_not_begun_twice(stage: Stage) -> None:
    """While a task is under way timers come; its next time is waited for even if that passes meanwhile."""
    begun, end = asyncio.Queue[float](), asyncio.Event()

    async def run(now: float) -> None:
        begun.put_nowait(now)
        await end.wait()

    await stage.handle(timer(1, START + HOUR))
    scheduler = stage.scheduler(ServiceTask(key="tidy", every=60.0, run=run))
    async with serving(scheduler), asyncio.timeout(30):
        assert await begun.get() == START
        stage.clock.wall += 2 * HOUR
        scheduler.wake.set()
        await stage.moved.wait()
        assert begun.empty()
        end.set()
        assert await begun.get() == START + 2 * HOUR
    assert await stage.posts() == [1]


async def test_work_that_fails_for_a_moment_is_tried_again(stage: Stage, lines: list[Any]) -> None:
    """A passing error of the database is logged when it begins and when it ends; the work keeps its times."""
    runs: list[float] = []

    async def run(now: float) -> None:
        runs.append(now)
        if len(runs) == 1:
            raise StoreError("database is locked", passing=True)

    work = ServiceTask(key="tidy", every=60.0, run=run)
    await rounds(stage, work, times=[START, START + 59, START + 60])
    assert runs == [START, START, START + 60]
    assert [(line["event"], line["loop"]) for line in lines] == [("store.failed", "tidy"), ("store.recovered", "tidy")]


async def test_work_that_breaks_ends_the_process(stage: Stage) -> None:
    """Nothing is swallowed: an error that does not pass ends the loop, and its supervisor starts the service again."""

    async def run(_now: float) -> None:
        raise StoreError("no such table", passing=False)

    with pytest.raises(ExceptionGroup) as ended:
        await stage.scheduler(ServiceTask(key="tidy", every=60.0, run=run)).serve()
    assert ended.group_contains(StoreError)


async def test_two_schedulers_share_the_work(stage: Stage) -> None:
    """Who claims the time of a task does it; another process that found it due as well does not."""
    await rounds(stage, task([]), times=[START])
    timers = Timers(stage.store.db)
    due = (await timers.service_timers())["tidy"]
    claims = [await timers.claim_service_timer("tidy", due_at=due, next_at=due + HOUR) for _ in range(2)]
    assert claims == [True, False]


async def test_a_service_timer_of_another_version_disturbs_nobody(stage: Stage) -> None:
    """A task that this version does not know stays where it is; it becomes no event, and the loop may sleep."""
    await Timers(stage.store.db).start_service_timer("strange", now=START - HOUR, latest=START)
    assert await stage.scheduler().move_due_timers() is None
    assert await stage.store.waiting_events(after=0, many=10) == []


async def test_the_service_has_its_work_done(webhook: RunningWebhook) -> None:
    """A service that has just started does its housekeeping and card checks, and knows the next time of each."""
    timers, began = Timers(webhook.store.db), time.time()
    async with asyncio.timeout(30):
        while len(dues := await timers.service_timers()) < 2 or min(dues.values()) < began:
            pass
    assert dues == {
        "card checks": pytest.approx(began + CHECK_EVERY, abs=60),
        "housekeeping": pytest.approx(began + HOUSEKEEPING_EVERY, abs=60),
    }
