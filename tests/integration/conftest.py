"""What many files here stand on: a portal whose clock stands still, a door, and the inner line on a real file."""

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
    """A portal whose clock stands still."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        yield made


@pytest.fixture
async def webhook(tmp_path: Path) -> AsyncIterator[RunningWebhook]:
    """A running service that knows one portal."""
    async with webhooks.opened(tmp_path) as running_webhook:
        await webhooks.install(running_webhook.store)
        yield running_webhook


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """A sender that sends, and a portal without a bucket; the worker works when it is told to."""
    async with opened(tmp_path) as out:
        yield out


@pytest.fixture
async def silent(tmp_path: Path) -> AsyncIterator[Out]:
    """A line without a sender: what is decided stays in the outbox."""
    async with opened(tmp_path, sends=False) as out:
        yield out


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is written to the log."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        yield lines
