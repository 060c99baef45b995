"""Messages of the bot: measured before sending, and the user's text kept."""

from __future__ import annotations

import pytest

from bot.framework import messages
from keyboards import Attach, Command, Keyboard, Menu, Message, Put, TooBig, attach


def test_wire_form() -> None:
    """Text, buttons, blocks and menu are in the portal's wire form."""
    press = Command("Help", "help")
    said = messages.of(
        "Hello", keyboard=Keyboard.of([press]), attach=Attach.of([attach.Message("More")]), menu=Menu.of([press])
    )
    assert said.text == "Hello"
    assert said.keyboard == [{"TEXT": "Help", "COMMAND": "help"}]
    assert said.attach == {"BLOCKS": [{"MESSAGE": "More"}]}
    assert said.menu == [{"TEXT": "Help", "COMMAND": "help"}]


def test_missing_parts_are_empty() -> None:
    """Parts that a message does not have are empty."""
    said = messages.of(Message("Hello"))
    assert (said.keyboard, said.attach, said.menu) == ([], {}, [])


def test_too_big_is_never_sent() -> None:
    """A keyboard over the limit is refused here, not by the portal."""
    with pytest.raises(TooBig):
        messages.of("Hello", keyboard=Keyboard.of([Put("Back", "x" * 40_000)]))


def test_another_text_keeps_the_attachment() -> None:
    """Another text and other buttons keep the attachment."""
    first = messages.of("One", attach=Attach.of([attach.Message("Card")]))
    second = messages.with_text(first, "Two", keyboard=Keyboard.of([Command("Help", "help")]))
    assert (second.text, second.attach) == ("Two", first.attach)
    assert second.keyboard


def test_with_menu() -> None:
    """A menu is added to a complete message."""
    first = messages.of("One", keyboard=Keyboard.of([Command("Help", "help")]))
    second = messages.with_menu(first, Menu.of([Command("Stop", "unfollow")]))
    assert (second.text, second.keyboard) == (first.text, first.keyboard)
    assert [item["TEXT"] for item in second.menu] == ["Stop"]


def test_a_button_keeps_the_command() -> None:
    """A button puts the command back into the input field; the text says so."""
    said = messages.with_retry("en", "It did not work.", "/post Hello\nworld")
    assert said.keyboard[0]["ACTION"] == "PUT"
    assert said.keyboard[0]["ACTION_VALUE"] == "/post Hello\nworld"
    assert said.text.startswith("It did not work.\nYour text is kept")


def test_a_command_too_long_for_a_button_is_kept_in_the_message() -> None:
    """A command that is too long for a button is not shortened; the sentence says where it still is."""
    said = messages.with_retry("en", "It did not work.", "/post " + "я" * 20_000)
    assert said.keyboard == []
    assert "still have it in your message" in said.text
