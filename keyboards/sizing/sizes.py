"""Measure a keyboard, menu, attach, or JSON in normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keyboards.attach import Attach
from keyboards.keyboard import Keyboard
from keyboards.menu import Menu
from keyboards.sizing.json_size import Size, json_size

if TYPE_CHECKING:
    from keyboards.buttons import Wire

WIDEST_BOT_ID: Final = 2_147_483_647
"""The bot id that takes the most space; it is used when the real id is not known."""


def stored(part: Keyboard | Menu | Attach, bot_id: int = WIDEST_BOT_ID) -> list[Wire] | Wire:
    """Return what a portal stores: the list of buttons, the list of items, or the object of an attach."""
    return part.stored() if isinstance(part, Attach) else part.stored(bot_id)


def size(part: Keyboard | Menu | Attach | list[Wire] | Wire, bot_id: int = WIDEST_BOT_ID) -> Size:
    """Return the size of a keyboard, menu or attach as a portal stores it.

    JSON in normal form is measured unchanged; `normal.keyboard` and similar functions make it.
    """
    return json_size(stored(part, bot_id) if isinstance(part, Keyboard | Menu | Attach) else part)
