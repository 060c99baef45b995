"""The size of a keyboard, menu or attach, and of plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keyboards import normal
from keyboards.attach import Attach
from keyboards.errors import KeyboardsError
from keyboards.keyboard import Keyboard
from keyboards.measure import Size, json_size
from keyboards.menu import Menu

if TYPE_CHECKING:
    from keyboards.buttons import Wire

WIDEST_BOT_ID: Final = 2_147_483_647
"""The bot id that takes the most room; assumed where none is told."""


def stored(thing: Keyboard | Menu | Attach, bot_id: int = WIDEST_BOT_ID) -> list[Wire] | Wire:
    """What a portal stores of a thing: the list of buttons, the list of items, the attach."""
    form: list[Wire] | Wire | None
    if isinstance(thing, Keyboard):
        form = normal.keyboard(thing.wire(), bot_id)
    elif isinstance(thing, Menu):
        form = normal.menu(thing.wire(), bot_id)
    else:
        form = normal.attach(thing.wire())
    if form is None:
        raise KeyboardsError(f"nothing is left of this {type(thing).__name__} at a portal: BOT_ID is {bot_id}")
    return form


def size(thing: Keyboard | Menu | Attach | list[Wire] | Wire, bot_id: int = WIDEST_BOT_ID) -> Size:
    """The size of what a portal would store of a keyboard, menu or attach, in characters and in bytes.

    JSON that is already in normal form is measured as it is; make it so with `normal.keyboard` and its like.
    """
    return json_size(stored(thing, bot_id) if isinstance(thing, Keyboard | Menu | Attach) else thing)
