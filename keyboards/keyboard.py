"""KEYBOARD: rows of buttons under a message."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from keyboards.buttons import Button, Command, Wire
from keyboards.errors import BadButton

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REMOVE = "N"
"""What to send as KEYBOARD, MENU or ATTACH of an update to take it away."""

Row = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Rows of buttons; no row is empty.

    `more` is for `fit`: the button that stands at the end where buttons had to go ("More...").
    Reference: KEYBOARD; rows are parted by `{"TYPE": "NEWLINE"}`.
    """

    rows: tuple[Row, ...]
    more: Button | None = None

    def __post_init__(self) -> None:
        """Refuse what holds no button: the portal calls it KEYBOARD_ERROR, or shows an empty line."""
        object.__setattr__(self, "rows", tuple(tuple(row) for row in self.rows))
        if not self.rows:
            raise BadButton(f"a keyboard has at least one button; send {REMOVE!r} to remove one")
        for row in self.rows:
            if not row:
                raise BadButton("a row of a keyboard has at least one button")
            for button in row:
                if not isinstance(button, Button):
                    raise BadButton(f"a row holds buttons, not {type(button).__name__}")

    @classmethod
    def of(cls, rows: Iterable[Iterable[Button] | Button], *, more: Button | None = None) -> Keyboard:
        """A keyboard of rows; a button alone is a row of one."""
        return cls(tuple((row,) if isinstance(row, Button) else tuple(row) for row in rows), more)

    def __add__(self, other: Keyboard) -> Keyboard:
        """The rows of both, one keyboard above the other."""
        return Keyboard(self.rows + other.rows, other.more or self.more)

    def __iter__(self) -> Iterator[Button]:
        """Every button, row by row."""
        return (button for row in self.rows for button in row)

    def adjust(self, *widths: int) -> Keyboard:
        """The same buttons in rows of these widths; the last width repeats for the rest."""
        if not widths or min(widths) < 1:
            raise BadButton(f"rows are one button wide or wider, not {widths}")
        buttons = iter(self)
        rows = [tuple(islice(buttons, width)) for width in widths]
        while row := tuple(islice(buttons, widths[-1])):
            rows.append(row)
        return Keyboard(tuple(row for row in rows if row), self.more)

    def wire(self) -> list[Wire]:
        """The bare list of BUTTONS with a NEWLINE between rows; put it into `envelope` with the bot's id."""
        wire: list[Wire] = []
        for row in self.rows:
            if wire:
                wire.append({"TYPE": "NEWLINE"})
            beside = len(row) > 1
            wire.extend(button.wire(beside=beside) for button in row)
        return wire

    def needs_bot(self) -> bool:
        """Whether a button calls a command, so that the portal must know whose."""
        return any(isinstance(button, Command) for button in self)


def envelope(wire: list[Wire], bot_id: int) -> Wire:
    """The full form of KEYBOARD: `{"BOT_ID": ..., "BUTTONS": [...]}`.

    Without a bot the portal drops every COMMAND button without a word, so here it is an error
    (reference: KEYBOARD, COMMAND "only if botId > 0"; on update BOT_ID must be given again).
    """
    bot(wire, bot_id)
    return {"BOT_ID": bot_id, "BUTTONS": wire}


def bot(wire: list[Wire], bot_id: int) -> None:
    """Refuses commands without a bot to call them on."""
    if bot_id <= 0 and any("COMMAND" in element for element in wire):
        raise BadButton(f"BOT_ID is {bot_id}: the portal would drop every COMMAND button")
