"""The web page of the emulator, used in a browser as a person uses it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.browser import StartedBot, StartedPortal, field, key, looking, message

pytestmark = pytest.mark.browser
OLGA, BORIS, CLARA = 1, 3, 4
TALK = "chat10"
DEAL = 42
ROOM = """(field) => {
  const style = getComputedStyle(field), pen = document.createElement('canvas').getContext('2d');
  pen.font = style.font;
  const sides = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  return [pen.measureText(field.placeholder).width, field.clientWidth - sides];
}"""
"""JavaScript that returns the width of a placeholder and the width of its field."""


def test_a_person_is_chosen_and_remembered_in_the_address(browser: Browser, started: StartedPortal) -> None:
    """The first page asks for a person; the address then contains the person, so a reload keeps it."""
    with looking(browser, started.url) as page:
        page.get_by_role("button", name="Olga Sommer").click()
        expect(page).to_have_url(re.compile(rf"\?as={OLGA}$"))
        page.reload()
        expect(page.get_by_role("button", name="You act as Olga Sommer. Change")).to_be_visible()


def test_two_people_talk_side_by_side(browser: Browser, started: StartedPortal) -> None:
    """A message of one person appears at the other one at once, without a reload."""
    with looking(browser, f"{started.url}/?as={OLGA}&with={BORIS}&dialog={TALK}&dialog2={TALK}") as page:
        left, right = page.locator("[data-pane='0']"), page.locator("[data-pane='1']")
        left.get_by_label("Message", exact=True).fill("Who has the key?")
        left.get_by_label("Message", exact=True).press("Enter")
        expect(right.get_by_role("listitem").filter(has_text="Who has the key?")).to_contain_text("Olga Sommer")
        right.get_by_label("Message", exact=True).fill("I do.")
        right.get_by_role("button", name="Send").click()
        expect(left.get_by_role("listitem").filter(has_text="I do.")).to_be_visible()


def test_the_palette_opens_on_a_slash_and_completes(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """A slash shows the commands with their hints; arrows select, Tab inserts, Escape closes."""
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        field(page).press_sequentially("/p")
        choices = page.get_by_role("option")
        expect(choices).to_have_count(2)
        expect(choices.nth(1)).to_contain_text("Publish the draft")
        field(page).press("ArrowDown")
        expect(choices.nth(1)).to_have_attribute("aria-selected", "true")
        field(page).press("Tab")
        expect(field(page)).to_have_value("/publish ")
        expect(page.get_by_text("/publish [number]")).to_be_visible()
        field(page).fill("/")
        expect(choices).to_have_count(3)
        field(page).press("Escape")
        expect(choices.first).to_be_hidden()
        expect(field(page)).to_have_value("/")


def test_the_palette_opens_when_the_commands_are_loaded(
    browser: Browser, started: StartedPortal, bot: StartedBot
) -> None:
    """A person who types before the commands are loaded sees them when they arrive."""
    with looking(browser, "about:blank") as page:
        page.route("**/-/messages?*", lambda _route: None)  # removing the rule ends the delay
        page.goto(f"{started.url}/?as={CLARA}&dialog={bot.id}")
        field(page).press_sequentially("/p")
        page.unroute("**/-/messages?*")
        expect(page.get_by_role("option")).to_have_count(2)


def test_a_typed_command_reaches_the_bot(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """Enter sends the typed command, and the bot's handler gets it."""
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        field(page).fill("/help post")
        field(page).press("Enter")
        expect(message(page, "/help post")).to_be_visible()
        expect(field(page)).to_have_value("")
    assert len(started.heard("ONIMCOMMANDADD")) == 1


def test_a_pressed_button_blocks_the_keyboard_until_the_message_changes(
    browser: Browser, started: StartedPortal, bot: StartedBot
) -> None:
    """BLOCK=Y of a command disables the whole keyboard after one press; BLOCK=Y of any other button does nothing."""
    keys = [
        {"TEXT": "Fill", "ACTION": "PUT", "ACTION_VALUE": "text", "BLOCK": "Y", "DISPLAY": "LINE"},
        {"TEXT": "Publish", "COMMAND": "publish", "BLOCK": "Y", "BG_COLOR_TOKEN": "primary", "DISPLAY": "LINE"},
        {"TEXT": "Preview", "COMMAND": "preview", "DISPLAY": "LINE"},
        {"TYPE": "NEWLINE"},
        {"TEXT": "Off", "COMMAND": "help", "DISABLED": "Y"},
    ]
    number = bot.says("Publish it?", to=str(CLARA), KEYBOARD=keys)
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        expect(key(page, "Off")).to_be_disabled()
        key(page, "Fill").click()
        expect(field(page)).to_have_value("text")
        expect(key(page, "Preview")).not_to_have_attribute("aria-disabled", "true")
        key(page, "Publish").click()
        expect(key(page, "Preview")).to_have_attribute("aria-disabled", "true")
        bot.call("imbot.message.update", MESSAGE_ID=number, MESSAGE="Published.", KEYBOARD=keys[2:])
        expect(message(page, "Published.")).to_contain_text("edited")
        expect(key(page, "Preview")).not_to_have_attribute("aria-disabled", "true")
    (sent,) = started.heard("ONIMCOMMANDADD")
    assert "KEYBOARD" in str(sent["form"])


def test_actions_of_the_client_stay_in_the_client(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """PUT fills the input, SEND sends, CALL shows, DIALOG opens; the bot gets only the sent message."""
    bot.says(
        "Choose [put=/help post]how[/put] or [send=Good morning]greet[/send]",
        to=str(CLARA),
        KEYBOARD=[
            {"TEXT": "Write", "ACTION": "PUT", "ACTION_VALUE": "/publish 7"},
            {"TEXT": "Say", "ACTION": "SEND", "ACTION_VALUE": "I said so"},
            {"TEXT": "Ring", "ACTION": "CALL", "ACTION_VALUE": "+49 30 1234"},
            {"TEXT": "Go", "ACTION": "DIALOG", "ACTION_VALUE": TALK},
        ],
    )
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        key(page, "Write").click()
        expect(field(page)).to_have_value("/publish 7")
        key(page, "how").click()
        expect(field(page)).to_have_value("/help post")
        key(page, "Say").click()
        expect(message(page, "I said so")).to_be_visible()
        key(page, "greet").click()
        expect(message(page, "Good morning")).to_be_visible()
        key(page, "Ring").click()
        expect(page.get_by_text("A Bitrix24 client would call +49 30 1234")).to_be_visible()
        key(page, "Go").click()
        expect(page.get_by_role("heading", name="General talk")).to_be_visible()
    assert started.heard("ONIMCOMMANDADD", times=0) == []


def test_a_copied_value_is_in_the_clipboard(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """COPY puts its value into the clipboard and shows a message."""
    bot.says("Your code", to=str(CLARA), KEYBOARD=[{"TEXT": "Copy it", "ACTION": "COPY", "ACTION_VALUE": "N-1234"}])
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        key(page, "Copy it").click()
        expect(page.get_by_text("Copied: N-1234")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == "N-1234"


def test_the_menu_of_a_message_works_with_the_keyboard(
    browser: Browser, started: StartedPortal, bot: StartedBot
) -> None:
    """MENU items are below the page's own; arrows and Enter select, and the focus returns."""
    menu = [{"TEXT": "Readers & others", "COMMAND": "preview"}, {"TEXT": "Off", "COMMAND": "help", "DISABLED": "Y"}]
    bot.says("A post", to=str(CLARA), MENU=menu)
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        more = message(page, "A post").get_by_role("button", name="Message actions")
        more.press("Enter")
        expect(page.get_by_role("menuitem", name="Off")).to_be_disabled()
        expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("menuitem", name="Readers & others")).to_be_focused()
        page.keyboard.press("Enter")
        expect(more).to_be_focused()
        expect(page.get_by_role("menu")).to_have_count(0)
    (sent,) = started.heard("ONIMCOMMANDADD")
    assert "MENU" in str(sent["form"])


def test_own_messages_are_edited_and_deleted(browser: Browser, started: StartedPortal) -> None:
    """Edit fills the input and marks the message; delete leaves a note; a reply quotes; a copy names its author."""
    with looking(browser, f"{started.url}/?as={OLGA}&dialog={TALK}") as page:
        field(page).fill("Lunch at noon")
        field(page).press("Enter")
        message(page, "Lunch at noon").hover()
        message(page, "Lunch at noon").get_by_role("button", name="Message actions").click()
        page.get_by_role("menuitem", name="Edit").click()
        expect(field(page)).to_have_value("Lunch at noon")
        field(page).fill("Lunch at one")
        field(page).press("Enter")
        expect(message(page, "Lunch at one")).to_contain_text("edited")
        message(page, "Lunch at one").get_by_role("button", name="Message actions").click()
        page.get_by_role("menuitem", name="Reply").click()
        field(page).fill("With soup")
        field(page).press("Enter")
        expect(message(page, "With soup").get_by_role("button", name="Lunch at one")).to_be_visible()
        message(page, "With soup").get_by_role("button", name="Message actions").click()
        page.get_by_role("menuitem", name="Delete").click()
        expect(page.get_by_text("This message was deleted.")).to_be_visible()
        message(page, "Lunch at one").get_by_role("button", name="Message actions").click()
        page.get_by_role("menuitem", name="Forward").click()
        page.get_by_role("menu", name="Forward to").get_by_role("menuitem", name="General talk").click()
        expect(page.get_by_text("Forwarded from Olga Sommer")).to_be_visible()


def test_unread_messages_are_counted_and_marked(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """A closed chat counts new messages; when it is opened, a line marks the first new one."""
    bot.says("First", to=str(CLARA))
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        expect(message(page, "First")).to_be_visible()
        page.get_by_role("button", name="General talk").click()
        expect(page.get_by_role("heading", name="General talk")).to_be_visible()
        bot.says("Second", to=str(CLARA))
        expect(page.get_by_role("button", name=re.compile("Feedbridge.*1 unread"))).to_be_visible()
        expect(page).to_have_title(re.compile(r"^\(1\)"))
        page.get_by_role("button", name=re.compile("Feedbridge.*1 unread")).click()
        expect(page.get_by_text("New", exact=True)).to_be_visible()
        expect(page).not_to_have_title(re.compile(r"^\("))


def test_a_chat_shows_no_sizes_below_a_message(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """The chat shows no sizes of a message; they are shown in the workbench."""
    bot.says("Measured", to=str(CLARA), ATTACH=[{"MESSAGE": "x" * 100}], KEYBOARD=[{"TEXT": "A", "COMMAND": "help"}])
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        expect(message(page, "Measured").get_by_role("button", name="A", exact=True)).to_be_visible()
        expect(page.get_by_role("meter")).to_have_count(0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("/help", "All commands"), ("[USER={bot}][/USER] was here", "was here"), ("Ask [user={bot}] [/user]", "Ask")],
)
def test_a_mention_without_a_name_shows_the_name(
    browser: Browser, started: StartedPortal, bot: StartedBot, text: str, shown: str
) -> None:
    """An answer in a chat without the bot shows the bot's name, as every mention without a name does."""
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={TALK}") as page:
        field(page).fill(text.format(bot=bot.id))
        field(page).press("Enter")
        if text == "/help":
            (asked,) = started.heard("ONIMCOMMANDADD")
            number = re.findall(r"MESSAGE_ID[^0-9]+([0-9]+)", str(asked["form"]))[0]
            bot.call("imbot.command.answer", COMMAND="help", MESSAGE_ID=number, MESSAGE=shown)
        expect(message(page, shown).last).to_contain_text("Feedbridge")
        expect(page.get_by_text(f"user {bot.id}")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("panes", [1, 2])
def test_the_placeholder_fits_into_the_field(browser: Browser, started: StartedPortal, width: int, panes: int) -> None:
    """At every width, alone or side by side, the field shows its whole placeholder, with 15 % of free space."""
    beside = f"&with={BORIS}&dialog2={TALK}" if panes == 2 else ""
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={TALK}{beside}", width=width) as page:
        text, room = field(page).first.evaluate(ROOM)
        assert text * 1.15 <= room


def test_a_crm_comment_appears_in_the_open_timeline(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """A comment of an application appears at once in the open timeline of a card."""
    with looking(browser, f"{started.url}/?as={BORIS}&tab=crm") as page:
        page.get_by_role("button", name=f"deal {DEAL}").click()
        expect(page.get_by_role("heading", name="Coffee machines for Nordwind")).to_be_visible()
        fields = {"ENTITY_ID": DEAL, "ENTITY_TYPE": "deal", "COMMENT": "They liked the [b]blue[/b] one"}
        bot.call("crm.timeline.comment.add", fields=fields)
        expect(page.locator("strong", has_text="blue")).to_be_visible()
