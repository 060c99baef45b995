"""A bot sends every block and button of `keyboards`, and the emulator's page shows it.

With `KEYBOARDS_PICTURES=1`, the pictures of docs/reference/keyboards.md are taken again.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from keyboards import Attach, Command, GridDisplay, Keyboard, Link, Put, Token, attach, bb, envelope
from tests.acceptance.browser import StartedBot, StartedPortal, looking, message

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PAGE = PICTURES.parent / "reference" / "keyboards.md"
NAMED = re.compile(r"\.\./pictures/keyboards-([\w-]+)\.png")
ROWS = [("Audience", "Sales"), ("Comments", "12"), ("Important until", "Friday")]
OLGA = 1

BLOCKS: dict[str, attach.Block] = {
    "message": attach.Message(bb.doc(bb.bold("Quarterly report"), " is ready, ", bb.user(2, "Anna"), " says").bb()),
    "user": attach.User("Anna Petrova", user_id=2),
    "link": attach.Link("https://example.com/217", "Open the post", desc="Four pages, two charts"),
    "rich-link": attach.RichLink("https://example.com/217", "Quarterly report", desc="Four pages, two charts"),
    "grid-line": attach.Grid.of(ROWS, GridDisplay.LINE),
    "grid-block": attach.Grid.of(ROWS, GridDisplay.BLOCK),
    "grid-row": attach.Grid.of(ROWS, GridDisplay.ROW),
    "grid-table": attach.Grid.of(ROWS, GridDisplay.TABLE),
    "image": attach.Image("/static/icon.svg", "A sign", width=64, height=64),
    "file": attach.File("https://example.com/report.pdf", "report.pdf", 1_500_000),
    "delimiter": attach.Delimiter(200, "#c6c6c6"),
}
TITLES = {
    "message": "MESSAGE", "user": "USER", "link": "LINK", "rich-link": "RICH_LINK", "grid-line": "GRID, LINE",
    "grid-block": "GRID, BLOCK", "grid-row": "GRID, ROW", "grid-table": "GRID, TABLE", "image": "IMAGE", "file": "FILE",
    "delimiter": "DELIMITER",
}  # fmt: skip
KEYBOARD = Keyboard.of(
    [
        [Command("Publish", "publish", "217", token=Token.PRIMARY), Command("Discard", "help", token=Token.ALERT)],
        [
            Link("Open", "https://example.com/217"),
            Put("Reply", "/post ", token=Token.SECONDARY),
            Put("Later", "x", disabled=True),
        ],
        Put("Write a post", "/post "),
    ]
)


def keep(name: str, picture: bytes) -> None:
    """Save a picture for the documentation when KEYBOARDS_PICTURES is set."""
    if os.environ.get("KEYBOARDS_PICTURES"):
        (PICTURES / f"keyboards-{name}.png").write_bytes(picture)


@pytest.mark.parametrize("name", BLOCKS)
def test_the_page_shows_every_block(name: str, browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """The portal stores a block that a bot sends, and the page shows it as a card."""
    bot.says(TITLES[name], to=str(OLGA), ATTACH=json.dumps(Attach.of([BLOCKS[name]], token=Token.PRIMARY).wire()))
    with looking(browser, f"{started.url}/?as={OLGA}&dialog={bot.id}", width=520, height=700) as page:
        shown = message(page, TITLES[name])
        expect(shown.get_by_role("region", name="Attachment")).to_be_visible()
        keep(name, shown.locator(".bubble").screenshot())


def test_the_page_shows_every_button(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """Buttons are shown in their rows with their colours."""
    bot.says("Shall I publish it?", to=str(OLGA), KEYBOARD=json.dumps(envelope(KEYBOARD.wire(), bot.id)))
    with looking(browser, f"{started.url}/?as={OLGA}&dialog={bot.id}", width=520, height=700) as page:
        shown = message(page, "Shall I publish it?")
        rows = shown.get_by_label("Buttons", exact=True).locator(".key-row")
        expect(rows).to_have_count(3)
        expect(rows.nth(1).locator(".key-text")).to_have_text(["Open", "Reply", "Later"])
        keep("buttons", shown.locator(".msg-column").screenshot())


def test_the_page_of_the_documentation_shows_every_block() -> None:
    """The docs page names exactly the pictures that are taken here, and the files exist."""
    named = NAMED.findall(PAGE.read_text(encoding="utf-8"))
    assert sorted(named) == sorted([*BLOCKS, "buttons"])
    assert all((PICTURES / f"keyboards-{name}.png").exists() for name in named)
