"""A database that fails for a while: every loop continues afterwards, and logs the outage once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.bitrix.outbound.speaking.upkeep import TokenUpkeep
from bot.crash_points import no_crash
from bot.errors import StoreError, UserMistake
from bot.pipeline.card_checks import Checks
from bot.pipeline.scheduler import Scheduler
from bot.store import Timers
from tests.disk import RUINED, Disk
from tests.outgoing import Out, answering, decided, opened, say

pytestmark = pytest.mark.usefixtures("lines")

FAILURES = 5
"""Reads or writes in a row that fail, more than one retry makes good."""


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """Open a pipeline whose loops the tests start themselves."""
    async with opened(tmp_path, sends=False) as out:
        answering(out)
        yield out


def outages(lines: list[Any], where: str) -> list[str]:
    """Return the log lines about outages of one loop, oldest first."""
    return [line["event"] for line in lines if line.get("loop") == where and line["event"].startswith("store.")]


def counted(out: Out, where: str) -> float:
    """Return the number of failures of one loop in the metric."""
    return out.metrics.registry.get_sample_value("feedbridge_passing_errors_total", {"loop": where}) or 0.0


def reasons(error: BaseException) -> list[str]:
    """Return the texts of single errors, also of those inside an exception group."""
    if isinstance(error, BaseExceptionGroup):
        return [said for one in error.exceptions for said in reasons(one)]
    return [str(error)]


# --- A moment ----------------------------------------------------------------------------------------------------


async def test_the_worker_continues_after_failed_reads(out: Out, lines: list[Any]) -> None:
    """After some failed reads of the inbox the events are handled, and the log reports the outage once."""
    disk = Disk(out.store)
    await out.take(out.said("hello"))
    disk.fail(FAILURES)
    out.work()
    await out.until(lambda: disk.failures >= FAILURES)
    await out.handled()
    assert await decided(out) == ["re: hello"]
    assert outages(lines, "worker") == ["store.failed", "store.recovered"]
    assert counted(out, "worker") == FAILURES


async def test_a_users_mistake_is_answered_after_failed_reads(out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer needs a read of the user's language; if the read fails, the event is retried."""

    def mistaken(_event: object) -> Any:
        raise UserMistake("unknown.command", name="halp")

    disk = Disk(out.store)
    monkeypatch.setattr(out.router, "handlers", mistaken)  # where the words of a command are understood
    await out.take(out.said("/halp"))
    disk.fail(1, query="language_of")  # the worker looks for more events at the same time
    out.work()
    await out.handled()
    assert disk.failures == 1
    assert "halp" in (await decided(out))[0]


@pytest.mark.parametrize("failures", range(1, 8))
async def test_the_sender_continues_after_failed_reads(out: Out, lines: list[Any], failures: int) -> None:
    """Whichever read of the outbox fails: the effects are sent once, and the log reports the outage once."""
    disk, chat = Disk(out.store), out.group()
    await out.decide(say(chat, "hello"))
    disk.fail(failures)
    out.send()
    await out.until(lambda: disk.failures >= failures)
    await out.sent()
    assert out.texts(chat) == ["hello"]
    assert outages(lines, "sender")[:2] == ["store.failed", "store.recovered"]
    assert counted(out, "sender") >= 1


async def test_an_outcome_is_stored_after_the_outage(
    out: Out, lines: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the outcome cannot be stored, the reason is logged once, and the message is not sent again."""
    disk, chat = Disk(out.store), out.group()
    await out.decide(say(chat, "hello"))

    def leaves(_many: float) -> None:
        disk.fail(FAILURES, broken=("writer",))

    monkeypatch.setattr(out.metrics.batch_size, "observe", leaves)
    out.send()
    await out.until(lambda: disk.failures >= FAILURES)
    await out.sent()
    assert out.texts(chat) == ["hello"]
    assert outages(lines, "outcomes") == ["store.failed", "store.recovered"]
    assert ["disk I/O error" in line["error"] for line in lines if line["event"] == "store.failed"] == [True]


REFUSES = """
CREATE TRIGGER refuses BEFORE UPDATE OF state ON outbox
WHEN NEW.ordering_key = 'dialog:{dialog}' AND NEW.state IN {states}
BEGIN SELECT RAISE(ABORT, 'never that'); END
"""
"""Makes the database refuse some outcomes, by an error that does not pass."""


async def test_an_outcome_that_cannot_be_stored_harms_no_other(out: Out, lines: list[Any]) -> None:
    """Its effect becomes a dead letter that is reported; the other effects of the request are done."""
    odd, plain = out.group(), out.group()
    await out.store.db._writer.execute(REFUSES.format(dialog=odd, states="(2)"))
    await out.decide(say(odd, "odd", report=True), say(plain, "plain"))
    out.send()
    await out.sent()
    assert await out.rows("SELECT ordering_key, state, error LIKE '%never that%' FROM outbox") == [
        (f"dialog:{odd}", 3, 1),
        (f"dialog:{plain}", 2, 0),
    ]
    assert [line["log_level"] for line in lines if line["event"] == "outcome.not_stored"] == ["error"]
    assert counted(out, "outcomes") == 0


async def test_a_dead_letter_that_cannot_be_stored_ends_the_process(out: Out) -> None:
    """If the database refuses the dead letter too, the sender ends with the reason."""
    odd = out.group()
    await out.store.db._writer.execute(REFUSES.format(dialog=odd, states="(2, 3)"))
    await out.decide(say(odd, "odd"))
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(out.sender.serve(), 20.0)
    assert "never that" in str(reasons(caught.value))


Loop = Callable[[Out], Awaitable[None]]


def scheduler_of(out: Out) -> Scheduler:
    """Make a scheduler of the service's tasks, on the store of the pipeline."""
    checks = Checks(store=out.store, caller=out.caller, clock=out.worker.clock, outages=out.worker.outages)
    return Scheduler(
        timers=Timers(out.store.db),
        outages=out.worker.outages,
        clock=out.worker.clock,
        crash_hook=no_crash,
        tasks=app.service_tasks(
            out.store, checks, TokenUpkeep(store=out.store, caller=out.caller, clock=out.worker.clock)
        ),
    )


async def scheduler(out: Out) -> None:
    """Move due timers, and run due tasks of the service."""
    await scheduler_of(out).serve()


async def housekeeping(out: Out) -> None:
    """Forget what is old, as the scheduler lets it be done."""
    await _once(out, "housekeeping")


async def checks(out: Out) -> None:
    """Compare the cards with the feed, as the scheduler lets it be done."""
    await _once(out, "card checks")


async def _once(out: Out, key: str) -> None:
    scheduler = scheduler_of(out)
    [task] = [task for task in scheduler.tasks if task.key == key]
    await scheduler._run(task, out.worker.clock.wall())


async def worker(out: Out) -> None:
    """Handle what waits."""
    await out.worker.serve()


async def sender(out: Out) -> None:
    """Send what waits."""
    await out.sender.serve()


LOOPS = [
    pytest.param(scheduler, "scheduler", id="scheduler"),
    pytest.param(housekeeping, "housekeeping", id="housekeeping"),
    pytest.param(checks, "card checks", id="card checks"),
    pytest.param(worker, "worker", id="worker"),
    pytest.param(sender, "sender", id="sender"),
]


@pytest.mark.parametrize(("loop", "name"), LOOPS)
async def test_an_outage_is_logged_once_at_its_beginning_and_end(
    out: Out, lines: list[Any], loop: Loop, name: str
) -> None:
    """However many reads and writes fail, the log has one line with the reason and one for the end."""
    disk = Disk(out.store)
    disk.fail(FAILURES)
    out.loops.append(asyncio.ensure_future(loop(out)))
    await out.until(lambda: outages(lines, name)[-1:] == ["store.recovered"])
    assert outages(lines, name) == ["store.failed", "store.recovered"]
    [failed] = [line for line in lines if line["event"] == "store.failed"]
    assert (failed["log_level"], "disk I/O error" in failed["error"]) == ("warning", True)
    assert counted(out, name) == FAILURES


@pytest.mark.parametrize(("loop", "name"), LOOPS)
async def test_a_lasting_error_ends_the_process(out: Out, loop: Loop, name: str) -> None:
    """A damaged file is no outage: the loop ends with the error, and the task group with it."""
    Disk(out.store).fail(math.inf, error=RUINED)
    with pytest.raises((StoreError, ExceptionGroup)) as caught:
        await asyncio.wait_for(loop(out), 20.0)
    assert "malformed" in str(reasons(caught.value))
    assert counted(out, name) == 0


async def test_a_portal_that_is_back_is_one_line(out: Out, lines: list[Any]) -> None:
    """An outage of a portal is a warning at its beginning, and one line with the portal when it is over."""
    chat = out.group()
    out.p.faults({"method": "*", "kind": "cut", "times": 3})
    await out.decide(say(chat, "hello"))
    out.send()
    await out.sent()
    assert out.texts(chat) == ["hello"]
    told = [(line["event"], line["log_level"]) for line in lines if line["event"].startswith("portal.")]
    assert told == [
        ("portal.failed", "warning"),
        ("portal.failed", "info"),
        ("portal.failed", "info"),
        ("portal.back", "info"),
    ]
    assert {line["portal"] for line in lines if line["event"].startswith("portal.")} == {out.id}
    await out.decide(say(chat, "again"))
    out.sender.wake.set()
    await out.sent()
    assert [line["event"] for line in lines].count("portal.back") == 1
