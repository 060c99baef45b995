"""An approval in `make demo`, in a real Chromium: one person asks, another one approves.

With `README_PICTURE=1` the pictures of docs/start/policy.md are made again.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.browser import field, key, looking, message
from tests.acceptance.test_demo_page import documented

pytestmark = pytest.mark.browser
CLARA, OLGA = "as=4", "as=1"
WIDE = 1280


@pytest.mark.parametrize(("width", "height"), [(WIDE, 800), (390, 844)], ids=["desktop", "phone"])
def test_a_second_person_approves_a_post(browser: Browser, demo: str, width: int, height: int) -> None:
    """The author sees whose approval is needed; the approver sees the post and approves it; both see the result."""
    words = "The lift works again." if width == WIDE else "The bicycle cellar is open."
    with looking(browser, demo, width=width, height=height) as page:
        field(page).fill(f'/post to:"Office Berlin" {words}')
        field(page).press("Enter")
        card = message(page, "Needs the approval of Olga Sommer.").filter(has_text=words)
        expect(card).to_be_visible()
        key(page, "Ask for approval").last.click()
        expect(message(page, "I asked for the approval of Olga Sommer").last).to_be_visible()
        page.goto(demo.replace(CLARA, OLGA))
        expect(message(page, "Clara Wirth asks for your approval").filter(has_text=words)).to_be_visible()
        documented(page, f"approval-asked-{width}")
        key(page, "Approve").last.click()
        expect(message(page, "which you approved, is published for Clara Wirth.").last).to_be_visible()
        page.goto(demo)
        expect(message(page, "Published as").filter(has_text=words)).to_be_visible()
