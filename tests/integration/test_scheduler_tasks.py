"""The repeated tasks of the service: on time, once in each interval, and without delaying timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.app import HOUSEKEEPING_EVERY
from bot.bitrix.outbound.speaking.upkeep import UPKEEP_EVERY
from bot.errors import StoreError
from bot.pipeline.card_checks import CHECK_EVERY
from bot.pipeline.scheduler import ServiceTask
from bot.store import Timers
from tests.timing import HOUR, START, Stage, serving, staged, timer
from tests.webhooks import RunningWebhook


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Open a store on a new file, with a portal."""
    async with staged(tmp_path) as stage:
        yield stage


def task(runs: list[float], *, at_start: bool = False, every: float = HOUR) -> ServiceTask:
    """Make a task that notes when it ran."""

    async def run(now: float) -> None:
        runs.append(now)

    return ServiceTask(key="tidy", every=every, run=run, at_start=at_start)


async def rounds(stage: Stage, *tasks: ServiceTask, times: Sequence[float]) -> None:
    """Start the process once, and run the scheduler at each of these times."""
    scheduler = stage.scheduler(*tasks)
    for at in times:
        stage.clock.wall = at
        async with asyncio.TaskGroup() as group:
            await scheduler._round(group)


async def test_a_task_is_repeated_in_each_interval(stage: Stage) -> None:
    """A task runs at the first start, then once in each interval, also after a long pause."""
    runs: list[float] = []
    times = [START, START + 1, START + HOUR, START + HOUR + 1, START + 9 * HOUR, START + 9 * HOUR + 1]
    await rounds(stage, task(runs), times=times)
    assert runs == [START, START + HOUR, START + 9 * HOUR]
    assert await stage.events() == []


@pytest.mark.parametrize("at_start", [False, True])
async def test_a_restart_repeats_only_tasks_of_each_start(stage: Stage, *, at_start: bool) -> None:
    """Housekeeping keeps its time over restarts; tasks with `at_start` run at each start."""
    runs: list[float] = []
    for at in (START, START + 60, START + 120):
        await rounds(stage, task(runs, at_start=at_start), times=[at])
    assert runs == ([START, START + 60, START + 120] if at_start else [START])


@pytest.mark.parametrize("restart", [False, True])
async def test_a_stored_time_from_a_wrong_clock_is_ignored(stage: Stage, *, restart: bool) -> None:
    """A stored time more than one interval ahead was set by a wrong clock, so the task runs now."""
    runs: list[float] = []
    early = START - 10_000 * HOUR
    if restart:
        await rounds(stage, task(runs), times=[START])
        await rounds(stage, task(runs), times=[early, early + HOUR])
        assert runs == [START, early + HOUR]
    else:
        await rounds(stage, task(runs), times=[START, early, early + 1])
        assert runs == [START, early]


async def test_a_long_task_delays_no_timer_and_runs_once(stage: Stage) -> None:
    """While a task runs, timers move; if its next time passes meanwhile, it does not start twice."""
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


async def test_a_task_that_fails_temporarily_is_retried(stage: Stage, lines: list[Any]) -> None:
    """An outage of the database is logged at its beginning and its end; the task keeps its times."""
    runs: list[float] = []

    async def run(now: float) -> None:
        runs.append(now)
        if len(runs) == 1:
            raise StoreError("database is locked", passing=True)

    work = ServiceTask(key="tidy", every=60.0, run=run)
    await rounds(stage, work, times=[START, START + 59, START + 60])
    assert runs == [START, START, START + 60]
    assert [(line["event"], line["loop"]) for line in lines] == [("store.failed", "tidy"), ("store.recovered", "tidy")]


async def test_a_task_with_a_lasting_error_ends_the_process(stage: Stage) -> None:
    """An error that does not go away ends the loop, and the supervisor starts the service again."""

    async def run(_now: float) -> None:
        raise StoreError("no such table", passing=False)

    with pytest.raises(ExceptionGroup) as ended:
        await stage.scheduler(ServiceTask(key="tidy", every=60.0, run=run)).serve()
    assert ended.group_contains(StoreError)


async def test_two_schedulers_run_a_task_once(stage: Stage) -> None:
    """The process that claims the time of a task runs it; another one that found it due does not."""
    await rounds(stage, task([]), times=[START])
    timers = Timers(stage.store.db)
    due = (await timers.service_timers())["tidy"]
    claims = [await timers.claim_service_timer("tidy", due_at=due, next_at=due + HOUR) for _ in range(2)]
    assert claims == [True, False]


async def test_a_task_of_another_version_is_left_alone(stage: Stage) -> None:
    """A task that this version does not know keeps its row; it causes no event and does not wake the loop."""
    await Timers(stage.store.db).start_service_timer("strange", now=START - HOUR, latest=START)
    assert await stage.scheduler().move_due_timers() is None
    assert await stage.store.waiting_events(after=0, many=10) == []


async def test_a_started_service_runs_its_tasks(webhook: RunningWebhook) -> None:
    """A new service runs housekeeping, card checks and token upkeep, and stores the next time of each."""
    timers, began = Timers(webhook.store.db), time.time()
    async with asyncio.timeout(30):
        while len(dues := await timers.service_timers()) < 3 or min(dues.values()) < began:
            pass
    assert dues == {
        "card checks": pytest.approx(began + CHECK_EVERY, abs=60),
        "housekeeping": pytest.approx(began + HOUSEKEEPING_EVERY, abs=60),
        "tokens": pytest.approx(began + UPKEEP_EVERY, abs=60),
    }
