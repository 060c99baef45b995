"""The workbench of the page: recording, sending again, events by hand, clock, sizes, rate limit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser import NOBODY, StartedBot, StartedPortal, comes, key, looking

pytestmark = pytest.mark.browser
OLGA, CLARA = 1, 4
TALK = "chat10"


def bench(started: StartedPortal) -> dict[str, Any]:
    """Return the state that the portal reports for the workbench."""
    answer: dict[str, Any] = started.control(f"state?as={OLGA}")["bench"]
    return answer


def open_panel(page: Page, name: str) -> None:
    """Open a panel of the workbench."""
    page.get_by_role("tab", name=name).click()


def test_a_session_is_recorded_and_saved(browser: Browser, started: StartedPortal, tmp_path: Path) -> None:
    """A recorded session is shown as a test, and the saved file has the same content."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        open_panel(page, "Record")
        page.get_by_label("Title").fill("Clara is early")
        key(page, "Start").click()
        expect(page.get_by_text("Continue in the chats")).to_be_visible()
        started.control("say", **{"as": CLARA, "dialog": TALK, "text": "I am here already"})
        source = page.get_by_role("region", name="The test", exact=True)
        expect(source).to_contain_text("await clara.says('I am here already', dialog='chat10')")
        key(page, "Stop").click()
        expect(key(page, "Start")).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("link", name="Save the file").click()
        assert saved.value.suggested_filename == "test_recorded_session.py"
        saved.value.save_as(tmp_path / "saved.py")
        assert '"""Clara is early"""' in (tmp_path / "saved.py").read_text(encoding="utf-8")
    assert comes(lambda: not bench(started)["recording"]["on"] or None)


def test_a_delivery_is_sent_again_from_its_row(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """The button in the row of an event, and the one in its details, each send it again."""
    started.control("say", **{"as": CLARA, "dialog": str(bot.id), "text": "Only once"})
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        rows = page.get_by_role("row").filter(has_text="ONIMBOTMESSAGEADD")
        expect(rows).to_have_count(1)
        key(page, "Send ONIMBOTMESSAGEADD again").click()
        expect(rows).to_have_count(2)
        rows.first.get_by_role("button", name="ONIMBOTMESSAGEADD").first.click()
        page.get_by_role("region", name="Details").get_by_role("button", name="Send again").click()
        expect(rows).to_have_count(3)
    sent = started.control("deliveries?since=0")["deliveries"]
    assert len({str(one["form"]) for one in sent if one["event"] == "ONIMBOTMESSAGEADD"}) == 1


def test_an_event_is_sent_by_hand(browser: Browser, started: StartedPortal) -> None:
    """Invalid JSON is reported and stays; valid JSON is sent to the address and appears in the traffic."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        open_panel(page, "Send an event")
        page.get_by_label("Event", exact=True).fill("ONLIVEFEEDPOSTADD")
        expect(page.get_by_label("Data, as JSON")).to_have_value(re.compile('"POST_ID": "217"'))
        page.get_by_label("Data, as JSON").fill("{'FIELDS'")
        page.get_by_label("Address").fill(NOBODY)
        key(page, "Send").click()
        expect(page.get_by_text("The data is not valid JSON")).to_be_visible()
        page.get_by_label("Data, as JSON").fill('{"FIELDS": {"POST_ID": "4711"}}')
        key(page, "Send").click()
        expect(page.get_by_text("Sent once.")).to_be_visible()
        open_panel(page, "Traffic")
        expect(page.get_by_role("row").filter(has_text="ONLIVEFEEDPOSTADD")).to_be_visible()
    (sent,) = started.heard("ONLIVEFEEDPOSTADD")
    assert sent["form"]["data"] == {"FIELDS": {"POST_ID": "4711"}}


def test_the_clock_is_stopped_and_started(browser: Browser, started: StartedPortal) -> None:
    """The clock can be stopped, moved while it is stopped, and started again."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        open_panel(page, "Clock")
        key(page, "Stop the clock").click()
        expect(page.get_by_role("timer")).to_contain_text("stopped")
        shown = page.get_by_role("timer").inner_text()
        assert comes(lambda: bench(started)["clock"] == {"stopped": True} or None)
        key(page, "+ 1 hour").click()
        expect(page.get_by_role("timer")).not_to_have_text(shown)
        key(page, "Start the clock").click()
        expect(page.get_by_role("timer")).not_to_contain_text("stopped")
        late = page.get_by_role("timer").inner_text()
        expect(page.get_by_role("timer")).not_to_have_text(late)
    assert comes(lambda: bench(started)["clock"] == {"stopped": False} or None)


def test_a_call_shows_the_sizes_of_its_objects(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """The details of a call show the sizes of attachment and buttons with their limits."""
    keys = [{"TEXT": "Go", "COMMAND": "help"}]
    number = bot.says("Measured", to=str(CLARA), ATTACH=[{"MESSAGE": "x" * 1000}], KEYBOARD=keys)
    (message,) = started.control(f"messages?as={CLARA}&dialog={bot.id}")["messages"]
    assert message["id"] == number
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        page.get_by_role("button", name="imbot.message.add").click()
        details = page.get_by_role("region", name="Details")
        measured = details.get_by_role("group", name="Size against limit")
        expect(measured.get_by_role("meter", name=re.compile("^Attachment"))).to_be_visible()
        buttons = measured.get_by_role("meter", name=re.compile("^Buttons"))
        expect(buttons).to_have_attribute("aria-valuenow", str(message["sizes"]["keyboard"]["chars"]))
        expect(measured).to_contain_text("of 59,999")


def test_the_meter_shows_the_level_of_the_bucket(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """The meter above the traffic rises with every call and shows the capacity."""
    started.control("switches", bucket_rate=0.01)
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        level = page.get_by_role("meter", name="Requests in the bucket")
        expect(level).to_have_attribute("aria-valuemax", "50")
        before = int(bench(started)["bucket"]["level"])
        for _ in range(5):
            bot.call("profile")
        expect(level).to_have_attribute("aria-valuenow", re.compile(f"^({before + 4}|{before + 5}|{before + 6})$"))


def test_fault_rules_of_the_portal_are_shown(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """Earlier fault rules are shown; used ones disappear; removed ones are deleted in the portal."""
    rules = [{"method": "profile", "kind": "slow", "seconds": 0, "times": 1}, {"method": "user.get", "kind": "503"}]
    started.control("faults", rules=rules)
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        open_panel(page, "Faults")
        listed = page.get_by_role("region", name="Faults", exact=True).get_by_role("listitem")
        expect(listed).to_have_count(2)
        bot.call("profile")
        expect(listed).to_have_count(1)
        key(page, "Remove the fault of user.get").click()
        expect(listed).to_have_count(0)
    assert comes(lambda: bench(started)["faults"] == [] or None)


def test_the_address_contains_the_panel(browser: Browser, started: StartedPortal) -> None:
    """A reload keeps the panel, and Back opens the panel before it."""
    with looking(browser, f"{started.url}/?as={OLGA}&tab=bench") as page:
        open_panel(page, "Faults")
        open_panel(page, "Clock")
        page.reload()
        expect(page.get_by_role("tab", name="Clock")).to_have_attribute("aria-selected", "true")
        page.go_back()
        expect(page.get_by_role("tab", name="Faults")).to_have_attribute("aria-selected", "true")


def test_a_bot_is_connected_from_the_first_page(browser: Browser, started: StartedPortal) -> None:
    """The first page has a link to the keys, to an installation with its result, and to a webhook."""
    with looking(browser, started.url) as page:
        key(page, "first steps, keys and webhooks").click()
        expect(page.get_by_text("Your bot calls imbot.register")).to_be_visible()
        page.get_by_label("Name").fill("Mine")
        page.get_by_label("Handler").fill(NOBODY)
        key(page, "Add").click()
        mine = page.get_by_role("region", name="Mine", exact=True)
        expect(mine).to_contain_text("Application token")
        mine.get_by_role("button", name="Install", exact=True).click()
        refused = f"not delivered to {NOBODY}: nothing listens at this address"
        expect(mine.get_by_role("status")).to_contain_text(refused)
        key(page, "Create a webhook").click()
        expect(page.get_by_text("profile", exact=False)).to_contain_text(f"curl {started.url}/rest/1/")
