"""Choose forms for a list of pieces, so that their total size fits the limits.

The least important pieces are first shortened, then dropped. Groups of pieces (a row of buttons, a grid) have a size of
their own while one of their pieces remains. Each piece is measured once and sizes are added up, so the time is
linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from keyboards.enums import Rank
from keyboards.sizing.json_size import Size, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keyboards.limits import Limit

NOTHING: Final = Size(0, 0)
SHORTENED: Final = "shortened"
REPLACED: Final = "replaced"
DROPPED: Final = "dropped"
_NO_LIMIT: Final = 2**62


class Form(NamedTuple):
    """One form of a piece: a value, and its size with a comma.

    The value None means that the piece is missing. `how` says in which way the form differs from the whole piece.
    """

    value: object
    size: Size
    how: str = ""


MISSING: Final = Form(None, NOTHING, DROPPED)


@dataclass(slots=True)
class Group:
    """The common size of several pieces, and the number of the remaining ones."""

    size: Size = NOTHING
    pieces_left: int = 0


@dataclass(slots=True)
class CuttableText:
    """A text that can be cut to any length of at least `fewest` characters.

    `cut` returns the form with a length. `smallest_size` returns a lower bound for the size of all cut forms.
    """

    cut: Callable[[int], Form]
    fewest: int
    smallest_size: Callable[[], Size]

    def longest_form(self, form: Form, room: int) -> Form:
        """Return the longest cut form that the search finds and that is at most `room` larger than the given form.

        `room` is a number of characters, and also of bytes.
        """
        spare = room
        while spare > 0:
            longer = self.cut(self.fewest + spare)
            more = max(longer.size.bytes - form.size.bytes, longer.size.chars - form.size.chars)
            if more <= room:
                return longer if more > 0 else form
            spare = min(spare - 1, spare * room // more)
        return form


@dataclass(slots=True)
class Piece:
    """A piece of a message with its whole form and smaller forms.

    Smaller forms are made when they are needed. `chosen` is the form that the message has now.
    """

    at: int
    rank: Rank
    group: Group
    whole: Form
    cuttable: CuttableText | None = None
    instead: Callable[[], list[Form]] | None = None
    smaller: list[Form] | None = None
    chosen: Form = MISSING

    def has_smaller_forms(self) -> bool:
        """Tell whether the piece can be made smaller without being dropped."""
        return self.cuttable is not None or self.instead is not None

    def smaller_forms(self) -> list[Form]:
        """Return the smaller forms, from the largest to the smallest."""
        if self.smaller is None:
            self.smaller = self.instead() if self.instead else []
            if self.cuttable is not None:
                self.smaller.append(self.cuttable.cut(self.cuttable.fewest))
        return self.smaller


class Fitting:
    """A list of pieces with their chosen forms and their total size.

    `extra` is the size that is added when a piece is missing (a "more" button).
    """

    __slots__ = ("base", "bytes", "chars", "dropped", "extra", "most_bytes", "most_chars", "pieces")

    def __init__(self, pieces: Iterable[Piece], limits: Iterable[Limit], base: Size, extra: Size = NOTHING) -> None:
        self.pieces = list(pieces)
        self.extra = extra
        self.chars, self.bytes = base.chars, base.bytes
        self.dropped = len(self.pieces)
        most = [(limit.unit, limit.value) for limit in limits]
        self.most_chars = min((value for unit, value in most if unit is Unit.CHARS), default=_NO_LIMIT)
        self.most_bytes = min((value for unit, value in most if unit is Unit.BYTES), default=_NO_LIMIT)
        for piece in self.pieces:
            self.choose(piece, piece.whole)

    def choose(self, piece: Piece, form: Form) -> None:
        """Give a piece another form, and update the total size."""
        before, piece.chosen = piece.chosen, form
        self.chars += form.size.chars - before.size.chars
        self.bytes += form.size.bytes - before.size.bytes
        if (before.value is None) is (form.value is None):
            return
        group, step = piece.group, -1 if form.value is None else 1
        self.dropped -= step
        if group.pieces_left == (1 if step < 0 else 0):
            self.chars += step * group.size.chars
            self.bytes += step * group.size.bytes
        group.pieces_left += step

    def size(self) -> Size:
        """Return the total size of the chosen forms, with `extra` when a piece is missing.

        When all pieces are missing and `extra` is 0, the size is 0.
        """
        if not self.dropped:
            return Size(self.chars, self.bytes)
        if self.dropped == len(self.pieces) and self.extra == NOTHING:
            return NOTHING
        return Size(self.chars + self.extra.chars, self.bytes + self.extra.bytes)

    def room(self) -> int:
        """Return by how many characters and bytes the pieces may grow; of the two numbers, the smaller.

        A negative number is the excess.
        """
        if not self.dropped:
            return min(self.most_chars - self.chars, self.most_bytes - self.bytes)
        size = self.size()
        return min(self.most_chars - size.chars, self.most_bytes - size.bytes)

    def shrink(self) -> bool:
        """Choose smaller forms until everything fits; return False when that is impossible."""
        for rank in (Rank.MAY, Rank.SHOULD, Rank.MUST):
            if self.room() >= 0:
                return True
            ranked = [piece for piece in reversed(self.pieces) if piece.rank is rank]
            if rank is not Rank.MUST:
                ranked = ranked[self._drop_hopeless(ranked) :]
            self._shorten(ranked)
            if rank is not Rank.MUST:
                self._drop(ranked)
        return self.room() >= 0

    def _drop_hopeless(self, ranked: list[Piece]) -> int:
        """Drop those first pieces that must be dropped in any case; return their number.

        They would not fit even if all other pieces took no space, so cutting their texts first would waste time.
        """
        hope = sum(piece.whole.size.bytes for piece in ranked if piece.has_smaller_forms())
        for at, piece in enumerate(ranked):
            if self.room() + hope >= 0:
                return at
            hope -= piece.whole.size.bytes if piece.has_smaller_forms() else 0
            self.choose(piece, MISSING)
        return len(ranked)

    def _shorten(self, ranked: list[Piece]) -> None:
        for piece in ranked:
            if self.room() >= 0:
                return
            for form in piece.smaller_forms():
                if self.room() < 0:
                    self.choose(piece, form)

    def _drop(self, ranked: list[Piece]) -> None:
        for piece in ranked:
            if self.room() >= 0:
                return
            self.choose(piece, MISSING)

    def use_space(self, *, dropped: bool) -> None:
        """Use the remaining space for larger forms, the most important pieces first.

        Dropped pieces come back only with `dropped=True`.
        """
        room = self.room()
        for rank in (Rank.MUST, Rank.SHOULD, Rank.MAY):
            for piece in self.pieces:
                if piece.rank is not rank or piece.chosen is piece.whole or (piece.chosen is MISSING and not dropped):
                    continue
                if piece.has_smaller_forms() or piece.whole.size.bytes - piece.chosen.size.bytes <= room:
                    self._enlarge(piece, room)
                    room = self.room()

    def _enlarge(self, piece: Piece, room: int) -> None:
        """Give a piece the largest form that fits; `room` is the number of characters and bytes that are left."""
        before = piece.chosen
        if piece.whole.size.chars - before.size.chars <= room and self._choose_if_fits(piece, piece.whole):
            return
        if piece.cuttable is not None and before is MISSING and piece.cuttable.smallest_size().chars > room:
            return
        for form in piece.smaller_forms():
            if form is before or self._choose_if_fits(piece, form):
                break
        if piece.cuttable is not None and piece.chosen.how == SHORTENED:
            self._choose_if_fits(piece, piece.cuttable.longest_form(piece.chosen, self.room()))

    def _choose_if_fits(self, piece: Piece, form: Form) -> bool:
        """Give a piece a form if the total then fits the limits; return whether it does."""
        before = piece.chosen
        self.choose(piece, form)
        if self.room() >= 0:
            return True
        self.choose(piece, before)
        return False
