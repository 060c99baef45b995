"""Shared fixtures: a portal whose clock stands still, a webhook, and store, worker and sender on a real file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from portal.testing import Clock, Setup, set_up
from tests import webhooks
from tests.outgoing import Out, opened
from tests.webhooks import RunningWebhook


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Return a portal whose clock stands still."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        yield made


@pytest.fixture
async def webhook(tmp_path: Path) -> AsyncIterator[RunningWebhook]:
    """Start a service that knows one portal."""
    async with webhooks.opened(tmp_path) as running_webhook:
        await webhooks.install(running_webhook.store)
        yield running_webhook


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """Start a sender, and a portal without a bucket; the worker runs when a test starts it."""
    async with opened(tmp_path) as out:
        yield out


@pytest.fixture
async def silent(tmp_path: Path) -> AsyncIterator[Out]:
    """Start a worker without a sender: effects stay in the outbox."""
    async with opened(tmp_path, sends=False) as out:
        yield out


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """Return the log lines."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        yield lines
