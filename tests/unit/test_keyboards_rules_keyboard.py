"""The rules of KEYBOARD and MENU (reference: behaviour 2), each with a test that fails without it."""

import json
from typing import Any

import pytest

from keyboards import normal

BOT = 456
VALID: dict[str, Any] = {"TEXT": "Go", "COMMAND": "go"}


def stored(button: dict[str, Any], bot: int = BOT, **wrapper: Any) -> dict[str, Any] | None:
    """Return the stored form of one button."""
    buttons = normal.keyboard({"BUTTONS": [button], **wrapper}, bot)
    return dict(buttons[0]) if buttons else None


def item(given: dict[str, Any], bot: int = BOT) -> dict[str, Any] | None:
    """Return the stored form of one menu item."""
    items = normal.menu([given], bot)
    return dict(items[0]) if items else None


# --- 2.1 the envelope -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([VALID], id="bare list"),
        pytest.param({"BUTTONS": [VALID]}, id="object with BUTTONS"),
        pytest.param({"a": VALID}, id="object read as a list"),
        pytest.param(json.dumps([VALID]), id="text of a list"),
        pytest.param(json.dumps({"BUTTONS": [VALID]}), id="text of an object"),
    ],
)
def test_every_form_of_the_envelope_is_read(given: Any) -> None:
    """A list, an object, and the JSON text of either give the same button."""
    assert normal.keyboard(given, BOT) == [stored(VALID)]


@pytest.mark.parametrize("given", ["no json", "7", 7, None, True, [], {}, {"BUTTONS": []}, '["\\ud800"]'])
def test_an_envelope_without_buttons_is_invalid(given: Any) -> None:
    """Without buttons the result is KEYBOARD_ERROR or MENU_ERROR."""
    assert normal.keyboard(given, BOT) is None
    assert normal.menu(given, BOT) is None


def test_json_with_half_of_a_surrogate_pair_is_invalid() -> None:
    """JSON text that UTF-8 cannot encode is invalid."""
    assert normal.keyboard(json.dumps([VALID | {"TEXT": "a\ud800"}]), BOT) is None
    assert normal.keyboard(json.dumps([VALID | {"TEXT": "😀"}]), BOT) is not None


def test_the_acting_bot_overwrites_the_bot_of_the_envelope() -> None:
    """BOT_ID inside a v1 keyboard is ignored."""
    kept = stored(VALID | {"BOT_ID": 9}, BOT_ID=8)
    assert kept is not None
    assert kept["BOT_ID"] == BOT


def test_without_a_bot_a_command_is_dropped() -> None:
    """With BOT_ID 0, all COMMAND buttons and items are dropped."""
    assert stored(VALID, bot=0) is None
    assert item(VALID, bot=0) is None


@pytest.mark.parametrize(("vote", "kept"), [("Y", "Y"), ("y", "N"), (None, "N")])
def test_vote_comes_from_the_envelope(vote: Any, kept: str) -> None:
    """VOTE is Y only for exactly Y in the outer object; the button's own is ignored."""
    made = stored(VALID | {"VOTE": "Y"}, VOTE=vote)
    assert made is not None
    assert made["VOTE"] == kept


def test_the_keys_are_case_sensitive() -> None:
    """Lower-case keys are unknown, so the button has no text."""
    assert stored({"text": "Go", "command": "go"}) is None


# --- 2.2 the elements -------------------------------------------------------------------------------


def test_a_newline_is_stored_alone() -> None:
    """Other fields of a NEWLINE are dropped."""
    assert stored({"TYPE": "NEWLINE", **VALID}) == {"TYPE": "NEWLINE"}


def test_a_keyboard_of_newlines_is_valid() -> None:
    """A keyboard of row breaks only is valid."""
    assert normal.keyboard([{"TYPE": "NEWLINE"}] * 2, BOT) == [{"TYPE": "NEWLINE"}] * 2


def test_an_element_with_a_function_is_skipped() -> None:
    """An element with FUNCTION is dropped, even with a link."""
    assert stored(VALID | {"FUNCTION": "f()", "LINK": "/a"}) is None


@pytest.mark.parametrize("text", [None, 5, ["a"], "", " \t\n\r\0\x0b", "0", " 0 "])
def test_a_button_without_text_is_dropped(text: Any) -> None:
    """A button whose text is missing, no text, blank or "0" is dropped."""
    assert stored(VALID | {"TEXT": text}) is None


def test_the_text_of_a_button_is_trimmed_and_not_escaped() -> None:
    """White space is trimmed, HTML stays, and a no-break space is not white space."""
    made = stored(VALID | {"TEXT": "\n a<b>&\u00a0 "})
    assert made is not None
    assert made["TEXT"] == "a<b>&\u00a0"


@pytest.mark.parametrize("link", ["/path", "http://a", "https://a"])
def test_a_valid_link_is_accepted(link: str) -> None:
    """A path of the portal and both schemes are links."""
    made = stored({"TEXT": "a", "LINK": link})
    assert made is not None
    assert made["LINK"] == link


@pytest.mark.parametrize("link", ["HTTPS://a", "Http://a", "ftp://a", "javascript:a", " /a", "a", "", 5, None, ["/a"]])
def test_a_wrong_link_is_no_action(link: Any) -> None:
    """The scheme must be lower case and at the beginning."""
    assert stored({"TEXT": "a", "LINK": link}) is None


def test_a_link_is_stored_escaped() -> None:
    """The five characters of HTML become entities, in keyboards and menus."""
    for made in (stored, item):
        kept = made({"TEXT": "a", "LINK": "/?a=1&b=<\">'"})
        assert kept is not None
        assert kept["LINK"] == "/?a=1&amp;b=&lt;&quot;&gt;&#039;"


ACTIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("link", {"LINK": "/a"}, {"LINK": "/a"}),
    ("app", {"APP_ID": "7"}, {"APP_ID": 7}),
    ("action", {"ACTION": "PUT", "ACTION_VALUE": "x"}, {"ACTION": "PUT", "ACTION_VALUE": "x"}),
    ("command", {"COMMAND": "go"}, {"COMMAND": "go", "COMMAND_PARAMS": ""}),
]


@pytest.mark.parametrize("first", range(len(ACTIONS)), ids=[name for name, _, _ in ACTIONS])
def test_the_first_valid_action_wins(first: int) -> None:
    """LINK before APP_ID before ACTION before COMMAND; the others are dropped."""
    given = {"TEXT": "a"}
    for _, action, _ in reversed(ACTIONS[first:]):
        given |= action
    for made in (stored, item):
        kept = made(given)
        assert kept is not None
        assert {
            key: kept[key]
            for key in kept
            if key in {"LINK", "APP_ID", "ACTION", "ACTION_VALUE", "COMMAND", "COMMAND_PARAMS"}
        } == ACTIONS[first][2]


def test_an_invalid_action_does_not_hide_the_next_one() -> None:
    """Invalid actions do not hide a valid command after them."""
    made = stored(VALID | {"LINK": "HTTPS://a", "APP_ID": 0, "ACTION": "JUMP", "ACTION_VALUE": "x"})
    assert made is not None
    assert made["COMMAND"] == "go"


def test_a_button_without_an_action_is_dropped() -> None:
    """A text without an action is no button and no item."""
    assert stored({"TEXT": "a"}) is None
    assert item({"TEXT": "a"}) is None


@pytest.mark.parametrize(("app", "kept"), [(7, 7), ("7", 7), (" 7a", 7), (True, 1)])
def test_an_application_is_a_whole_number(app: Any, kept: int) -> None:
    """APP_ID is read as a number."""
    made = stored({"TEXT": "a", "APP_ID": app})
    assert made is not None
    assert made["APP_ID"] == kept


@pytest.mark.parametrize(("params", "kept"), [("p", {"APP_PARAMS": "p"}), (" ", {}), (5, {}), (None, {})])
def test_blank_parameters_of_an_application_are_left_out(params: Any, kept: dict[str, str]) -> None:
    """APP_PARAMS that are blank or no text are left out."""
    made = stored({"TEXT": "a", "APP_ID": 7, "APP_PARAMS": params})
    assert made is not None
    assert {key: made[key] for key in made if key == "APP_PARAMS"} == kept


@pytest.mark.parametrize("action", ["PUT", "SEND", "COPY", "CALL", "DIALOG", "LIVECHAT", "HELP"])
def test_the_actions_of_a_keyboard(action: str) -> None:
    """Seven actions in exact spelling are stored with their value unchanged."""
    given = {"TEXT": "a", "ACTION": action, "ACTION_VALUE": " <v> "}
    made = stored(given)
    assert made is not None
    assert (made["ACTION"], made["ACTION_VALUE"]) == (action, " <v> ")
    assert stored(given | {"ACTION": action.lower()}) is None
    assert stored(given | {"ACTION_VALUE": " \n"}) is None
    assert stored({"TEXT": "a", "ACTION": action}) is None


@pytest.mark.parametrize(
    ("command", "kept"), [("go", "go"), ("/go", "go"), ("//go", "/go"), ("/", None), (" ", None), (5, None)]
)
def test_one_leading_slash_of_a_command_is_removed(command: Any, kept: str | None) -> None:
    """One leading slash is removed; an empty command is invalid."""
    made = stored({"TEXT": "a", "COMMAND": command})
    assert (made["COMMAND"] if made else None) == kept


@pytest.mark.parametrize(("params", "kept"), [("x y", "x y"), (None, ""), (5, "")])
def test_parameters_of_a_command_are_text(params: Any, kept: str) -> None:
    """COMMAND_PARAMS is always stored, empty when it is no text."""
    made = stored(VALID | {"COMMAND_PARAMS": params})
    assert made is not None
    assert made["COMMAND_PARAMS"] == kept


def test_the_stored_keys_and_their_order() -> None:
    """Defaults are added, unknown keys are dropped, in the order of the portal."""
    given = VALID | {
        "WIDTH": 9, "OFF_TEXT_COLOR": "#fff", "OFF_BG_COLOR": "#fff", "TEXT_COLOR": "#fff", "BG_COLOR": "#fff", "X": 1,
        "BG_COLOR_TOKEN": "alert",
    }  # fmt: skip
    made = stored(given)
    assert made is not None
    assert " ".join(made) == (
        "BOT_ID TYPE COMMAND COMMAND_PARAMS TEXT VOTE BLOCK WAIT CONTEXT DISABLED DISPLAY WIDTH BG_COLOR "
        "BG_COLOR_TOKEN TEXT_COLOR OFF_BG_COLOR OFF_TEXT_COLOR"
    )
    assert made["TYPE"] == "BUTTON"


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("BLOCK", "Y", "Y"), ("BLOCK", "y", "N"), ("BLOCK", True, "N"), ("BLOCK", None, "N"),
        ("DISABLED", "Y", "Y"), ("DISABLED", 1, "N"), ("DISABLED", None, "N"),
        ("WAIT", "Y", "N"),
        ("CONTEXT", "MOBILE", "MOBILE"), ("CONTEXT", "DESKTOP", "DESKTOP"), ("CONTEXT", "mobile", "ALL"),
        ("CONTEXT", None, "ALL"), ("CONTEXT", ["MOBILE"], "ALL"),
        ("DISPLAY", "LINE", "LINE"), ("DISPLAY", "line", "BLOCK"), ("DISPLAY", None, "BLOCK"),
        ("BG_COLOR_TOKEN", "primary", "primary"), ("BG_COLOR_TOKEN", "secondary", "secondary"),
        ("BG_COLOR_TOKEN", "alert", "alert"), ("BG_COLOR_TOKEN", "Primary", "base"), ("BG_COLOR_TOKEN", None, "base"),
        ("BG_COLOR_TOKEN", {"a": 1}, "base"),
        ("WIDTH", 9, 9), ("WIDTH", "9px", 9), ("WIDTH", 0, None), ("WIDTH", -1, None), ("WIDTH", "x", None),
        ("BG_COLOR", "#aBc", "#aBc"), ("BG_COLOR", "#aBcDeF", "#aBcDeF"), ("BG_COLOR", "#abcd", None),
        ("BG_COLOR", "abc", None), ("BG_COLOR", "#ggg", None), ("BG_COLOR", "#abc\n", None), ("BG_COLOR", 5, None),
        ("TEXT_COLOR", "#fff", "#fff"), ("TEXT_COLOR", "white", None),
        ("OFF_BG_COLOR", "#fff", "#fff"), ("OFF_BG_COLOR", "", None),
        ("OFF_TEXT_COLOR", "#fff", "#fff"), ("OFF_TEXT_COLOR", "#ffff", None),
    ],
)  # fmt: skip
def test_display_fields_have_allowed_values_and_defaults(key: str, given: Any, kept: Any) -> None:
    """Each display field has its values and its default, and never drops the button."""
    made = stored(VALID | {key: given})
    assert made is not None
    assert made.get(key) == kept


@pytest.mark.parametrize("key", ["BG_COLOR", "TEXT_COLOR", "OFF_BG_COLOR", "OFF_TEXT_COLOR"])
def test_colours_of_the_envelope_replace_invalid_ones(key: str) -> None:
    """An invalid or missing colour becomes that of the outer object, if it is valid."""
    own = stored(VALID | {key: "#123"}, COLORS={key: "#456"})
    wrong = stored(VALID | {key: "red"}, COLORS={key: "#456"})
    none = stored(VALID | {key: "red"}, COLORS={key: "blue"})
    assert own is not None
    assert wrong is not None
    assert none is not None
    assert (own.get(key), wrong.get(key), none.get(key)) == ("#123", "#456", None)


def test_one_valid_button_makes_a_keyboard() -> None:
    """Fifty invalid buttons are dropped without an error."""
    assert normal.keyboard([{"TEXT": "bad"}] * 25 + [VALID] + [7, "x", None] * 8, BOT) == [stored(VALID)]


def test_the_number_of_buttons_is_not_limited() -> None:
    """A thousand buttons are stored; only the size is limited."""
    assert len(normal.keyboard([VALID] * 1000, BOT) or []) == 1000


# --- 2.3 the menu -----------------------------------------------------------------------------------


def test_the_envelope_of_a_menu() -> None:
    """ITEMS, a list, and the JSON text of either are read."""
    forms: list[Any] = [[VALID], {"ITEMS": [VALID]}, json.dumps({"ITEMS": [VALID]}), json.dumps([VALID])]
    assert [normal.menu(form, BOT) for form in forms] == [[item(VALID)]] * 4


def test_the_stored_keys_of_an_item() -> None:
    """An item has bot, action, text, CONTEXT and DISABLED, and no display fields."""
    assert item(VALID | {"CONTEXT": "MOBILE", "DISABLED": "Y", "BG_COLOR": "#fff", "WIDTH": 5}) == {
        "BOT_ID": BOT, "COMMAND": "go", "COMMAND_PARAMS": "", "TEXT": "Go", "CONTEXT": "MOBILE", "DISABLED": "Y",
    }  # fmt: skip


def test_the_text_of_an_item_is_escaped() -> None:
    """An ampersand in a menu counts five characters."""
    made = item(VALID | {"TEXT": " a & <b> "})
    assert made is not None
    assert made["TEXT"] == "a &amp; &lt;b&gt;"


def test_zero_is_a_text_of_an_item() -> None:
    """The text of an item may be "0", unlike that of a button, but not blank."""
    made = item(VALID | {"TEXT": "0"})
    assert made is not None
    assert made["TEXT"] == "0"
    assert item(VALID | {"TEXT": " "}) is None


def test_a_menu_has_no_newline_and_no_function() -> None:
    """Elements with NEWLINE or FUNCTION are dropped."""
    assert item({"TYPE": "NEWLINE"}) is None
    assert item(VALID | {"FUNCTION": "f()"}) is None


@pytest.mark.parametrize(
    ("action", "taken"),
    [
        ("PUT", True),
        ("SEND", True),
        ("COPY", True),
        ("CALL", True),
        ("DIALOG", True),
        ("LIVECHAT", False),
        ("HELP", False),
    ],
)
def test_the_actions_of_a_menu(action: str, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """A menu has five of the seven actions of a keyboard."""
    assert (item({"TEXT": "a", "ACTION": action, "ACTION_VALUE": "v"}) is not None) is taken
