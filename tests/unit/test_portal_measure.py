"""Normal forms and sizes of ATTACH, KEYBOARD and MENU, counted by hand from the published rules."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.markup import attach, keyboard, menu, size

NOW = 1_790_000_000
KEYS = ("TEXT", "LINK", "COMMAND", "ACTION", "ACTION_VALUE", "BUTTONS", "ITEMS", "BLOCKS", "MESSAGE", "GRID", "USER")
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS) | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("normal", "weight"),
    [
        (keyboard.normalize([{"TEXT": "a", "COMMAND": "b"}], bot=7), 180 + 2),
        (keyboard.normalize([{"TEXT": "a", "LINK": "/"}], bot=7), 158 + 2),
        (menu.normalize([{"TEXT": "a", "LINK": "/"}], bot=7), 66 + 2),
        (attach.normalize([{"MESSAGE": "a"}], now=NOW), 81 + 1),
    ],
    ids=["command button", "link button", "menu item", "attach"],
)
def test_the_published_sizes_of_the_smallest_objects(normal: Any, weight: int) -> None:
    """The published sizes hold; a list adds two brackets, a text its letters."""
    assert size.measure(normal, "60000") == weight


@pytest.mark.parametrize(
    ("text", "chars"),
    [("ж", 1), ("😀", 1), ("/", 2), ('"', 2), ("\\", 2), ("\n", 2), ("\x01", 6), ("\u2028", 6), ("<>&'", 4)],
    ids=ascii,
)
def test_the_size_of_each_character(text: str, chars: int) -> None:
    """Characters count as stored: raw non-ASCII, escaped slashes, quotes and control characters."""
    assert size.measure(text, "60000") == chars + 2


def test_the_longest_message_block() -> None:
    """59,918 plain characters fit into one MESSAGE block, one more does not."""
    assert size.fits(attach.normalize([{"MESSAGE": "a" * 59_918}], now=NOW), "60000")
    assert not size.fits(attach.normalize([{"MESSAGE": "a" * 59_919}], now=NOW), "60000")


def test_the_older_rule_counts_bytes() -> None:
    """With the rule 30kb, a Cyrillic letter counts two, and 30,000 bytes are allowed."""
    base = size.measure(attach.normalize([{"MESSAGE": "a"}], now=NOW), "30kb") - 1
    full = (30_000 - base) // 2
    assert size.fits(attach.normalize([{"MESSAGE": "ж" * full}], now=NOW), "30kb")
    assert not size.fits(attach.normalize([{"MESSAGE": "ж" * (full + 1)}], now=NOW), "30kb")


def test_a_button_in_full() -> None:
    """A button gets its defaults in the portal's order, and unknown keys are dropped."""
    given = {"TEXT": " Go ", "COMMAND": "/do", "COMMAND_PARAMS": "now", "BG_COLOR": "#AbC", "WIDTH": "90", "X": 1}
    assert list((keyboard.normalize([given], bot=7) or [{}])[0].items()) == [
        ("BOT_ID", 7),
        ("TYPE", "BUTTON"),
        ("COMMAND", "do"),
        ("COMMAND_PARAMS", "now"),
        ("TEXT", "Go"),
        ("VOTE", "N"),
        ("BLOCK", "N"),
        ("WAIT", "N"),
        ("CONTEXT", "ALL"),
        ("DISABLED", "N"),
        ("DISPLAY", "BLOCK"),
        ("WIDTH", 90),
        ("BG_COLOR", "#AbC"),
        ("BG_COLOR_TOKEN", "base"),
    ]


@pytest.mark.parametrize(
    "button",
    [
        {"LINK": "/a"},
        {"TEXT": " ", "LINK": "/a"},
        {"TEXT": "0", "LINK": "/a"},
        {"TEXT": 5, "LINK": "/a"},
        {"TEXT": "a"},
        {"TEXT": "a", "LINK": "HTTPS://x.example/"},
        {"TEXT": "a", "LINK": "x.example"},
        {"TEXT": "a", "ACTION": "put", "ACTION_VALUE": "b"},
        {"TEXT": "a", "ACTION": "PUT", "ACTION_VALUE": " "},
        {"TEXT": "a", "FUNCTION": "f", "LINK": "/a"},
        "text",
    ],
    ids=str,
)
def test_an_invalid_button_is_dropped_without_an_error(button: Any) -> None:
    """One valid button makes a keyboard; without one there is none."""
    good = {"TEXT": "a", "LINK": "/a"}
    assert len(keyboard.normalize([good, button], bot=7) or []) == 1
    assert keyboard.normalize([button], bot=7) is None


@pytest.mark.parametrize(
    ("button", "action"),
    [
        ({"LINK": "/a?b=1&c=2", "COMMAND": "x"}, {"LINK": "/a?b=1&amp;c=2"}),
        ({"LINK": "bad", "COMMAND": "x"}, {"COMMAND": "x", "COMMAND_PARAMS": ""}),
        ({"APP_ID": "3", "ACTION": "PUT", "ACTION_VALUE": "v"}, {"APP_ID": 3}),
        ({"ACTION": "NO", "ACTION_VALUE": "v", "COMMAND": "x"}, {"COMMAND": "x", "COMMAND_PARAMS": ""}),
    ],
    ids=["link first", "falls through", "app before action", "unknown action"],
)
def test_the_first_valid_action_wins(button: dict[str, Any], action: dict[str, Any]) -> None:
    """A button keeps the first valid action of link, application, action, command."""
    made = (keyboard.normalize([{"TEXT": "a", **button}], bot=7) or [{}])[0]
    assert {
        key: made[key] for key in made if key in {"LINK", "APP_ID", "ACTION", "COMMAND", "COMMAND_PARAMS"}
    } == action


def test_commands_need_a_bot() -> None:
    """Without a bot, all COMMAND buttons are dropped."""
    assert keyboard.normalize([{"TEXT": "a", "COMMAND": "b"}], bot=0) is None


def test_the_envelope_of_a_keyboard() -> None:
    """Text, object and list mean the same; outer colours are defaults; v1 uses the request's bot."""
    envelope = {"BOT_ID": 99, "BUTTONS": [{"TEXT": "a", "COMMAND": "b"}], "COLORS": {"BG_COLOR": "#fff"}, "VOTE": "Y"}
    made = (keyboard.normalize(json.dumps(envelope), bot=7) or [{}])[0]
    assert (made["BOT_ID"], made["BG_COLOR"], made["VOTE"]) == (7, "#fff", "Y")
    assert (keyboard.normalize(envelope, bot=7, own_bot=True) or [{}])[0]["BOT_ID"] == 99
    assert keyboard.normalize([{"TYPE": "NEWLINE", "TEXT": "x"}], bot=7) == [{"TYPE": "NEWLINE"}]


def test_a_menu_item_in_full() -> None:
    """A menu escapes its texts, accepts "0", and has no NEWLINE."""
    assert menu.normalize({"ITEMS": [{"TEXT": "0", "LINK": "/a"}, {"TYPE": "NEWLINE"}]}, bot=7) == [
        {"BOT_ID": 7, "LINK": "/a", "TEXT": "0", "CONTEXT": "ALL", "DISABLED": "N"}
    ]
    assert (menu.normalize([{"TEXT": "a&b", "COMMAND": "c"}], bot=7) or [{}])[0]["TEXT"] == "a&amp;b"


def test_the_envelope_of_an_attachment() -> None:
    """The given ID is ignored, backslash sequences become characters, CHAT is no colour."""
    made = attach.normalize(
        {"ID": 5, "COLOR": "CHAT", "COLOR_TOKEN": "alert", "BLOCKS": [{"MESSAGE": "a\\nb"}]}, now=NOW
    )
    assert made == {"ID": NOW, "BLOCKS": [{"MESSAGE": "a\nb"}], "DESCRIPTION": "", "COLOR_TOKEN": "alert"}


@pytest.mark.parametrize(
    ("block", "stored"),
    [
        ({"MESSAGE": " a#BR#b "}, [{"MESSAGE": "a[BR]b"}]),
        ({"GRID": [{"NAME": "a", "DISPLAY": "CARD"}, {"VALUE": " "}]}, "LINE"),
        ({"DELIMITER": {"COLOR": "red"}}, [{"DELIMITER": {"SIZE": 200}}]),
        (
            {"IMAGE": {"LINK": "https://x.example/i.png", "WIDTH": "0"}},
            [{"IMAGE": [{"LINK": "https://x.example/i.png"}]}],
        ),
        ({"FILE": [{"LINK": "nowhere"}]}, []),
        ({"HTML": "<b>"}, []),
        ({"USER": {"AVATAR": "/a.png"}}, []),
        ({"LINK": {"USER_ID": 5}}, []),
        ({"LINK": {"USER_ID": 5, "NAME": "n"}}, [{"LINK": [{"NAME": "n", "USER_ID": 5}]}]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_blocks(block: dict[str, Any], stored: Any) -> None:
    """Each block keeps its known fields and is dropped without valid ones."""
    made = attach.normalize([block, {"MESSAGE": "end"}], now=NOW) or {}
    if stored == "LINE":
        assert made["BLOCKS"][0] == {"GRID": [{"DISPLAY": "LINE", "NAME": "a", "COLOR_TOKEN": "base"}]}
    else:
        assert made["BLOCKS"] == [*stored, {"MESSAGE": "end"}]


@given(ANY)
def test_any_input_is_measured_or_refused(raw: Any) -> None:
    """Any input gives a normal form or nothing, and a normal form stays unchanged."""
    made = keyboard.normalize(raw, bot=7)
    if made is not None:
        assert keyboard.normalize(json.loads(json.dumps(made).replace("&amp;", "&")), bot=7) is not None
    for normal in (menu.normalize(raw, bot=7), attach.normalize(raw, now=NOW)):
        assert normal is None or size.measure(normal, "60000") > 0


@given(st.text(max_size=60))
def test_any_text_is_measured_or_refused(text: str) -> None:
    """A text that is not valid JSON is no keyboard."""
    assert keyboard.normalize(text, bot=7) is None or text.lstrip()[:1] in "[{"


def test_deeply_nested_json_is_refused() -> None:
    """JSON that is nested too deeply is refused."""
    assert attach.normalize("[" * 5000 + "]" * 5000, now=NOW) is None
    assert attach.normalize('{"BLOCKS":' + '[{"GRID":' * 300 + "1" + "}]" * 300 + "}", now=NOW) is None
