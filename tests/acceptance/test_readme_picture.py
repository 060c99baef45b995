"""The conversation in the README's picture; with `README_PICTURE=1` the picture is made again."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser import ROOT, field, key, looking, message

pytestmark = pytest.mark.browser
PICTURE = ROOT / "docs" / "pictures" / "chat.png"
OLGA, BORIS = 1, 3
CAKE = '/post to:all title:"Cake at four" We celebrate in the big kitchen. Bring your own cup; Olga brings the cake.'
SIGNED = {
    "title": "Nordwind signed",
    "text": "Twelve machines, installed in March. Thank you to everybody who helped with the offer.",
    "dest": ["UA"],
    "important": True,
}


def says(page: Page, words: str) -> None:
    """Write into the open chat."""
    field(page).fill(words)
    field(page).press("Enter")


def test_the_conversation_of_the_readme(browser: Browser, demo: str) -> None:
    """An important post comes as a card to its followers; a user's own post is answered with its card."""
    base = demo.partition("/?")[0]
    with looking(browser, demo, height=880) as page:

        def does(path: str, **state_changes: Any) -> Any:
            answer = page.request.post(f"{base}/-/{path}", data=state_changes)
            assert answer.ok, answer.text()
            return answer.json()

        now = datetime.fromisoformat(does("clock", advance=0)["now"]).astimezone(UTC)
        wait = (now.replace(hour=9, minute=24, second=0) - now) % timedelta(days=1)
        does("clock", advance=wait.total_seconds())
        says(page, "/follow important")
        expect(message(page, "This chat now follows important posts")).to_be_visible()
        does("say", dialog="chat10", text="Nordwind has the paper in front of them.", **{"as": BORIS})
        does("say", dialog="chat10", text="Fingers crossed.", **{"as": OLGA})
        does("clock", advance=13 * 60)
        does("posts", **SIGNED, **{"as": BORIS})
        expect(message(page, "Important in the News Feed: Nordwind signed")).to_be_visible()
        does("clock", advance=4 * 60)
        says(page, CAKE)
        key(page, "Publish").last.click()
        expect(message(page, "Published as").filter(has_text="Olga brings the cake")).to_be_visible()
        page.reload()
        expect(message(page, "Published as")).to_be_in_viewport(ratio=1)
        if os.environ.get("README_PICTURE"):
            page.screenshot(path=PICTURE)
