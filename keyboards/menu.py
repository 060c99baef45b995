"""MENU: items that a message adds to its context menu; imbot.v2 has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyboards.buttons import Button, Command, Wire
from keyboards.enums import Token
from keyboards.errors import BadButton
from keyboards.validation import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Menu:
    """Items of a context menu, made from the same values as buttons (reference: MENU).

    An item has a text, an action, CONTEXT and DISABLED. A button with more fields is an error, because the portal would
    ignore them.
    """

    items: tuple[Button, ...]

    def __post_init__(self) -> None:
        """Check that there are items, and that none has fields that menus do not have; raise BadButton.

        Without items, the portal answers MENU_ERROR.
        """
        object.__setattr__(self, "items", tuple(self.items))
        if not self.items:
            raise BadButton("a menu has at least one item")
        for item in self.items:
            if not isinstance(item, Button):
                raise BadButton(f"a menu contains buttons, not {type(item).__name__}")
            if unknown := _find_unsupported(item):
                raise BadButton(f"the menu item {item.text!r} cannot have {unknown}: the portal would drop it")

    @classmethod
    def of(cls, items: Iterable[Button]) -> Menu:
        """Make a menu from items."""
        return cls(tuple(items))

    def __iter__(self) -> Iterator[Button]:
        """Iterate over all items."""
        return iter(self.items)

    def wire(self) -> list[Wire]:
        """Return ITEMS as a request contains them.

        COMMAND items need the BOT_ID of the request (reference: MENU, section 2.3).
        """
        return [{"TEXT": item.text, **item.action(), **item.reach()} for item in self.items]

    def stored(self, bot_id: int) -> list[Wire]:
        """Return the list of items as a portal stores it.

        Raise BadButton when the portal would drop items, because there are commands but no bot.
        """
        self.check_bot(bot_id)
        return [stored_item(item, bot_id) for item in self.items]

    def check_bot(self, bot_id: int) -> None:
        """Raise BadButton when an item calls a command and `bot_id` is 0."""
        if bot_id <= 0 and self.needs_bot():
            raise BadButton(f"BOT_ID is {bot_id}: the portal would drop every COMMAND item")

    def needs_bot(self) -> bool:
        """Tell whether an item calls a command, which needs a bot."""
        return any(isinstance(item, Command) for item in self.items)


def stored_item(item: Button, bot_id: int) -> Wire:
    """Return an item as a portal stores it, with its text escaped as HTML."""
    return {
        "BOT_ID": bot_id,
        **item.stored_action(),
        "TEXT": rules.html(item.text),
        "CONTEXT": item.context.value,
        "DISABLED": "Y" if item.disabled else "N",
    }


def _find_unsupported(item: Button) -> str:
    fields: tuple[tuple[str, object], ...] = (
        ("BLOCK", isinstance(item, Command) and item.block),
        ("DISPLAY", item.display),
        ("WIDTH", item.width),
        ("BG_COLOR_TOKEN", item.token is not Token.BASE),
        *item.colours(),
    )
    return next((key for key, value in fields if value), "")
