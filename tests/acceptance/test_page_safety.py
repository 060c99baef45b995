"""The page is safe from hostile content, fits a phone, and is readable and usable by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser import StartedBot, StartedPortal, field, looking, message

pytestmark = pytest.mark.browser
OLGA, CLARA = 1, 4
EVIL = "javascript:window.hit=1"

HOSTILE_BB = [
    f"[url={EVIL}]press me[/url]",
    f"[url]{EVIL}[/url]",
    "[url=JaVaScRiPt:alert(1)]x[/url]",
    "[url=java\tscript:alert(1)]x[/url]",
    "[url= data:text/html,<script>window.hit=1</script>]x[/url]",
    "[url=vbscript:msgbox]x[/url]",
    '[url=https://example.com/" onmouseover="window.hit=1]quote[/url]',
    "<script>window.hit=1</script><img src=x onerror='window.hit=1'>",
    "[b]<svg onload=window.hit=1>[/b]",
    "[code]</code><script>window.hit=1</script>[/code]",
    "[color=#fff;background:url(javascript:window.hit=1)]x[/color]",
    "[color=red);x:expression(window.hit=1)]x[/color]",
    "[size=12px;position:fixed]x[/size]",
    "[img size=small]javascript:window.hit=1 [/img]",
    "[img size=small]https://example.com/tracker.png [/img]",
    "[icon=javascript:window.hit=1 size=20 title=<b>x</b>]",
    "[user=2 onclick=window.hit=1]x[/user]",
    "[user=2]<img src=x onerror=window.hit=1>[/user]",
    "[send=<script>window.hit=1</script>]x[/send]",
    f"[call={EVIL}]x[/call]",
    "[timestamp=99999999999999999999 format=<b>]",
    "[b][i][u][s]never closed [/b] [url=https://example.com] [quote",
    "[b]" * 5000,
    "[url=" * 3000,
]

HOSTILE_ATTACH: dict[str, Any] = {
    "COLOR": "red;background:url(javascript:window.hit=1)",
    "COLOR_TOKEN": "<b>",
    "BLOCKS": [
        {"USER": [{"NAME": "<img src=x onerror=window.hit=1>", "LINK": EVIL, "AVATAR": EVIL}]},
        {"LINK": [{"NAME": "press", "LINK": EVIL, "DESC": f"[url={EVIL}]x[/url]"}]},
        {
            "LINK": [
                {"NAME": "html", "LINK": "/x", "HTML": "<img src=x onerror=window.hit=1><script>window.hit=1</script>"}
            ]
        },
        {"RICH_LINK": [{"NAME": "rich", "LINK": EVIL, "PREVIEW": EVIL, "DESC": "<script>window.hit=1</script>"}]},
        {"MESSAGE": f"<script>window.hit=1</script>[url={EVIL}]x[/url]"},
        {
            "GRID": [
                {"DISPLAY": "<b>", "NAME": "<b>n</b>", "VALUE": f"[url={EVIL}]v[/url]", "LINK": EVIL, "COLOR": "x;y"}
            ]
        },
        {"IMAGE": [{"NAME": "i", "LINK": EVIL, "PREVIEW": "data:image/svg+xml,<svg onload=window.hit=1>"}]},
        {"IMAGE": [{"NAME": "outside", "LINK": "https://example.com/a.png", "WIDTH": "1;x", "HEIGHT": 2}]},
        {"FILE": [{"NAME": "f<script>", "LINK": EVIL, "SIZE": "x"}]},
        {"DELIMITER": {"SIZE": "9e9;x", "COLOR": "url(javascript:window.hit=1)"}},
        {"HTML": "<script>window.hit=1</script>"},
        None,
        {"GRID": "no list"},
    ],
}

HOSTILE_KEYS: list[Any] = [
    {"TEXT": "link", "LINK": EVIL},
    {"TEXT": "escaped", "LINK": "javascript&#58;window.hit=1"},
    {"TEXT": "<img src=x onerror=window.hit=1>", "COMMAND": "x", "BG_COLOR": "red;x:y", "WIDTH": "1;x"},
    None,
]

DRAW = """async ([codes, attach, keys]) => {
  const { bb, plain } = await import('/static/js/bb.js');
  const { attachCard } = await import('/static/js/attach.js');
  const { keyboard } = await import('/static/js/keyboard.js');
  for (const code of codes) { document.body.append(...bb(code)); plain(code); }
  document.body.append(attachCard(attach), keyboard(keys, { press() {} }));
  for (const button of document.querySelectorAll('button.key:not(:disabled)')) button.click();
}"""

HARM = """() => {
  const all = [...document.body.querySelectorAll('*')];
  const handlers = all.flatMap((node) => [...node.attributes].filter((one) => /^on/i.test(one.name)));
  const links = all.flatMap((node) => ['href', 'src', 'action', 'data'].map((name) => node.getAttribute?.(name)))
    .filter((value) => value && !/^(https?:\\/\\/|\\/|#)/.test(value));
  const outside = all.filter((node) => node.tagName === 'IMG' && new URL(node.src).origin !== location.origin);
  const tags = all.map((node) => node.tagName.toLowerCase())
    .filter((tag) => ['script', 'iframe', 'object', 'embed', 'style', 'svg:script'].includes(tag));
  const open = all.filter((node) => node.target === '_blank' && !/noopener/.test(node.rel));
  const hit = window.hit ?? null;
  return { hit, handlers: handlers.length, links, outside: outside.length, tags, open: open.length };
}"""
HARMLESS: dict[str, Any] = {"hit": None, "handlers": 0, "links": [], "outside": 0, "tags": [], "open": 0}

# Compares each visible text with the colour behind it; text on a gradient is left out.
FAINT = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const over = (top, under) => top.slice(0, 3).map((one, at) => one * top[3] + under[at] * (1 - top[3]));
  const light = (rgb) => { const [r, g, b] = rgb.map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (node) => { const layers = [];
    for (let at = node; at; at = at.parentElement) { const look = getComputedStyle(at);
      if (look.backgroundImage !== 'none') return null; layers.push(rgba(look.backgroundColor)); }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]); };
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    const words = walk.currentNode.textContent.trim();
    if (!words || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (node.closest(':disabled, [aria-disabled=true], .hidden, .blocked')) continue;
    const ground = behind(node);
    if (!ground) continue;
    const [a, b] = [light(over(rgba(getComputedStyle(node).color), ground)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${words.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""

NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, select, textarea')]
  .filter((node) => node.checkVisibility() && !(node.getAttribute('aria-label') || node.textContent.trim()
    || node.labels?.length || node.title)).map((node) => node.outerHTML.slice(0, 120))"""

ATTACH = [
    {"USER": {"NAME": "Build server", "AVATAR_TYPE": "BOT"}},
    {"LINK": {"NAME": "A ticket", "LINK": "https://example.com/12", "DESC": "Opened today"}},
    {"RICH_LINK": {"NAME": "A guide", "LINK": "https://example.com/guide", "PREVIEW": "https://example.com/p.png"}},
    {"MESSAGE": "Some [b]bold[/b] words"},
    {"GRID": [{"DISPLAY": "LINE", "NAME": "Priority", "VALUE": "High", "COLOR_TOKEN": "alert", "COLOR": "#ff0000"}]},
    {"GRID": [{"DISPLAY": "BLOCK", "NAME": "Where", "VALUE": "Kitchen", "COLOR_TOKEN": "primary"}]},
    {"GRID": [{"DISPLAY": "ROW", "NAME": "Until", "VALUE": "Friday", "COLOR_TOKEN": "secondary"}]},
    {"GRID": [{"DISPLAY": "TABLE", "NAME": "Machine", "VALUE": "Number 3"}]},
    {"IMAGE": {"NAME": "The puddle", "LINK": "https://example.com/puddle.jpg"}},
    {"FILE": {"NAME": "invoice.pdf", "LINK": "https://example.com/invoice.pdf", "SIZE": 184_320}},
    {"DELIMITER": {"SIZE": 150, "COLOR": "#8899aa"}},
]
KEYS = [
    {"TEXT": "Primary", "COMMAND": "help", "BG_COLOR_TOKEN": "primary", "DISPLAY": "LINE"},
    {"TEXT": "Secondary", "COMMAND": "help", "BG_COLOR_TOKEN": "secondary", "DISPLAY": "LINE"},
    {"TEXT": "Alert", "COMMAND": "help", "BG_COLOR_TOKEN": "alert", "DISPLAY": "LINE"},
    {"TEXT": "Yellow", "COMMAND": "help", "BG_COLOR": "#ffd84d", "DISPLAY": "LINE"},
    {"TYPE": "NEWLINE"},
    {"TEXT": "Alone in its row", "COMMAND": "help", "WIDTH": 240},
]


def test_drawn_text_never_becomes_code(browser: Browser, started: StartedPortal) -> None:
    """Hostile BB code, attachments and button values create no script, handler, foreign picture or bad link."""
    with looking(browser, f"{started.url}/?as={OLGA}") as page:
        expect(page.get_by_role("button", name="General talk")).to_be_visible()
        page.evaluate(DRAW, [HOSTILE_BB, HOSTILE_ATTACH, HOSTILE_KEYS])
        assert page.evaluate(HARM) == HARMLESS


def test_stored_text_never_becomes_code(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """The same is true for content that goes through the portal into chat, feed and timeline."""
    for code in HOSTILE_BB[:-2]:
        bot.says(f"{code} .", to=str(CLARA))
    started.control("posts", **{"as": OLGA, "text": "\n".join(HOSTILE_BB[:-2]), "title": HOSTILE_BB[7], "dest": ["UA"]})
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        expect(message(page, "never closed")).to_be_visible()
        assert page.evaluate(HARM) == HARMLESS
        page.get_by_role("button", name="News Feed").click()
        expect(page.get_by_role("article").filter(has_text="never closed")).to_be_visible()
        assert page.evaluate(HARM) == HARMLESS


def test_foreign_pictures_are_loaded_after_a_click_only(
    browser: Browser, started: StartedPortal, bot: StartedBot
) -> None:
    """A message that is shown loads nothing from other servers."""
    bot.says("With a picture", to=str(CLARA), ATTACH=ATTACH)
    asked: list[str] = []
    with looking(browser, "about:blank") as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{started.url}/?as={CLARA}&dialog={bot.id}")
        expect(message(page, "With a picture").get_by_role("button", name="The puddle")).to_be_visible()
    assert [url for url in asked if not url.startswith(started.url)] == []


def test_every_kind_of_block_is_drawn(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """Every block of an attachment shows its content."""
    bot.says("All of them", to=str(CLARA), ATTACH=ATTACH)
    with looking(browser, f"{started.url}/?as={CLARA}&dialog={bot.id}") as page:
        card = message(page, "All of them").get_by_role("region", name="Attachment")
        for words in (
            "Build server",
            "A ticket",
            "Opened today",
            "A guide",
            "bold",
            "The puddle",
            "invoice.pdf",
            "184 KB",
        ):
            expect(card.get_by_text(words).first).to_be_visible()
        for term, value in (("Priority", "High"), ("Where", "Kitchen"), ("Until", "Friday"), ("Machine", "Number 3")):
            expect(card.get_by_role("term").filter(has_text=term)).to_be_visible()
            expect(card.get_by_role("definition").filter(has_text=value)).to_be_visible()
        expect(card.get_by_role("separator")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_enough_contrast_and_controls_have_names(
    browser: Browser, started: StartedPortal, bot: StartedBot, *, dark: bool
) -> None:
    """On every tab, text has a contrast of 4.5 to 1 (WCAG AA), and every control has a name."""
    bot.says(
        "[color=#000]Black[/color] [color=#ff0]yellow[/color] [quote]quoted[/quote] [code]x[/code] [user=1]Olga[/user]",
        to=str(CLARA),
        ATTACH=ATTACH,
        KEYBOARD=KEYS,
    )
    places = [f"dialog={bot.id}", "dialog=chat10", "tab=feed", "tab=crm&entity=deal-42", "tab=bench"]
    for place in places:
        with looking(browser, f"{started.url}/?as={CLARA}&{place}", dark=dark) as page:
            expect(page.locator("h2, .wire").first).to_be_attached()
            page.wait_for_function("document.body.innerText.length > 80")
            assert page.evaluate(FAINT) == [], place
            assert page.evaluate(NAMELESS) == [], place


def wider(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_a_phone_shows_the_list_or_the_conversation(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """At 390 px, the page shows the list or the conversation, and nothing is wider than the screen."""
    bot.says("A rather long message for a small screen", to=str(CLARA), ATTACH=ATTACH, KEYBOARD=KEYS)
    with looking(browser, f"{started.url}/?as={CLARA}", width=390, height=844) as page:
        page.get_by_role("button", name="Feedbridge").click()
        expect(message(page, "A rather long")).to_be_visible()
        expect(page.get_by_role("button", name="New chat")).to_be_hidden()
        assert wider(page) <= 0
        page.get_by_role("button", name="Back to the chats").click()
        expect(page.get_by_role("button", name="New chat")).to_be_visible()
        for tab in ("News Feed", "CRM", "Workbench"):
            page.get_by_role("button", name=tab).click()
            expect(page.get_by_role("button", name=tab)).to_have_attribute("aria-current", "page")
            assert wider(page) <= 0, tab


def test_the_page_works_with_the_keyboard_alone(browser: Browser, started: StartedPortal, bot: StartedBot) -> None:
    """Tab and Enter lead from the start to a chat, to its input, and to a button of the bot."""
    bot.says(
        "Press me", to=str(CLARA), KEYBOARD=[{"TEXT": "Fill", "ACTION": "PUT", "ACTION_VALUE": "from the keyboard"}]
    )
    with looking(browser, f"{started.url}/?as={CLARA}") as page:
        entry = page.get_by_role("button", name="Feedbridge")
        expect(entry).to_be_visible()
        for _ in range(20):
            page.keyboard.press("Tab")
            if entry.evaluate("node => node === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(field(page)).to_be_focused()
        expect(page.get_by_role("button", name="Fill")).to_be_visible()  # the messages come after the input
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("button", name="Fill")).to_be_focused()
        page.keyboard.press("Enter")
        expect(field(page)).to_have_value("from the keyboard")
        expect(field(page)).to_be_focused()
