"""Starts a portal and a bot, and a browser that looks at them."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, expect, sync_playwright

from tests.programs import Program

if TYPE_CHECKING:
    from types import TracebackType

Found = TypeVar("Found")
ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 30
"""Seconds that the page may take on a busy machine, for anything."""
expect.set_options(timeout=TIMEOUT * 1000)
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Requests to a portal on this machine, without any proxy."""
NOBODY = "http://127.0.0.1:9/"
"""A handler address where nothing listens, for tests that need no deliveries."""


class StartedPortal:
    """`python -m portal` as a process of its own."""

    def __init__(self, *, port: int = 0) -> None:
        """Choose the port; 0 is any free one."""
        self._port = port

    def __enter__(self) -> Self:
        """Start the process, and wait for the line with its address."""
        self.process = Program("-m", "portal", "--port", str(self._port))
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, f"the portal did not start: {line!r}"
        self.url = found.group()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop the browser as Ctrl+C does."""
        self.process.terminate()
        assert self.process.wait(TIMEOUT) == 0

    def control(self, path: str, **body: Any) -> Any:
        """Call the control API: POST with a body, GET without."""
        return self._json(f"{self.url}/-/{path}", body)

    def heard(self, event: str, *, times: int = 1) -> list[dict[str, Any]]:
        """Wait until an event was sent so many times, and return each delivery."""

        def look() -> list[dict[str, Any]] | None:
            sent = self.control("deliveries?since=0")["deliveries"]
            rows = [one for one in sent if one["event"].upper() == event]
            return rows if len(rows) >= times else None

        return comes(look)

    def _json(self, url: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(url, json.dumps(body).encode() if body else None)  # noqa: S310 (our own portal)
        request.add_header("Content-Type", "application/json")
        with DIRECTLY.open(request, timeout=TIMEOUT) as answer:
            return json.load(answer)

    def bot(self, *, name: str = "Feedbridge") -> StartedBot:
        """Register a bot of imbot v1 through an incoming webhook, so that it may send menus too."""
        hook = self.control("webhooks", **{"as": 1})["url"]
        bot = StartedBot(portal=self, hook=hook, id=0)
        fields = {"CODE": "page", "EVENT_HANDLER": NOBODY, "PROPERTIES": {"NAME": name}}
        return StartedBot(portal=self, hook=hook, id=int(bot.call("imbot.register", **fields)))


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedBot:
    """A bot that a test controls."""

    portal: StartedPortal
    hook: str
    id: int

    def call(self, method: str, **fields: Any) -> Any:
        """Call a REST method as the bot's owner and return its result."""
        body = {"CLIENT_ID": "page", **({"BOT_ID": self.id} if self.id else {}), **fields}
        return self.portal._json(f"{self.hook.rstrip('/')}/{method}", body)["result"]

    def command(self, name: str, title: str, params: str = "") -> None:
        """Register a slash command, titled in English."""
        words = [{"LANGUAGE_ID": "en", "TITLE": title, "PARAMS": params}]
        fields = {"COMMAND": name, "COMMON": "Y", "LANG": words, "EVENT_COMMAND_ADD": NOBODY}
        self.call("imbot.command.register", **fields)

    def says(self, text: str, *, to: str, **fields: Any) -> int:
        """Write a message; fields are ATTACH, KEYBOARD, MENU. Returns its id."""
        return int(self.call("imbot.message.add", DIALOG_ID=to, MESSAGE=text, **fields))


@contextmanager
def browsing(chromium: str) -> Iterator[Browser]:
    """Start the installed Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def looking(browser: Browser, url: str, *, width: int = 1280, height: int = 800, dark: bool = False) -> Iterator[Page]:
    """Open a page, and fail if it logs an error."""
    complaints: list[str] = []

    def note_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.type}: {message.text}")

    def note_error(error: Error) -> None:
        complaints.append(str(error))

    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="en-GB",
        reduced_motion="reduce",
    )  # fmt: skip
    page.set_default_timeout(TIMEOUT * 1000)
    page.on("console", note_console)
    page.on("pageerror", note_error)
    page.goto(url)
    yield page
    page.close()
    assert not complaints, complaints


def comes(look: Callable[[], Found | None]) -> Found:
    """Wait for something that the page loads without showing when it is done."""
    end = time.monotonic() + TIMEOUT
    while (found := look()) is None:
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def field(page: Page) -> Locator:
    """Find the input of the conversation."""
    return page.get_by_role("textbox", name="Message", exact=True)


def message(page: Page, text: str) -> Locator:
    """Find the messages that contain a text."""
    return page.get_by_role("list", name="Messages").get_by_role("listitem").filter(has_text=text)


def key(page: Page, text: str) -> Locator:
    """Find a button by its full name."""
    return page.get_by_role("button", name=text, exact=True)
