"""`make demo` in a real Chromium: the first steps of a person who tries Feedbridge.

With `README_PICTURE=1` the pictures of docs/start/try.md are made again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser import ROOT, field, key, looking, message

pytestmark = pytest.mark.browser
PICTURES = ROOT / "tests/out"
"""Folder of the screenshots of the last run."""
DOCUMENTED = ROOT / "docs/pictures"


def shown(page: Page, name: str) -> None:
    """Save a screenshot, and check that it is a PNG file."""
    PICTURES.mkdir(exist_ok=True)
    path: Path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 10_000


def documented(page: Page, name: str) -> None:
    """Save a screenshot, and with `README_PICTURE=1` also beside the documentation, which must have one in any case."""
    shown(page, name)
    if os.environ.get("README_PICTURE"):
        page.screenshot(path=DOCUMENTED / f"{name}.png")
    assert (DOCUMENTED / f"{name}.png").is_file()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["desktop", "phone"])
def test_a_person_publishes_and_sees_the_card_change(browser: Browser, demo: str, width: int, height: int) -> None:
    """A person writes /help and /post, presses a button and edits the post; the card of the post changes."""
    words = f"Hello from {width} pixels"
    with looking(browser, demo, width=width, height=height) as page:
        field(page).fill("/help")
        field(page).press("Enter")
        expect(message(page, "This is what I can do").first).to_be_visible()
        shown(page, f"demo-help-{width}")
        key(page, "/post").last.click()
        expect(message(page, "Without to: the post is for everyone")).to_be_visible()
        field(page).fill(f"/post to:all {words}")
        field(page).press("Enter")
        expect(message(page, "Your draft, not published yet").filter(has_text=words)).to_be_visible()
        key(page, "Publish").last.click()
        card = message(page, "Published as").filter(has_text=words)
        expect(card).to_be_visible()
        shown(page, f"demo-card-{width}")
        page.goto(re.sub("dialog=.*", "tab=feed", demo))
        post = page.get_by_role("article").filter(has_text=words)
        post.get_by_role("button", name="Post actions").click()
        page.get_by_role("menuitem", name="Edit").click()
        page.get_by_label("Edit the post").get_by_label("Text of the post").fill(f"{words}, and good night")
        key(page, "Save").click()
        expect(page.get_by_role("article").filter(has_text=f"{words}, and good night")).to_be_visible()
        page.goto(demo)
        changed = message(page, f"{words}, and good night").filter(has_text="edited")
        expect(changed).to_be_visible()
        expect(message(page, words).filter(has_text="For")).to_have_count(1)
        shown(page, f"demo-changed-{width}")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["desktop", "phone"])
def test_a_person_prepares_a_post_and_publishes_it(browser: Browser, demo: str, width: int, height: int) -> None:
    """A person opens the composer, writes, gives a title by a button, sees the preview, and publishes it."""
    words = f"Soup at noon for {width} people"
    with looking(browser, demo, width=width, height=height) as page:

        def write(text: str) -> None:
            field(page).fill(text)
            field(page).press("Enter")

        write("/post")
        expect(message(page, "Your draft has no text yet")).to_be_visible()
        write(words)
        draft = message(page, "Your draft, not published yet").filter(has_text=words)
        expect(draft).to_be_visible()
        expect(draft.filter(has_text=re.compile(r"everyone, \d+ people"))).to_be_visible()
        key(page, "Change").last.click()
        key(page, "Title").last.click()
        expect(message(page, "Write the title in your next message")).to_be_visible()
        write("Canteen")
        expect(message(page, "Your draft, not published yet: Canteen")).to_be_visible()
        shown(page, f"demo-draft-{width}")
        key(page, "Publish").last.click()
        card = message(page, "Published as").filter(has_text=words)
        expect(card.filter(has_text="Canteen")).to_be_visible()
        expect(message(page, "You chose to publish this draft")).to_be_visible()
        expect(key(page, "Publish")).to_have_count(0)
        shown(page, f"demo-published-{width}")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["desktop", "phone"])
def test_from_post_to_undo(browser: Browser, demo: str, width: int, height: int) -> None:
    """A person sees the preview of a post and its audience, publishes it, and takes it back; the feed is as before."""
    feed = re.sub("dialog=.*", "tab=feed", demo)
    words = "Lunch is at one today: pea soup, bread and apple pie."
    with looking(browser, demo, width=width, height=height) as page:
        field(page).fill(f'/post to:all title:"Canteen" {words}')
        field(page).press("Enter")
        draft = message(page, "Your draft, not published yet: Canteen").filter(has_text=words)
        expect(draft.filter(has_text=re.compile(r"everyone, \d+ people"))).to_be_visible()
        expect(key(page, "Publish").last).to_be_in_viewport()
        documented(page, f"post-preview-{width}")
        key(page, "Publish").last.click()
        expect(message(page, "Published as").filter(has_text=words)).to_be_visible()
        expect(key(page, "Undo").last).to_be_in_viewport()
        documented(page, f"post-published-{width}")
        page.goto(feed)
        expect(page.get_by_role("article").filter(has_text=words)).to_be_visible()
        page.goto(demo)
        key(page, "Undo").last.click()
        expect(key(page, "Put the text back").last).to_be_in_viewport()
        documented(page, f"post-undone-{width}")
        page.goto(feed)
        expect(page.get_by_role("article").first).to_be_visible()
        expect(page.get_by_role("article").filter(has_text=words)).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["desktop", "phone"])
def test_from_a_name_to_the_timeline(browser: Browser, demo: str, width: int, height: int) -> None:
    """A person chooses a CRM card by a button, sees its stage and amount, publishes, and finds the text on the card."""
    words = f"They want {width} cups"
    with looking(browser, demo, width=width, height=height) as page:
        field(page).fill(f"/crm Nordwind {words}")
        field(page).press("Enter")
        expect(message(page, "Which card do you mean").last).to_be_visible()
        key(page, "Coffee machines for Nordwind (deal 42)").last.click()
        draft = message(page, "Your draft, not published yet").filter(has_text=words)
        for detail in ("Prepayment invoice", "€12,500.00", "Boris Klein", "timeline"):
            expect(draft.filter(has_text=detail)).to_be_visible()
        expect(field(page)).to_have_value("")
        expect(key(page, "Publish").last).to_be_in_viewport()
        shown(page, f"demo-crm-preview-{width}")
        key(page, "Publish").last.click()
        expect(message(page, "Written to the timeline: deal 42, “Coffee machines for Nordwind”.").last).to_be_visible()
        shown(page, f"demo-crm-published-{width}")
        page.goto(re.sub("dialog=.*", "tab=crm&entity=deal-42", demo))
        expect(page.get_by_text("deal 42 · Prepayment invoice · 12500.00 EUR · Boris Klein")).to_be_visible()
        entries = page.get_by_role("region", name="Timeline entries").get_by_role("article")
        expect(entries.filter(has_text=words)).to_have_count(1)
        shown(page, f"demo-crm-card-{width}")
