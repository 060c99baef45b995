"""Two people side by side in one group of the demo: they follow, post, edit, press, and set a fault."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.browser import ROOT, looking

pytestmark = pytest.mark.browser
PICTURES = ROOT / "tests/out"
CLARA, BORIS = 4, 3
LOOKS = [(1280, 800, False), (390, 844, True)]
DIALOG = re.compile(r"dialog=(chat\d+)")


def shown(page: Page, name: str) -> None:
    """Save a screenshot, and check that nothing is wider than the window."""
    PICTURES.mkdir(exist_ok=True)
    path: Path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 10_000
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def section(page: Page, name: str) -> None:
    """Open a section of the page."""
    page.get_by_role("navigation").get_by_role("button", name=name).click()


def says(pane: Locator, words: str) -> None:
    """Write into the conversation of a pane."""
    pane.get_by_role("textbox", name="Message", exact=True).fill(words)
    pane.get_by_role("textbox", name="Message", exact=True).press("Enter")


def bubble(pane: Locator, words: str) -> Locator:
    """Find the newest message of a pane that contains some words."""
    return pane.get_by_role("list", name="Messages").get_by_role("article").filter(has_text=words).last


def group(page: Page, *others: str) -> str:
    """Make a group with the bot, and return its dialog."""
    page.get_by_role("button", name="New chat").click()
    window = page.get_by_role("dialog", name="New chat")
    window.get_by_label("Title").fill("Shop floor")
    for name in others:
        window.get_by_label(name).check()
    window.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Shop floor")).to_be_visible()
    expect(page).to_have_url(DIALOG)
    found = DIALOG.search(page.url)
    assert found
    return found[1]


def test_two_people_see_one_card_and_a_fault_on_the_page(browser: Browser, demo: str) -> None:
    """One follows, the other posts and edits: one card, changed in both panes; a fault set on the page is visible."""
    base, bot = demo.partition("/?")[0], "Feedbridge"
    with looking(browser, f"{base}/?as={CLARA}") as page:
        dialog = group(page, "Boris Klein", bot)
        page.goto(f"{base}/?as={CLARA}&with={BORIS}&dialog={dialog}&dialog2={dialog}")
        clara, boris = page.locator("[data-pane='0']"), page.locator("[data-pane='1']")
        says(clara, "/follow all")
        for pane in (clara, boris):
            expect(bubble(pane, "This chat now follows all posts")).to_be_visible()
        says(boris, "Now I tell everybody about lunch")
        writes_and_edits(page, boris)
        for pane in (clara, boris):
            expect(bubble(pane, "Lunch is at two")).to_contain_text("edited")
            expect(bubble(pane, "Lunch is at two")).to_contain_text("Boris Klein")
            expect(pane.get_by_role("article").filter(has_text="Lunch is at one")).to_have_count(0)
        reacts_and_presses(page, clara, boris)
        shown(page, "two-people")
        breaks_publishing(page)
        says(clara, "/post to:all Coffee is ready")
        clara.get_by_role("button", name="Publish", exact=True).last.click()
        for pane in (clara, boris):
            expect(bubble(pane, "The post was not published")).to_be_visible()
    looks(browser, base, dialog)


def writes_and_edits(page: Page, boris: Locator) -> None:
    """Let the second person publish a post, wait for its card, and change the post."""
    section(page, "News Feed")
    form = boris.get_by_label("New post")
    form.get_by_label("Text of the post").fill("Lunch is at one")
    form.get_by_role("button", name="Publish").click()
    post = boris.get_by_role("article").filter(has_text="Lunch is at one")
    expect(post).to_be_visible()
    section(page, "Chats")
    expect(bubble(boris, "Lunch is at one")).to_be_visible()
    section(page, "News Feed")
    post.get_by_role("button", name="Post actions").click()
    page.get_by_role("menuitem", name="Edit").click()
    boris.get_by_label("Edit the post").get_by_label("Text of the post").fill("Lunch is at two")
    boris.get_by_role("button", name="Save").click()
    expect(boris.get_by_role("article").filter(has_text="Lunch is at two")).to_be_visible()
    section(page, "Chats")


def reacts_and_presses(page: Page, clara: Locator, boris: Locator) -> None:
    """One reacts to the card, the other presses a button: the answer is in the language of the shared message."""
    bubble(clara, "Lunch is at two").hover()
    card = clara.get_by_role("listitem").filter(has=page.get_by_role("article").filter(has_text="Lunch is at two"))
    card.get_by_role("button", name="Message actions").click()
    page.get_by_role("menuitemradio", name="red heart").click()
    expect(boris.get_by_role("button", name="red heart: 1")).to_be_visible()
    boris.get_by_role("button", name="What we follow").last.click()
    for pane in (clara, boris):
        expect(bubble(pane, "This chat follows: 1. all posts")).to_be_visible()


def breaks_publishing(page: Page) -> None:
    """Set a fault on the workbench: the portal now refuses every new post."""
    section(page, "Workbench")
    page.get_by_role("tab", name="Faults").click()
    page.get_by_label("Method, * for all").fill("log.blogpost.add")
    page.get_by_label("What happens").select_option("empty_error")
    page.get_by_label("How many times; 0 until cleared").fill("0")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="log.blogpost.add")).to_contain_text("until cleared")
    shown(page, "workbench-faults")
    section(page, "Chats")


def looks(browser: Browser, base: str, dialog: str) -> None:
    """Open the group and the workbench on a light desktop and a dark phone."""
    for width, height, dark in LOOKS:
        name = f"{width}-{'dark' if dark else 'light'}"
        look = partial(looking, browser, width=width, height=height, dark=dark)
        places = f"as={CLARA}&with={BORIS}&dialog={dialog}&dialog2={dialog}"
        with look(f"{base}/?{places}") as page:
            expect(bubble(page.locator("[data-pane='0']"), "The post was not published")).to_be_visible()
            shown(page, f"two-people-{name}")
        with look(f"{base}/?as={CLARA}&with={BORIS}&tab=feed") as page:
            expect(page.get_by_role("article").filter(has_text="Lunch is at two").first).to_be_visible()
            shown(page, f"two-people-feed-{name}")
        with look(f"{base}/?as={CLARA}&tab=bench") as page:
            page.get_by_role("button", name="log.blogpost.add").first.click()
            details = page.get_by_role("region", name="Details")
            expect(details.get_by_role("definition").filter(has_text="empty_error")).to_be_visible()
            shown(page, f"workbench-{name}")
