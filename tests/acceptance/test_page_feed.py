"""The News Feed and the workbench of the emulator's page."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.browser import StartedBot, StartedPortal, comes, key, looking, message

pytestmark = pytest.mark.browser
OLGA, BORIS, CLARA = 1, 3, 4
DOT = "R0lGODlhAgADAIAAAAAAAP///yH5BAEAAAAALAAAAAACAAMAAAIChF8AOw=="
"""A picture of two by three pixels."""


def post(page: Page, words: str) -> Locator:
    """Find a post by its text."""
    return page.get_by_role("article").filter(has_text=words)


def test_a_post_is_written_changed_commented_and_deleted(browser: Browser, started: StartedPortal) -> None:
    """The author publishes, edits, comments on and deletes a post; a change of the text keeps the title."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=feed") as page:
        page.get_by_label("New post").get_by_label("Text of the post").fill("We open at nine")
        page.get_by_label("New post").get_by_label("Title").fill("New hours")
        key(page, "Publish").click()
        expect(post(page, "We open at nine").get_by_role("heading", name="New hours")).to_be_visible()
        post(page, "New hours").get_by_role("button", name="Post actions").click()
        page.get_by_role("menuitem", name="Edit").click()
        page.get_by_label("Edit the post").get_by_label("Text of the post").fill("We open at [b]ten[/b]")
        key(page, "Save").click()
        expect(post(page, "New hours")).to_contain_text("edited")
        expect(post(page, "New hours").locator("strong", has_text="ten")).to_be_visible()
        post(page, "New hours").get_by_label("Write a comment").fill("At last")
        post(page, "New hours").get_by_label("Write a comment").press("Enter")
        expect(post(page, "New hours").get_by_role("list", name="Comments")).to_contain_text("At last")
        post(page, "New hours").get_by_role("button", name="Post actions").click()
        page.get_by_role("menuitem", name="Delete").click()
        post(page, "New hours").get_by_role("group", name="Delete this post?").get_by_role(
            "button", name="Delete"
        ).click()
        expect(post(page, "New hours")).to_have_count(0)


def test_a_button_loads_older_posts(browser: Browser, started: StartedPortal) -> None:
    """The page shows twenty posts; a button loads the rest and moves the focus to the first of them."""
    for number in range(25):
        started.control("posts", **{"as": OLGA, "text": f"Page {number}.", "dest": ["UA"]})
    there = started.control(f"feed?as={BORIS}&limit=100")["posts"]
    with looking(browser, f"{started.url}/?as={BORIS}&tab=feed") as page:
        posts, older = page.get_by_role("article"), page.get_by_role("button", name="Show older posts")
        expect(posts).to_have_count(20)
        assert len(there) <= 40
        older.press("Enter")
        expect(posts).to_have_count(len(there))
        expect(older).to_have_count(0)
        expect(posts.nth(20)).to_be_focused()
    with looking(browser, f"{started.url}/?as={BORIS}&tab=feed&post={there[-1]['id']}") as page:
        expect(page.get_by_role("article").first).to_contain_text(f"post {there[-1]['id']}")
        expect(page.get_by_role("article").first).to_be_focused()


def test_files_of_a_post_and_its_comments_are_saved(browser: Browser, started: StartedPortal) -> None:
    """A file is saved unchanged, and a picture is shown."""
    bot, words = started.bot(), base64.b64encode(b"Soup").decode()
    number = bot.call("log.blogpost.add", POST_MESSAGE="Lunch", DEST=["UA"], FILES=[["menu.txt", words]])
    bot.call("log.blogcomment.add", POST_ID=number, TEXT="Seen", FILES=[["dot.gif", DOT]])
    with looking(browser, f"{started.url}/?as={BORIS}&tab=feed") as page:
        with page.expect_download() as saved:
            post(page, "Lunch").get_by_role("link", name="menu.txt").click()
        assert Path(saved.value.path()).read_bytes() == b"Soup"
        expect(post(page, "Lunch").locator("img")).to_have_js_property("naturalWidth", 2)


def test_a_post_for_one_department_is_hidden_from_others(browser: Browser, started: StartedPortal) -> None:
    """A post for one department shows its recipients, and other people do not see it."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=feed") as page:
        form = page.get_by_label("New post")
        form.get_by_label("Text of the post").fill("Numbers of the quarter")
        form.get_by_text("All employees").first.click()
        form.get_by_label("All employees").uncheck()
        form.get_by_label("Sales").check()
        form.get_by_label("Important").check()
        key(page, "Publish").click()
        expect(post(page, "Numbers of the quarter")).to_contain_text("Sales")
        expect(post(page, "Numbers of the quarter")).to_contain_text("Important")
    with looking(browser, f"{started.url}/?as={BORIS}&with={CLARA}&tab=feed") as page:
        sales, outside = page.locator("[data-pane='0']"), page.locator("[data-pane='1']")
        expect(sales.get_by_text("Numbers of the quarter")).to_be_visible()
        expect(outside.get_by_text("Our feed is open.")).to_be_visible()
        expect(outside.get_by_text("Numbers of the quarter")).to_have_count(0)


def test_a_draft_stays_when_others_change_the_feed(browser: Browser, started: StartedPortal) -> None:
    """A half-written comment and a half-edited post stay when the feed changes."""
    number = started.control("posts", **{"as": OLGA, "text": "Shared kitchen", "dest": ["UA"]})["post_id"]
    with looking(browser, f"{started.url}/?as={OLGA}&tab=feed") as page:
        post(page, "Shared kitchen").get_by_label("Write a comment").fill("Half a tho")
        post(page, "Shared kitchen").get_by_role("button", name="Post actions").click()
        page.get_by_role("menuitem", name="Edit").click()
        page.get_by_label("Edit the post").get_by_label("Text of the post").fill("Shared kitchen, half")
        started.control("posts/comment", **{"as": BORIS, "post_id": number, "text": "Who cleans it?"})
        expect(page.get_by_text("Who cleans it?")).to_be_visible()
        edited = page.get_by_role("article").filter(has_text="Who cleans it?")
        expect(edited.get_by_label("Write a comment")).to_have_value("Half a tho")
        expect(edited.get_by_label("Text of the post")).to_have_value("Shared kitchen, half")


def test_a_link_to_a_post_opens_it_in_the_feed(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """A button with the address of a post opens the News Feed of the page."""
    keys = [{"TEXT": "Open the post", "LINK": f"/company/personal/user/{OLGA}/blog/217/"}]
    bot.says("Here it is", to=str(CLARA), KEYBOARD=keys)
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        message(page, "Here it is").get_by_role("link", name="Open the post").click()
        expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
        expect(page).to_have_url(re.compile("tab=feed.*post=217"))
        page.go_back()
        expect(message(page, "Here it is")).to_be_visible()


def test_the_details_of_a_call_show_request_and_answer(
    browser: Browser, started: StartedPortal, bot: StartedBot
) -> None:
    """The workbench lists REST calls at once; an open one shows request and answer, but no token."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        bot.says("Seen in the traffic", to=str(CLARA))
        row = page.get_by_role("row").filter(has_text="imbot.message.add")
        row.get_by_role("button").click()
        details = page.get_by_role("region", name="Details")
        expect(details.get_by_role("heading", name="imbot.message.add")).to_be_visible()
        expect(details).to_contain_text('"MESSAGE": "Seen in the traffic"')
        expect(details).to_contain_text("200")
        expect(page.get_by_text(bot.hook.rstrip("/").rsplit("/", 1)[1])).to_have_count(0)
        page.get_by_label("Filter").fill("no such words")
        expect(page.get_by_role("row").filter(has_text="imbot")).to_have_count(0)


def test_switches_faults_and_clock_are_changed_on_the_page(
    browser: Browser, started: StartedPortal, bot: StartedBot
) -> None:
    """The portal uses a switch, a fault and a clock that were changed on the page."""

    def state() -> Any:
        return started.control(f"state?as={OLGA}")

    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        page.get_by_role("tab", name="Switches").click()
        page.get_by_label("Double commands").check()
        page.get_by_label("Size rule").select_option("30kb")
        page.get_by_role("tab", name="Faults").click()
        page.get_by_label("Method, * for all").fill("profile")
        page.get_by_label("What happens").select_option("503")
        key(page, "Add").click()
        expect(page.get_by_role("listitem").filter(has_text="profile")).to_contain_text("answers 503")
        page.get_by_role("tab", name="Clock").click()
        before = state()["portal"]["now"]
        key(page, "+ 1 day").click()
        assert comes(lambda: state()["portal"]["now"][:10] > before[:10] or None)
        wanted = {"double_commands": True, "size_rule": "30kb"}
        assert comes(lambda: wanted.items() <= state()["switches"].items() or None)
