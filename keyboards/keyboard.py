"""KEYBOARD: rows of buttons below a message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice
from typing import TYPE_CHECKING, TypeAlias

from keyboards.buttons import Button, Command, Wire
from keyboards.errors import BadButton

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REMOVE = "N"
"""The value of KEYBOARD, MENU or ATTACH in an update that removes it."""

Row: TypeAlias = tuple[Button, ...]
More: TypeAlias = "Button | Callable[[int], Button] | None"


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Rows of buttons; no row is empty.

    `more` is for `fit`: the button that is added at the end when buttons were removed ("More..."), or a function that
    makes this button from the number of remaining buttons (so that it can lead to the next page).

    Reference: KEYBOARD; `{"TYPE": "NEWLINE"}` separates rows.
    """

    rows: tuple[Row, ...]
    more: More = None

    def __post_init__(self) -> None:
        """Check that there are rows and that all have buttons; raise BadButton.

        Without buttons, the portal answers KEYBOARD_ERROR or shows an empty line.
        """
        object.__setattr__(self, "rows", tuple(tuple(row) for row in self.rows))
        if not self.rows:
            raise BadButton(f"a keyboard has at least one button; send {REMOVE!r} to remove one")
        for row in self.rows:
            if not row:
                raise BadButton("a row of a keyboard has at least one button")
            for button in row:
                if not isinstance(button, Button):
                    raise BadButton(f"a row contains buttons, not {type(button).__name__}")
        if self.more is not None and not isinstance(self.more, Button) and not callable(self.more):
            raise BadButton(f"more is {type(self.more).__name__}, not a button or a function that returns one")

    @classmethod
    def of(cls, rows: Iterable[Iterable[Button] | Button], *, more: More = None) -> Keyboard:
        """Make a keyboard from rows; a single button becomes a row."""
        return cls(tuple(tuple(row) if isinstance(row, Iterable) else (row,) for row in rows), more)

    def __add__(self, other: Keyboard) -> Keyboard:
        """Return a keyboard with the rows of both keyboards."""
        return Keyboard(self.rows + other.rows, other.more or self.more)

    def __iter__(self) -> Iterator[Button]:
        """Iterate over all buttons, row by row."""
        return (button for row in self.rows for button in row)

    def adjust(self, *widths: int, repeat: bool = False) -> Keyboard:
        """Return the same buttons in rows of new lengths: `widths` are the numbers of buttons per row.

        The last width is used for all further rows; with `repeat`, all widths are used in turn. Raise BadButton for a
        width below 1.
        """
        if not widths or min(widths) < 1:
            raise BadButton(f"a row has at least one button; the widths are {widths}")
        buttons = iter(self)
        rest = cycle(widths) if repeat else chain(widths, cycle(widths[-1:]))
        rows = iter(lambda: tuple(islice(buttons, next(rest))), ())
        return Keyboard(tuple(rows), self.more)

    def disabled(self) -> Keyboard:
        """Return the keyboard with all buttons disabled, for example after the last possible press."""
        return Keyboard(tuple(tuple(replace(one, disabled=True) for one in row) for row in self.rows), self.more)

    def wire(self) -> list[Wire]:
        """Return BUTTONS as a request contains them: a list of all buttons with a NEWLINE between rows.

        Put it into `envelope` with the id of the bot.
        """
        wire: list[Wire] = []
        for row in self.rows:
            if wire:
                wire.append({"TYPE": "NEWLINE"})
            beside = len(row) > 1
            wire.extend(button.wire(beside=beside) for button in row)
        return wire

    def stored(self, bot_id: int) -> list[Wire]:
        """Return the list of buttons as a portal stores it; the limits apply to the size of this list.

        Raise BadButton when the portal would drop buttons, because there are commands but no bot.
        """
        self.check_bot(bot_id)
        stored: list[Wire] = []
        for row in self.rows:
            if stored:
                stored.append({"TYPE": "NEWLINE"})
            beside = len(row) > 1
            stored.extend(button.stored(bot_id, beside=beside) for button in row)
        return stored

    def more_button(self, kept: int) -> Button | None:
        """Return the button to add when buttons were removed, or None when there is none.

        `kept` is the number of remaining buttons.
        """
        return self.more if self.more is None or isinstance(self.more, Button) else self.more(kept)

    def check_bot(self, bot_id: int) -> None:
        """Raise BadButton when a button calls a command and `bot_id` is 0."""
        if bot_id <= 0 and self.needs_bot():
            raise BadButton(f"BOT_ID is {bot_id}: the portal would drop every COMMAND button")

    def needs_bot(self) -> bool:
        """Tell whether a button calls a command, which needs a bot."""
        return any(isinstance(button, Command) for button in self)


def envelope(keyboard: Keyboard | list[Wire], bot_id: int) -> Wire:
    """Return the full form of KEYBOARD: `{"BOT_ID": ..., "BUTTONS": [...]}`.

    Raise BadButton for a COMMAND button without a bot, because the portal drops it without an error (reference:
    KEYBOARD, COMMAND "only if botId > 0"; an update must contain BOT_ID again).
    """
    wire = keyboard.wire() if isinstance(keyboard, Keyboard) else keyboard
    if not isinstance(wire, list):
        raise BadButton(f"write a keyboard or its list of buttons, not {type(wire).__name__}")
    if bot_id <= 0 and any("COMMAND" in element for element in wire):
        raise BadButton(f"BOT_ID is {bot_id}: the portal would drop every COMMAND button")
    return {"BOT_ID": bot_id, "BUTTONS": wire}
