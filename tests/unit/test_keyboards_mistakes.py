"""Mistakes of authors without a type checker raise an error at once that says what to write."""

from collections.abc import Callable
from typing import Any

import pytest

from keyboards import (
    Attach,
    BadBlock,
    BadButton,
    Binding,
    Command,
    Keyboard,
    KeyboardsError,
    Menu,
    Message,
    Put,
    Signer,
    attach,
    bb,
    envelope,
    pages,
)

ANY: Any = Command
"""A value without a type, as in an unchecked program."""
GO = Command("Go", "go")
KEY = b"a secret of sixteen bytes or more"

MISTAKES: list[tuple[Callable[[], object], str]] = [
    (lambda: ANY("Go", "go", token="primary"), "write Token.PRIMARY"),
    (lambda: ANY("Go", "go", token="pink"), "one of Token.PRIMARY, Token.SECONDARY"),
    (lambda: ANY("Go", "go", context="MOBILE"), "write Context.MOBILE"),
    (lambda: ANY("Go", "go", display="LINE"), "write Display.LINE"),
    (lambda: ANY("Go", "go", rank="may"), "write Rank.MAY"),
    (lambda: ANY("Go", "go", rank=None), "one of Rank.MUST"),
    (lambda: ANY("Go", "go", instead="Go"), "instead is str, not a button"),
    (lambda: Keyboard.of([GO], more="More"), "more is str, not a button"),  # type: ignore[arg-type]  # the mistake
    (lambda: Keyboard.of([None]), "a row contains buttons, not NoneType"),  # type: ignore[list-item]  # the mistake
    (lambda: Attach.of([attach.Message("a")], more="b"), "more is str, not a block"),  # type: ignore[arg-type]  # the mistake
    (lambda: Attach.of([attach.Message("a")], token="alert"), "write Token.ALERT"),  # type: ignore[arg-type]  # the mistake
    (lambda: Attach.of([attach.Message("a", rank="may")]), "write Rank.MAY"),  # type: ignore[arg-type]  # the mistake
    (lambda: Attach.of([attach.Message("a", instead="b")]), "instead is str, not a block"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.User("a", avatar_type="BOT"), "write Avatar.BOT"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.Row("a", token="alert"), "write Token.ALERT"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.Row("a", rank="may"), "write Rank.MAY"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.Grid.of([("a", "b")], "ROW"), "write GridDisplay.ROW"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.Grid([("a", "b")]), "a GRID contains rows, not tuple"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.Grid.of(["ab"]), "a GRID contains rows, not str"),  # type: ignore[list-item]  # the mistake
    (lambda: attach.Message(bb.bold("a")), r"TEXT of Message is Tag, not text: use its \.bb\(\)"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.Images(["/a"]), "an IMAGE block contains pictures, not str"),  # type: ignore[arg-type]  # the mistake
    (lambda: attach.Files([attach.Image("/a")]), "a FILE block contains files, not Image"),  # type: ignore[arg-type]  # the mistake
    (lambda: Message("a", [GO]), "keyboard is list, not a Keyboard"),  # type: ignore[arg-type]  # the mistake
    (lambda: Message("a", attach=[attach.Message("b")]), "attach is list, not an Attach"),  # type: ignore[arg-type]  # the mistake
    (lambda: Message("a", menu=[Put("b", "c")]), "menu is list, not a Menu"),  # type: ignore[arg-type]  # the mistake
    (lambda: Message(None), "the text of a message is NoneType, not text"),  # type: ignore[arg-type]  # the mistake
    (lambda: Message("a", shorten=0), "shorten is 0"),
    (lambda: Message("[BR]#BR#"), "MESSAGE_EMPTY"),
    (lambda: Menu.of(["a"]), "a menu contains buttons, not str"),  # type: ignore[list-item]  # the mistake
    (lambda: envelope("N", 7), "write a keyboard or its list of buttons, not str"),  # type: ignore[arg-type]  # the mistake
    (lambda: Signer("a secret of sixteen bytes"), "a key consists of bytes, not str"),  # type: ignore[arg-type]  # the mistake
    (lambda: Binding(user=5), "user is int, not text"),  # type: ignore[arg-type]  # the mistake
    (lambda: pages.page([1], key=lambda one: one, size=2), "the key of an item is int, not text"),  # type: ignore[arg-type, return-value]  # the mistake
    (lambda: pages.largest(str, ()), "at least one page size"),
    (lambda: bb.timestamp("1] [send=/x"), "the time is '1\\] \\[send=/x'"),  # type: ignore[arg-type]  # the mistake
    (lambda: bb.timestamp(1.5), "the time is 1.5"),  # type: ignore[arg-type]  # the mistake
    (lambda: bb.size("9", "a"), "from 8 to 30"),  # type: ignore[arg-type]  # the mistake
    (lambda: bb.colour(None, "a"), "None is not a colour"),  # type: ignore[arg-type]  # the mistake
]


@pytest.mark.parametrize(("make", "says"), MISTAKES, ids=[says for _, says in MISTAKES])
def test_a_mistake_raises_an_error_at_once(make: Callable[[], object], says: str) -> None:
    """No mistake is ignored or found only in the request."""
    with pytest.raises(KeyboardsError, match=says):
        make()


@pytest.mark.parametrize(
    "text",
    ["\u200b", "\u2060\ufeff", "\u00ad", "\u3164", "\u2800", "\u0301", "\ufe0f", "\U000e0041", "\x07", "\u202e \u200d"],
    ids=ascii,
)
def test_an_invisible_label_is_refused(text: str) -> None:
    """An invisible text of a button, name or block is an error with its code points."""
    for make in (lambda: Command(text, "go"), lambda: Put(text, "x")):
        with pytest.raises(BadButton, match="is invisible"):
            make()
    for build in (lambda: attach.Message(text), lambda: attach.User(text), lambda: attach.Link("/", text)):
        with pytest.raises(BadBlock, match="is invisible"):
            build()


@pytest.mark.parametrize("text", ["◀", "👍🏽", "é", "ﷺ", "🇩🇪", "…", "한", "½"])
def test_a_label_of_one_character_is_accepted(text: str) -> None:
    """An arrow, an emoji, a flag or a letter of any script is a valid label."""
    assert Command(text, "go").text == text
