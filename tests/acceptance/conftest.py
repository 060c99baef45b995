"""Fixtures: a browser, a portal as a process, a bot in it, and a portal with the service."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.sync_api import Browser

from tests.acceptance.browser import ROOT, TIMEOUT, StartedBot, StartedPortal, browsing
from tests.line import Line, laid


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Return one Chromium for all tests of a file; not longer, because it occupies the thread's event loop."""
    with browsing(chromium) as started:
        yield started


@pytest.fixture
def started() -> Iterator[StartedPortal]:
    """Return a fresh portal."""
    with StartedPortal() as portal:
        yield portal


@pytest.fixture
def bot(started: StartedPortal) -> StartedBot:
    """Return a bot with three commands."""
    bot = started.bot()
    bot.command("help", "What I can do", "[command]")
    bot.command("preview", "Show the draft")
    bot.command("publish", "Publish the draft", "[number]")
    return bot


@pytest.fixture
def demo() -> Iterator[str]:
    """Start a demo for each test, return the address that it prints, and stop it as Ctrl+C does."""
    process = subprocess.Popen([sys.executable, "-m", "bot", "demo"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"Open (http://\S+)", process.stdout.readline())
    assert found
    yield found[1]
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(TIMEOUT) == 0
    process.stdout.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["v1", "v2"])
async def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    """Return one started service per bot generation for a whole file."""
    async with laid(tmp_path_factory.mktemp(request.param), request.param) as made:
        yield made
