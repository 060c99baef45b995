"""Parts of messages and posts on the page: reactions, files, polls, gratitudes, readers."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from portal.wire import images
from tests.acceptance.browser import StartedPortal, field, key, looking, message
from tests.ports import free_port

pytestmark = pytest.mark.browser
OLGA, BORIS, CLARA, EXTRANET_USER = 1, 3, 4, 6
TALK = "chat10"
DROP = """([words, type]) => {
  const data = new DataTransfer();
  data.items.add(new File([words], 'dropped.txt', { type }));
  const target = document.querySelector('.talk');
  for (const name of ['dragenter', 'dragover', 'drop'])
    target.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def test_reactions_are_added_and_removed(browser: Browser, started: StartedPortal) -> None:
    """One person reacts by the menu, another by the chip; a second press removes the reaction."""
    started.control("say", **{"as": OLGA, "dialog": TALK, "text": "Cake in the kitchen"})
    with looking(browser, f"{started.url}/?as={BORIS}&with={CLARA}&dialog={TALK}&dialog2={TALK}") as page:
        left, right = page.locator("[data-pane='0']"), page.locator("[data-pane='1']")
        left.get_by_role("listitem").filter(has_text="Cake").hover()
        left.get_by_role("listitem").filter(has_text="Cake").get_by_role("button", name="Message actions").click()
        page.get_by_role("group", name="React").get_by_role("menuitemradio", name="red heart").click()
        own = left.get_by_role("group", name="Reactions").get_by_role("button", name="red heart: 1")
        expect(own).to_have_attribute("aria-pressed", "true")
        right.get_by_role("button", name="red heart: 1").click()
        both = left.get_by_role("button", name="red heart: 2")
        expect(both).to_have_attribute("title", "Boris Klein, Clara Wirth")
        both.click()
        expect(right.get_by_role("button", name="red heart: 1")).to_have_attribute("aria-pressed", "true")


def test_files_are_chosen_dropped_and_saved(browser: Browser, started: StartedPortal, tmp_path: Path) -> None:
    """A chosen file is sent with the typed text, a dropped one alone; both are saved unchanged."""
    (tmp_path / "menu.txt").write_text("Soup", encoding="utf-8")
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={TALK}") as page:
        field(page).fill("For today")
        with page.expect_file_chooser() as asked:
            key(page, "Attach files").click()
        asked.value.set_files(tmp_path / "menu.txt")
        sent = message(page, "menu.txt").first
        expect(sent).to_contain_text("For today")
        expect(field(page)).to_have_value("")
        page.evaluate(DROP, ["dropped words", "text/plain"])
        expect(message(page, "dropped.txt").first).to_contain_text("13 B")
        with page.expect_download() as saved:
            sent.get_by_role("link", name="menu.txt").click()
        assert Path(saved.value.path()).read_text(encoding="utf-8") == "Soup"


def test_a_picture_is_shown_in_its_message(browser: Browser, started: StartedPortal) -> None:
    """A picture is shown in its message, from the portal's own address."""
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGOQzr+AFTEMLQkAn3dWgSo0rCsAAAAASUVORK5CYII="
    assert images.size_of(base64.b64decode(dot)) == (8, 8)
    started.control("files", **{"as": CLARA, "dialog": TALK, "name": "dot.png", "content": dot})
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={TALK}") as page:
        picture = message(page, "dot.png").locator("img")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("naturalWidth", 8)


def test_an_empty_file_is_refused_with_a_sentence(browser: Browser, started: StartedPortal) -> None:
    """An empty file is refused with a sentence, nothing is sent, and the typed text stays."""
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={TALK}") as page:
        field(page).fill("Still here")
        empty: FilePayload = {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
        page.get_by_label("Files", exact=True).set_input_files(empty)
        expect(page.get_by_role("status").filter(has_text="empty.txt is empty")).to_be_visible()
        expect(field(page)).to_have_value("Still here")
    assert started.control(f"messages?as={CLARA}&dialog={TALK}")["messages"] == []


def test_a_poll_is_published_and_answered(browser: Browser, started: StartedPortal) -> None:
    """A post has a poll; people who voted see the shares and may change their vote."""
    with looking(browser, f"{started.url}/?as={OLGA}&with={BORIS}&tab=feed") as page:
        left, right = page.locator("[data-pane='0']"), page.locator("[data-pane='1']")
        form = left.get_by_label("New post")
        form.get_by_label("Text of the post").fill("The summer party")
        form.get_by_text("Add thanks or a poll").click()
        form.get_by_label("Question", exact=True).fill("Where to?")
        form.get_by_label("Answers", exact=True).fill("To the lake\nInto the woods\n")
        left.get_by_role("button", name="Publish").click()
        mine, other = left.get_by_role("form", name="Poll"), right.get_by_role("form", name="Poll")
        expect(mine.get_by_role("button", name="Vote")).to_be_disabled()
        mine.get_by_label("To the lake").check()
        other.get_by_label("Into the woods").check()
        other.get_by_role("button", name="Vote").click()
        expect(other).to_contain_text("1 · 100 %")
        expect(mine).not_to_contain_text("%")
        mine.get_by_label("To the lake").check()
        mine.get_by_role("button", name="Vote").click()
        expect(other).to_contain_text("2 people have voted")
        other.get_by_label("To the lake").check()
        other.get_by_role("button", name="Change my vote").click()
        expect(mine).to_contain_text("2 · 100 %")


def test_a_gratitude_shows_medal_and_people(browser: Browser, started: StartedPortal) -> None:
    """A gratitude shows the medal and the people."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=feed") as page:
        form = page.get_by_label("New post")
        form.get_by_label("Text of the post").fill("You saved the day")
        form.get_by_text("Add thanks or a poll").click()
        form.get_by_label("Person to thank").select_option("Clara Wirth")
        form.get_by_label("Medal").select_option("First place")
        key(page, "Publish").click()
        given = page.get_by_role("region", name="Thanks")
        expect(given).to_contain_text("First place")
        expect(given.get_by_role("listitem")).to_have_text("Clara Wirth")


def test_a_post_has_a_background(browser: Browser, started: StartedPortal) -> None:
    """A post with the code of a background is shown on it; with an unknown code it looks like any other post."""
    for code in ("03_night_mountains", "03_night"):
        started.control("posts", **{"as": OLGA, "text": f"Look at {code}", "dest": ["UA"], "background": code})
    with looking(browser, f"{started.url}/?as={OLGA}&tab=feed") as page:
        shown = page.locator(".post-text", has_text=re.compile("night_mountains$"))
        expect(shown).to_have_css("background-image", re.compile("gradient"))
        expect(page.locator(".post-text", has_text=re.compile("night$"))).to_have_css("background-image", "none")


def test_readers_of_an_important_post_are_counted(browser: Browser, started: StartedPortal) -> None:
    """A person who confirms is counted at once, also after a reload."""
    started.control("posts", **{"as": OLGA, "text": "Read this", "dest": ["UA"], "important": True})
    with looking(browser, f"{started.url}/?as={OLGA}&with={CLARA}&tab=feed") as page:
        left, right = page.locator("[data-pane='0']"), page.locator("[data-pane='1']")
        expect(left.get_by_text("Nobody has read it yet")).to_be_visible()
        right.get_by_role("button", name="I have read it").click()
        expect(left.get_by_text("1 person has read it")).to_be_visible()
        page.reload()
        expect(right.get_by_text("1 person has read it")).to_be_visible()
        expect(right.get_by_role("button", name="I have read it")).to_have_count(0)


def test_an_extranet_user_sees_no_crm_and_finds_few_people(browser: Browser, started: StartedPortal) -> None:
    """An extranet user sees no CRM, and finds only people whom they may contact."""
    with looking(browser, f"{started.url}/?as={EXTRANET_USER}&dialog=chat11") as page:
        expect(page.get_by_text("No messages yet. Write")).to_have_count(0)
        key(page, "Members").click()
        menu = page.get_by_role("menu", name="Members")
        expect(menu.get_by_role("menuitemradio")).to_have_count(3)
        expect(menu.get_by_role("menuitemradio", disabled=True)).to_have_count(2)
        page.keyboard.press("Escape")
        key(page, "New chat").click()
        expect(page.get_by_role("dialog").get_by_role("checkbox")).to_have_count(2)
        key(page, "Cancel").click()
        key(page, "CRM").click()
        expect(page.get_by_text("This person has no access to the CRM.")).to_be_visible()


def test_a_card_is_commented(browser: Browser, started: StartedPortal) -> None:
    """A comment on a deal is first in its timeline, with its own text direction."""
    with looking(browser, f"{started.url}/?as={CLARA}&tab=crm&entity=deal-42") as page:
        page.get_by_label("Write a comment").fill("\u0634\u0643\u0631\u0627 Nordwind")
        page.get_by_label("Write a comment").press("Enter")
        entry = page.get_by_role("region", name="Timeline entries").get_by_role("article").first
        expect(entry).to_contain_text("Nordwind")
        expect(entry.locator(".comment-text")).to_have_css("unicode-bidi", "plaintext")
        expect(page.get_by_label("Write a comment")).to_have_value("")


def test_the_list_tag_is_drawn_as_a_list(browser: Browser, started: StartedPortal) -> None:
    """[list] with [*] is drawn as a list, with any line breaks."""
    text = "Bring:[list][*]cake [b]and[/b] tea\n[*]chairs[/list]Thanks"
    started.control("posts", **{"as": OLGA, "text": text, "dest": ["UA"]})
    with looking(browser, f"{started.url}/?as={CLARA}&tab=feed") as page:
        points = page.get_by_role("article").first.locator(".bb-list > li")
        expect(points).to_have_text(["cake and tea", "chairs"])


def test_the_page_reports_a_lost_connection_and_reconnects(browser: Browser) -> None:
    """Without the portal, the page says so and keeps the typed text; later it reconnects by itself."""
    port = free_port()
    with StartedPortal(port=port) as first:
        page = browser.new_page()
        page.goto(f"{first.url}/?as={CLARA}&dialog={TALK}")
        field(page).fill("Not sent yet")
    expect(page.get_by_text("No connection to the portal.")).to_be_visible()
    field(page).press("Enter")
    expect(page.get_by_text("The portal cannot be reached.")).to_be_visible()
    expect(field(page)).to_have_value("Not sent yet")
    with StartedPortal(port=port) as second:
        expect(page.get_by_text("No connection to the portal.")).to_be_hidden(timeout=30_000)
        field(page).press("Enter")
        expect(message(page, "Not sent yet")).to_have_count(1)
        second.control("say", **{"as": OLGA, "dialog": TALK, "text": "Back again"})
        expect(message(page, "Back again")).to_have_count(1)
        page.close()
