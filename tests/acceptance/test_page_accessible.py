"""axe-core finds no serious violation on any tab of the page, at two widths, light and dark."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser import StartedBot, StartedPortal, field, looking, message
from tests.clients import installing
from tests.rounds import some

pytestmark = pytest.mark.browser
OLGA, CLARA = 1, 4
LOOKS = [(1280, 800, False), (390, 844, True), (1280, 800, True), (390, 844, False)]
NAMES = ["desktop-light", "phone-dark", "desktop-dark", "phone-light"]
BOTH = pytest.mark.parametrize(("width", "height", "dark"), some(LOOKS, last=2), ids=some(NAMES, last=2))
"""Both widths and both colour schemes; `make long` tests all pairs."""
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) =>
    `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 4).join(' | ')}`);
}"""
KEYS = [
    {"TEXT": "Publish", "COMMAND": "publish", "BG_COLOR_TOKEN": "primary", "DISPLAY": "LINE"},
    {"TEXT": "Off", "COMMAND": "help", "DISABLED": "Y", "DISPLAY": "LINE"},
    {"TYPE": "NEWLINE"},
    {"TEXT": "Open", "LINK": "https://example.com/", "BG_COLOR": "#ffd84d"},
]
ATTACH = [
    {"USER": {"NAME": "Build server", "AVATAR_TYPE": "BOT"}},
    {"GRID": [{"DISPLAY": "LINE", "NAME": "Priority", "VALUE": "High", "COLOR_TOKEN": "alert"}]},
    {"IMAGE": {"NAME": "The puddle", "LINK": "https://example.com/puddle.jpg"}},
]


@pytest.fixture(scope="module")
def axe() -> str:
    """Return the source of axe-core, or skip with the reason why it is missing."""
    try:
        folder = installing.node_modules_of("axe-core")
    except installing.Absent as absent:
        pytest.skip(str(absent))
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def filled_portal(started: StartedPortal, bot: StartedBot) -> StartedBot:
    """Run a portal with some content of every kind."""
    bot.says("A [b]card[/b]", to=str(CLARA), KEYBOARD=KEYS, ATTACH=ATTACH)
    said = started.control("say", **{"as": CLARA, "dialog": str(bot.id), "text": "/help"})["message_id"]
    started.control("react", **{"as": CLARA, "message_id": said, "reaction": "like"})
    started.control("files", **{"as": CLARA, "dialog": str(bot.id), "name": "menu.txt", "content": "U291cA=="})
    wishes = {"poll": {"question": "Where to?", "answers": ["Lake", "Woods"]}, "important": True}
    thanks = {"gratitude": {"medal": "cup", "people": [CLARA]}}
    asked = started.control("posts", **{"as": OLGA, "text": "The party", "dest": ["UA"], **wishes, **thanks})
    started.control("posts", **{"as": OLGA, "text": "On lava", "dest": ["UA"], "background": "07_flaring_lava"})
    started.control("posts/vote", **{"as": CLARA, "post_id": asked["post_id"], "answers": {"0": [1]}})
    started.control("posts/comment", **{"as": CLARA, "post_id": asked["post_id"], "text": "At last"})
    started.control("faults", rules=[{"method": "user.get", "kind": "503"}])
    started.control("record", on=True, title="A day")
    started.control("apps", name="Other", handler="http://127.0.0.1:9/")
    return bot


def axe_violations(page: Page, axe: str) -> Any:
    """Return the violations that axe-core finds.

    The page's own policy forbids foreign scripts, so axe-core is passed as text.
    """
    page.evaluate(f"{axe}; 0")
    return page.evaluate(RUN)


@BOTH
def test_the_sections_have_no_serious_violation(
    browser: Browser,
    started: StartedPortal,
    filled_portal: StartedBot,
    axe: str,
    *,
    width: int,
    height: int,
    dark: bool,
) -> None:
    """Start, chats, feed and CRM, with an open palette and an open menu, have no serious violation."""
    look = partial(looking, browser, width=width, height=height, dark=dark)
    with look(started.url) as page:
        expect(page.get_by_role("button", name="Clara Wirth")).to_be_visible()
        assert axe_violations(page, axe) == []
    for place in ("tab=feed", "tab=crm", "tab=crm&entity=deal-42", ""):
        with look(f"{started.url}/?as={CLARA}&{place}") as page:
            expect(page.locator("article, .chat-entry, h2").filter(visible=True).first).to_be_visible()
            assert axe_violations(page, axe) == [], place
    with look(f"{started.url}/?as={CLARA}&dialog={filled_portal.id}") as page:
        expect(message(page, "menu.txt").first).to_be_visible()
        field(page).press_sequentially("/p")
        expect(page.get_by_role("option").first).to_be_visible()
        assert axe_violations(page, axe) == [], "palette"
        field(page).fill("")
        message(page, "/help").hover()
        message(page, "/help").get_by_role("button", name="Message actions").click()
        assert axe_violations(page, axe) == [], "menu"


@BOTH
def test_the_workbench_has_no_serious_violation(
    browser: Browser,
    started: StartedPortal,
    filled_portal: StartedBot,
    axe: str,
    *,
    width: int,
    height: int,
    dark: bool,
) -> None:
    """All panels of the workbench, and an open call, have no serious violation."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench", width=width, height=height, dark=dark) as page:
        for tab in page.get_by_role("tab").all():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            assert axe_violations(page, axe) == [], tab.inner_text()
        page.get_by_role("tab", name="Traffic").click()
        page.get_by_role("button", name="imbot.message.add").click()
        expect(page.get_by_role("region", name="Details").get_by_role("meter").first).to_be_visible()
        assert axe_violations(page, axe) == [], "details"
    assert filled_portal.id
