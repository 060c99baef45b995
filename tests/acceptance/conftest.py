"""What tests of the portal's page ask for: a browser, a portal as a process, a bot in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.acceptance.browser import StartedBot, StartedPortal, browsing


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Give one Chromium for all tests of a file; no longer, because it holds the thread's event loop."""
    with browsing(chromium) as started:
        yield started


@pytest.fixture
def started() -> Iterator[StartedPortal]:
    """Give a fresh portal."""
    with StartedPortal() as portal:
        yield portal


@pytest.fixture
def bot(started: StartedPortal) -> StartedBot:
    """Give a bot with three commands."""
    bot = started.bot()
    bot.command("help", "What I can do", "[command]")
    bot.command("preview", "Show the draft")
    bot.command("publish", "Publish the draft", "[number]")
    return bot
