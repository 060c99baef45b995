"""Make a message fit the limits of a portal, and report what was shortened or removed.

The least important pieces are removed first; required pieces always stay. The same message and limits always give the
same result. A portal neither refuses nor cuts nor changes the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from keyboards import normal
from keyboards.attach import Attach
from keyboards.errors import TooBig
from keyboards.fitting.pieces import name_of, of_attach, of_keyboard, of_menu, to_attach, to_keyboard, to_menu
from keyboards.fitting.priorities import NOTHING, SHORTENED, Fitting
from keyboards.keyboard import Keyboard
from keyboards.limits import STRICT, Limit, Limits
from keyboards.menu import Menu
from keyboards.sizing.json_size import Size, Unit, json_size
from keyboards.sizing.sizes import WIDEST_BOT_ID
from keyboards.texts.shortening import head
from keyboards.validation import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keyboards.buttons import Wire
    from keyboards.fitting.pieces import Parts
    from keyboards.fitting.priorities import Piece
    from keyboards.message import Message

P = TypeVar("P", Keyboard, Menu, Attach)
S = TypeVar("S")

NO_MENU: Final = (Limit(value=0, unit=Unit.CHARS, source="documentation E6: imbot.v2 has no MENU"),)


class GivenUp(NamedTuple):
    """One piece that was shortened, replaced or dropped.

    `part` is the part of the message, such as "keyboard"; `what` names the button or block; `how` says what was done.
    """

    part: str
    what: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The size of a part before and after fitting, and its limits."""

    before: Size
    after: Size
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All changes in order, and the sizes of all parts by name ("text", "keyboard", ...)."""

    given_up: tuple[GivenUp, ...] = ()
    parts: Mapping[str, Measured] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A message that fits the limits, with a report of the changes."""

    message: Message
    report: Report


@dataclass(frozen=True, slots=True)
class Part(Generic[P, S]):
    """Functions that store, split and join one part of a message, and its limits."""

    name: str
    limits: tuple[Limit, ...]
    stored: Callable[[P], S]
    split: Callable[[P, S], Parts]
    join: Callable[[P, list[Piece]], P | None]


@dataclass(slots=True)
class _Notes:
    given_up: list[GivenUp] = field(default_factory=list)
    parts: dict[str, Measured] = field(default_factory=dict)


def fit(message: Message, limits: Limits = STRICT, *, bot_id: int = WIDEST_BOT_ID) -> Fitted:
    """Return the message with the fewest changes that make it fit the limits.

    Pieces change by rank. First the pieces that MAY stay are shortened, from the end, and then dropped, from the end.
    Then the same happens to those that SHOULD stay. Those that MUST stay are only shortened, if they allow it. Finally,
    pieces that fit again come back. `bot_id` is the id of the bot that sends the message, 0 for none; by default, the
    longest id is measured. Raise TooBig when the required pieces do not fit.
    """
    notes = _Notes()

    def kept(value: Keyboard | Menu) -> list[Wire]:
        return value.stored(bot_id)

    keyboard = Part("keyboard", limits.keyboard, kept, partial(of_keyboard, bot_id=bot_id), to_keyboard)
    menu = Part("menu", limits.menu or NO_MENU, kept, partial(of_menu, bot_id=bot_id), to_menu)
    attach = Part("attach", limits.attach, Attach.stored, of_attach, to_attach)
    text, left = _fit_text(message, limits.text, notes), _fit_part(attach, message.attach, notes)
    if not text and left is None:  # the attach was the only content
        _refuse("attach", limits.attach, notes.parts["attach"].before)
    fitted = replace(
        message,
        text=text,
        keyboard=_fit_part(keyboard, message.keyboard, notes),
        attach=left,
        menu=_fit_part(menu, message.menu, notes),
    )
    return Fitted(fitted, Report(given_up=tuple(notes.given_up), parts=notes.parts))


def _fit_text(message: Message, limit: Limit, notes: _Notes) -> str:
    whole = rules.bare(normal.lines(message.text))
    text = whole
    if len(text) > limit.value:
        if message.shorten is None or message.shorten > limit.value:
            raise TooBig("text", len(text) - limit.value, limit.unit.value, limit.value)
        text = head(whole, limit.value)
        notes.given_up.append(GivenUp("text", f"{len(whole) - len(text)} characters", SHORTENED))
    before, after = (Size(len(one), len(one.encode())) for one in (whole, text))
    notes.parts["text"] = Measured(before=before, after=after, limits=(limit,))
    return text


def _fit_part(part: Part[P, S], value: P | None, notes: _Notes) -> P | None:
    if value is None:
        return None
    stored = part.stored(value)
    before = after = json_size(stored)
    left: P | None = value
    if any(limit.over(before) > 0 for limit in part.limits):
        left, after = _shrink(part, value, stored, notes)
    notes.parts[part.name] = Measured(before=before, after=after, limits=part.limits)
    return left


def _shrink(part: Part[P, S], value: P, stored: S, notes: _Notes) -> tuple[P | None, Size]:
    """Return a smaller value of a part that is too big, and the size of this value.

    The value is None when nothing remains. The piece that replaces the removed ones may depend on their number and be
    longer than expected; then fitting is repeated with its real size.
    """
    longer = NOTHING
    while True:
        parts = part.split(value, stored)
        fitting = Fitting(parts.pieces, part.limits, parts.base, parts.extra + longer)
        if not fitting.shrink():
            _refuse(part.name, part.limits, fitting.size())
        fitting.use_space(dropped=parts.extra == NOTHING)
        left = part.join(value, fitting.pieces)
        after = json_size(part.stored(left)) if left is not None else NOTHING
        if all(limit.over(after) <= 0 for limit in part.limits):
            break
        more = after - fitting.size()
        longer += Size(max(0, more.chars), max(0, more.bytes))
    given_up = [piece for piece in fitting.pieces if piece.chosen is not piece.whole]
    notes.given_up += (GivenUp(part.name, name_of(piece), piece.chosen.how) for piece in given_up)
    return left, after


def _refuse(name: str, limits: tuple[Limit, ...], measured: Size) -> None:
    worst = max(limits, key=lambda limit: limit.over(measured))
    if worst.over(measured) > 0:
        raise TooBig(name, worst.over(measured), worst.unit.value, worst.value)
