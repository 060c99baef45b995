"""Builders: their fields, and errors for values that a portal would drop without an error."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import keyboards
from keyboards import (
    REMOVE,
    App,
    Attach,
    BadButton,
    BadText,
    Button,
    Call,
    Command,
    Context,
    Copy,
    Dialog,
    Display,
    Keyboard,
    Link,
    Menu,
    Message,
    Put,
    Send,
    Token,
    attach,
    bb,
    envelope,
    normal,
    stored,
)  # fmt: skip
from keyboards.buttons import Action
from tests.effort import effort

# --- buttons ----------------------------------------------------------------------------------------

BUTTONS: list[tuple[Button, dict[str, object]]] = [
    (Command("Go", "/go"), {"TEXT": "Go", "COMMAND": "go"}),
    (Command("Go", "go", "a b", block=True), {"TEXT": "Go", "COMMAND": "go", "COMMAND_PARAMS": "a b", "BLOCK": "Y"}),
    (Command(" Go ", "go", "  "), {"TEXT": "Go", "COMMAND": "go"}),
    (Link("Go", "https://e.com/?a&b"), {"TEXT": "Go", "LINK": "https://e.com/?a&b"}),
    (App("Go", 7, "p"), {"TEXT": "Go", "APP_ID": 7, "APP_PARAMS": "p"}),
    (App("Go", 7), {"TEXT": "Go", "APP_ID": 7}),
    (Put("Go", "/x "), {"TEXT": "Go", "ACTION": "PUT", "ACTION_VALUE": "/x "}),
    (Send("Go", "x"), {"TEXT": "Go", "ACTION": "SEND", "ACTION_VALUE": "x"}),
    (Copy("Go", "x"), {"TEXT": "Go", "ACTION": "COPY", "ACTION_VALUE": "x"}),
    (Call("Go", "+49 (30) 1"), {"TEXT": "Go", "ACTION": "CALL", "ACTION_VALUE": "+49 (30) 1"}),
    (Dialog("Go", "chat10"), {"TEXT": "Go", "ACTION": "DIALOG", "ACTION_VALUE": "chat10"}),
    (Dialog("Go", "5"), {"TEXT": "Go", "ACTION": "DIALOG", "ACTION_VALUE": "5"}),
]


@pytest.mark.parametrize(("button", "wire"), BUTTONS, ids=[str(at) for at in range(len(BUTTONS))])
def test_every_action_of_a_button(button: Button, wire: dict[str, object]) -> None:
    """Each action has its keys without defaults, and the portal accepts it."""
    assert button.wire() == wire
    kept = normal.keyboard([button.wire()], 456)
    assert kept == [button.stored(456)]


def test_the_display_properties_of_a_button() -> None:
    """Each property that is not default has its own key in the request."""
    button = Send(
        "Go", "x", disabled=True, context=Context.MOBILE, display=Display.LINE, width=90, token=Token.ALERT,
        colour="#fff", text_colour="#000", off_colour="#aaa", off_text_colour="#bbb",
    )  # fmt: skip
    assert button.wire() == {
        "TEXT": "Go", "ACTION": "SEND", "ACTION_VALUE": "x", "CONTEXT": "MOBILE", "DISABLED": "Y", "DISPLAY": "LINE",
        "WIDTH": 90, "BG_COLOR_TOKEN": "alert", "BG_COLOR": "#fff", "TEXT_COLOR": "#000", "OFF_BG_COLOR": "#aaa",
        "OFF_TEXT_COLOR": "#bbb",
    }  # fmt: skip


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("TEXT is empty", lambda: Command("", "go")),
    ("TEXT is empty", lambda: Command("\u00a0 \n", "go")),
    ('TEXT is "0"', lambda: Command(" 0 ", "go")),
    ("surrogate", lambda: Command("\ud83d", "go")),
    ("not text", lambda: Command(5, "go")),  # type: ignore[arg-type]  # the wrong type is refused
    ("is not a command", lambda: Command("Go", "")),
    ("is not a command", lambda: Command("Go", "/")),
    ("is not a command", lambda: Command("Go", "0")),
    ("is not a command", lambda: Command("Go", "go there")),
    ("which the portal drops", lambda: Command("Go", "go", "0")),
    ("surrogate", lambda: Command("Go", "go", "\ud800")),
    ("is not a link", lambda: Link("Go", "HTTPS://e.com")),
    ("is not a link", lambda: Link("Go", "javascript:alert(1)")),
    ("is not a link", lambda: Link("Go", "e.com")),
    ("is not a link", lambda: Link("Go", " /x")),
    ("APP_ID", lambda: App("Go", 0)),
    ("APP_ID", lambda: App("Go", "7")),  # type: ignore[arg-type]  # the wrong type is refused
    ("ACTION_VALUE of PUT is empty", lambda: Put("Go", " ")),
    ("ACTION_VALUE of SEND is empty", lambda: Send("Go", "")),
    ("not a telephone number", lambda: Call("Go", "me")),
    ("not a dialog", lambda: Dialog("Go", "general")),
    ("not a dialog", lambda: Dialog("Go", "0")),
    ("WIDTH", lambda: Put("Go", "x", width=0)),
    ("WIDTH", lambda: Put("Go", "x", width=1.5)),  # type: ignore[arg-type]  # the wrong type is refused
    ("BG_COLOR", lambda: Put("Go", "x", colour="red")),
    ("TEXT_COLOR", lambda: Put("Go", "x", text_colour="#ff")),
    ("OFF_BG_COLOR", lambda: Put("Go", "x", off_colour="fff")),
    ("OFF_TEXT_COLOR", lambda: Put("Go", "x", off_text_colour="#ggg")),
    ("has no action", lambda: Button("Go")),
    ("Put, Send", lambda: Action("Go", "x")),
]


@pytest.mark.parametrize(("reason", "make"), REFUSED, ids=[f"{at} {reason}" for at, (reason, _) in enumerate(REFUSED)])
def test_a_button_that_would_be_dropped_is_an_error(reason: str, make: Callable[[], object]) -> None:
    """A button that the portal drops or ignores raises an error with the reason."""
    with pytest.raises(BadButton, match=reason):
        make()


def test_buttons_are_immutable_values() -> None:
    """Buttons are frozen, slotted, comparable, hashable, and can be copied and pickled."""
    button = Command("Go", "go")
    with pytest.raises(dataclasses.FrozenInstanceError):
        button.text = "Stop"  # type: ignore[misc]  # the wrong type is refused
    assert not hasattr(button, "__dict__")
    assert {button, Command("Go", "/go")} == {button}
    assert copy.deepcopy(button) == button == pickle.loads(pickle.dumps(button))  # noqa: S301 - our own bytes
    assert dataclasses.replace(button, disabled=True).disabled


# --- keyboards and menus ----------------------------------------------------------------------------


def test_newlines_separate_rows() -> None:
    """Buttons of one row share a line, a single button has its own, NEWLINE separates rows."""
    keyboard = Keyboard.of([[Put("1", "x"), Put("2", "x", display=Display.BLOCK)], Put("3", "x")])
    assert keyboard.wire() == [
        {"TEXT": "1", "ACTION": "PUT", "ACTION_VALUE": "x", "DISPLAY": "LINE"},
        {"TEXT": "2", "ACTION": "PUT", "ACTION_VALUE": "x"},
        {"TYPE": "NEWLINE"},
        {"TEXT": "3", "ACTION": "PUT", "ACTION_VALUE": "x"},
    ]


@pytest.mark.parametrize(
    ("widths", "rows"),
    [((2,), [2, 2, 1]), ((1, 3), [1, 3, 1]), ((5,), [5]), ((9, 1), [5]), ((1, 1, 2), [1, 1, 2, 1])],
)
def test_adjust(widths: tuple[int, ...], rows: list[int]) -> None:
    """The buttons keep their order in rows of the given widths, and the last width repeats."""
    keyboard = Keyboard.of([Put(str(at), "x") for at in range(1, 6)])
    adjusted = keyboard.adjust(*widths)
    assert [len(row) for row in adjusted.rows] == rows
    assert list(adjusted) == list(keyboard)


def test_adjust_can_repeat_its_widths() -> None:
    """With repeat, the widths are used in turn."""
    keyboard = Keyboard.of([Put(str(at), "x") for at in range(1, 8)])
    assert [len(row) for row in keyboard.adjust(2, 1, repeat=True).rows] == [2, 1, 2, 1, 1]


def test_a_keyboard_can_be_disabled() -> None:
    """A disabled keyboard keeps all buttons in place, and none of them acts."""
    keyboard = Keyboard.of([[Put("1", "x"), Link("2", "/")], Put("3", "x")])
    off = keyboard.disabled()
    assert all(button.disabled for button in off)
    assert [button.text for button in off] == [button.text for button in keyboard]
    assert [element.get("DISABLED") for element in off.wire()] == ["Y", "Y", None, "Y"]


def test_keyboards_are_joined_by_adding() -> None:
    """Adding keyboards joins their rows; the "more" of the second one is used."""
    one, two = Keyboard.of([Put("1", "x")]), Keyboard.of([Put("2", "x")], more=Put("More", "x"))
    assert one + two == Keyboard((*one.rows, *two.rows), two.more)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Keyboard(()),
        lambda: Keyboard.of([[]]),
        lambda: Keyboard.of([["text"]]),  # type: ignore[list-item]  # the wrong type is refused
        lambda: Keyboard.of([Put("1", "x")]).adjust(0),
        lambda: Keyboard.of([Put("1", "x")]).adjust(),
        lambda: Menu(()),
        lambda: Menu.of(["text"]),  # type: ignore[list-item]  # the wrong type is refused
    ],
)
def test_an_empty_or_invalid_keyboard_is_refused(make: Callable[[], object]) -> None:
    """An empty keyboard, row or menu, or one with other objects, is refused."""
    with pytest.raises(BadButton):
        make()


def test_a_command_needs_a_bot() -> None:
    """Without a bot, envelope and size refuse COMMAND buttons, because the portal would drop them."""
    command, link = Keyboard.of([Command("Go", "go")]), Keyboard.of([Link("Go", "/")])
    assert envelope(command.wire(), 456) == {"BOT_ID": 456, "BUTTONS": [{"TEXT": "Go", "COMMAND": "go"}]}
    assert envelope(link.wire(), 0)["BOT_ID"] == 0
    assert (command.needs_bot(), link.needs_bot()) == (True, False)
    refused: list[Callable[[], object]] = [
        lambda: envelope(command.wire(), 0),
        lambda: stored(command, 0),
        lambda: stored(Menu.of([Command("Go", "go")]), 0),
    ]
    for make in refused:
        with pytest.raises(BadButton, match="BOT_ID is 0"):
            make()


def test_a_menu() -> None:
    """Items have a text, an action, CONTEXT and DISABLED."""
    menu = Menu.of([Command("Go", "go", context=Context.DESKTOP, disabled=True), Copy("Id", "7")])
    assert menu.wire() == [
        {"TEXT": "Go", "COMMAND": "go", "CONTEXT": "DESKTOP", "DISABLED": "Y"},
        {"TEXT": "Id", "ACTION": "COPY", "ACTION_VALUE": "7"},
    ]
    assert (len(list(menu)), menu.needs_bot()) == (2, True)


@pytest.mark.parametrize(
    "item",
    [
        Command("Go", "go", block=True), Put("Go", "x", display=Display.LINE), Put("Go", "x", width=5),
        Put("Go", "x", token=Token.ALERT), Put("Go", "x", colour="#fff"), Put("Go", "x", off_text_colour="#fff"),
    ],
)  # fmt: skip
def test_a_menu_refuses_display_properties(item: Button) -> None:
    """Fields that a menu cannot have are refused."""
    with pytest.raises(BadButton, match="the menu item"):
        Menu.of([item])


def test_the_work_grows_linearly_with_the_buttons() -> None:
    """Ten times the buttons take about ten times the work."""

    def work(count: int) -> int:
        return effort(lambda: Keyboard.of([Put(str(at), "x") for at in range(1, count + 1)]).adjust(3).wire())

    assert work(3000) < 15 * work(300)


def test_a_message_accepts_text_or_a_document() -> None:
    """A document becomes BB code; a message without text and attach is refused."""
    assert Message(bb.bold("a")).text == "[b]a[/b]"
    assert Message("[b]a[/b]").plain() == "a"
    assert Message("", attach=Attach.of([attach.Delimiter()])).text == ""
    for refused in ("", " \n", "\ud800"):
        with pytest.raises(BadText):
            Message(refused)


def test_every_public_name_exists() -> None:
    """Everything in __all__ exists, and REMOVE removes."""
    public: dict[str, Any] = {name: getattr(keyboards, name) for name in keyboards.__all__}
    assert len(public) == len(set(keyboards.__all__))
    assert REMOVE == "N"


def test_a_message_returns_the_fields_of_a_request() -> None:
    """One call returns the fields of either API generation, without absent ones."""
    keyboard = Keyboard.of([Command("Go", "go")])
    card = Attach.of([attach.Delimiter()])
    message = Message("a", keyboard, card)
    full = {"BOT_ID": 7, "BUTTONS": keyboard.wire()}
    assert Message("a").wire(7) == {"MESSAGE": "a"}
    assert message.wire(7) == {"MESSAGE": "a", "KEYBOARD": full, "ATTACH": card.wire()}
    assert message.fields(7) == {"message": "a", "keyboard": full, "attach": card.wire()}
    menu = Message("a", menu=Menu.of([Command("Go", "go")]))
    assert menu.wire(7) == {"MESSAGE": "a", "MENU": [{"TEXT": "Go", "COMMAND": "go"}]}
    for make, bot_id in ((menu.fields, 7), (menu.wire, 0), (message.wire, 0), (message.fields, 0)):
        with pytest.raises(BadButton):
            make(bot_id)


def test_an_envelope_accepts_a_keyboard_or_a_list() -> None:
    """An envelope accepts a keyboard or its list of buttons."""
    keyboard = Keyboard.of([Command("Go", "go")])
    assert envelope(keyboard, 7) == envelope(keyboard.wire(), 7)


def test_a_grid_accepts_pairs_and_rows() -> None:
    """Pairs and rows can be mixed in a grid."""
    assert attach.Grid.of([("a", "b"), attach.Row("c", "d", link="/e")]).rows == (
        attach.Row("a", "b"),
        attach.Row("c", "d", link="/e"),
    )
    assert attach.Grid.of({"Author": "Anna"}) == attach.Grid.of([("Author", "Anna")])
