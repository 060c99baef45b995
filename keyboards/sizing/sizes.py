"""The size of a keyboard, menu or attach, and of JSON in normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keyboards.attach import Attach
from keyboards.keyboard import Keyboard
from keyboards.menu import Menu
from keyboards.sizing.json_size import Size, json_size

if TYPE_CHECKING:
    from keyboards.buttons import Wire

WIDEST_BOT_ID: Final = 2_147_483_647
"""The bot id that takes the most room; assumed where none is told."""


def stored(thing: Keyboard | Menu | Attach, bot_id: int = WIDEST_BOT_ID) -> list[Wire] | Wire:
    """What a portal stores of a thing: the list of buttons, the list of items, the attach."""
    return thing.stored() if isinstance(thing, Attach) else thing.stored(bot_id)


def size(thing: Keyboard | Menu | Attach | list[Wire] | Wire, bot_id: int = WIDEST_BOT_ID) -> Size:
    """The size of what a portal would store of a keyboard, menu or attach, in characters and in bytes.

    JSON that is already in normal form is measured as it is; make it so with `normal.keyboard` and its like.
    """
    return json_size(stored(thing, bot_id) if isinstance(thing, Keyboard | Menu | Attach) else thing)
