"""When the service is ready: its loops look for work, whatever one portal does."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import app
from bot.model import state_changes
from bot.model.events import BotId
from bot.webhook.health import STALLED_AFTER
from tests import payloads, webhooks
from tests.clocks import ManualClock
from tests.disk import Disk
from tests.webhooks import RunningWebhook

TROUBLE = "feedbridge_portals_in_trouble"


@pytest.fixture
def clock() -> ManualClock:
    """Give the clock of the service to the test."""
    return ManualClock()


@pytest.fixture
async def webhook(tmp_path: Path, clock: ManualClock) -> AsyncIterator[RunningWebhook]:
    """Start a service that knows one portal, which does not answer."""
    async with webhooks.stored(tmp_path) as store:
        await webhooks.install(store)
        bot = state_changes.BotKnown(bot=BotId(payloads.BOT))
        await store.commit_event(webhooks.INSTALLED, [bot], [], now=1.0)
    with capture_logs() as lines:
        async with (
            app.serving(webhooks.settings(tmp_path), clock=clock.clock) as service,
            webhooks.knocker() as session,
        ):
            yield RunningWebhook(address=service.address, store=service.store, session=session, lines=lines)


async def ready(webhook: RunningWebhook) -> tuple[int, dict[str, Any]]:
    """Ask whether the service is ready."""
    status, page = await webhook.get("/readyz")
    return status, json.loads(page)


async def metric(webhook: RunningWebhook, name: str) -> float:
    """Read one metric without labels."""
    _, page = await webhook.get("/metrics")
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith(f"{name} "))


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - another task's work, seen from outside
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(payloads.v1_said("/post to:Sales Hi"), id="an event that cannot be handled"),
        pytest.param(payloads.v1_said("/help"), id="an answer that cannot be sent"),
    ],
)
async def test_a_portal_in_trouble_shows_in_the_metrics_only(
    webhook: RunningWebhook, clock: ManualClock, event: payloads.Tree
) -> None:
    """What waits for a portal that does not answer, however long, leaves the service ready for all others."""
    assert await metric(webhook, TROUBLE) == 0
    assert await webhook.send(event) == 200
    await until(webhook.store.portals_in_trouble)
    clock.set_wall(clock.wall + 7200.0)
    status, page = await ready(webhook)
    assert (status, page["ready"]) == (200, True)
    assert max(page["oldest_event_seconds"], page["oldest_effect_seconds"]) >= 7200.0
    assert await metric(webhook, TROUBLE) == 1


async def test_loops_that_look_for_nothing_are_stuck(webhook: RunningWebhook, clock: ManualClock) -> None:
    """A loop that has not looked for a minute makes the service not ready, and is named."""
    assert (await ready(webhook))[0] == 200

    async def all_are_stuck() -> bool:
        clock.advance(STALLED_AFTER + 1)  # a loop may look again before the question is answered: then once more
        status, page = await ready(webhook)
        why = "stuck for more than 60 seconds: worker, sender, scheduler"
        return (status, page["ready"], page.get("reason")) == (503, False, why)

    await until(all_are_stuck)


async def test_a_loop_that_looks_again_is_ready_again(webhook: RunningWebhook, clock: ManualClock) -> None:
    """One look of each loop is enough; an event that comes wakes the worker."""
    clock.advance(STALLED_AFTER + 1)
    assert await webhook.send(payloads.v1_said()) == 200

    async def worker_looks() -> bool:
        return "worker" not in (await ready(webhook))[1].get("reason", "")

    await until(worker_looks)


async def test_a_worker_that_cannot_read_for_long_is_not_ready(webhook: RunningWebhook, clock: ManualClock) -> None:
    """While every look of the loops fails, they do not count as looking."""
    disk = Disk(webhook.store)
    disk.fail(math.inf, broken=("reader",), query="inbox_waiting")
    assert await webhook.send(payloads.v1_said()) == 200

    async def has_failed() -> bool:
        return disk.failures > 0

    await until(has_failed)
    clock.advance(STALLED_AFTER + 1)
    status, page = await ready(webhook)
    assert (status, "worker" in page["reason"]) == (503, True)
