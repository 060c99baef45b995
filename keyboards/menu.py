"""MENU: items that a message adds to its context menu. v2 of the chatbot API has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyboards.buttons import Button, Command, Wire
from keyboards.errors import BadButton
from keyboards.validation import rules
from keyboards.words import Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Menu:
    """Items of a context menu, made of the same values as buttons (reference: MENU).

    An item has a text, an action, CONTEXT and DISABLED; a button with more than that is refused,
    because the portal would leave the rest out.
    """

    items: tuple[Button, ...]

    def __post_init__(self) -> None:
        """Refuse an empty menu (MENU_ERROR at the portal), and a look that no menu has."""
        object.__setattr__(self, "items", tuple(self.items))
        if not self.items:
            raise BadButton("a menu has at least one item")
        for item in self.items:
            if not isinstance(item, Button):
                raise BadButton(f"a menu holds buttons, not {type(item).__name__}")
            if unknown := _unknown(item):
                raise BadButton(f"a menu item has no {unknown}: the portal would leave it out of {item.text!r}")

    @classmethod
    def of(cls, items: Iterable[Button]) -> Menu:
        """A menu of these items."""
        return cls(tuple(items))

    def __iter__(self) -> Iterator[Button]:
        """Every item."""
        return iter(self.items)

    def wire(self) -> list[Wire]:
        """The list of ITEMS; COMMAND items need the request's BOT_ID (reference: MENU, section 2.3)."""
        return [{"TEXT": item.text, **item.action(), **item.reach()} for item in self.items]

    def stored(self, bot_id: int) -> list[Wire]:
        """The list that a portal stores for this bot; refused where items would be dropped."""
        self.bound(bot_id)
        return [stored_item(item, bot_id) for item in self.items]

    def bound(self, bot_id: int) -> None:
        """Refuses commands without a bot to call them on."""
        if bot_id <= 0 and self.needs_bot():
            raise BadButton(f"BOT_ID is {bot_id}: the portal would drop every COMMAND item")

    def needs_bot(self) -> bool:
        """Whether an item calls a command, so that the portal must know whose."""
        return any(isinstance(item, Command) for item in self.items)


def stored_item(item: Button, bot_id: int) -> Wire:
    """One item as a portal stores it, its text escaped as HTML."""
    return {
        "BOT_ID": bot_id,
        **item.stored_action(),
        "TEXT": rules.html(item.text),
        "CONTEXT": item.context.value,
        "DISABLED": "Y" if item.disabled else "N",
    }


def _unknown(item: Button) -> str:
    looks: tuple[tuple[str, object], ...] = (
        ("BLOCK", isinstance(item, Command) and item.block),
        ("DISPLAY", item.display),
        ("WIDTH", item.width),
        ("BG_COLOR_TOKEN", item.token is not Token.BASE),
        *item.colours(),
    )
    return next((key for key, value in looks if value), "")
