"""Pages: a list of anything, a few at a time, with a keyboard to turn them.

A page remembers where it begins by the key of its first item and what list it was made from by a digest of all keys.
When the list has changed since, turning goes on from that item wherever it is now, and a press on an item does nothing
but show the page anew: an old button never acts on the wrong item.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from keyboards.errors import KeyboardsError, TooBig
from keyboards.keyboard import Keyboard
from keyboards.validation import checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from keyboards.buttons import Button

__all__ = ["ARROWS", "Gone", "Labels", "Page", "Place", "largest", "page", "pressed", "version"]

T = TypeVar("T")
R = TypeVar("R")

DIGEST: Final = 8
"""Letters of the digest of a list: 32 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins: the key of its first item, and its offset for when that item is gone.

    A payload for `Signer`, or for parameters of a command as it is.
    """

    key: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The texts on the buttons that turn pages; the position may name {number} and {count}."""

    previous: str = "◀"
    position: str = "{number}/{count}"
    next: str = "▶"


ARROWS: Final = Labels()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list: `number` from 1 of `count`, `version` of the list, and the places before and after, if any."""

    items: tuple[T, ...]
    number: int
    count: int
    version: str
    place: Place
    previous: Place | None
    next: Place | None

    def keyboard(
        self,
        item: Callable[[T], Button | tuple[Button, ...]],
        turn: Callable[[str, Place], Button],
        *,
        labels: Labels = ARROWS,
        width: int = 1,
    ) -> Keyboard:
        """The buttons of the items, `width` in a row, and a row to turn pages where there are several.

        `item` gives the button of an item, or a row of its own; `turn` gives a button from its text and where it leads.
        The position leads to the page itself: a press on it shows the page anew.
        """
        rows: list[list[Button]] = []
        open_row: list[Button] = []
        for made in map(item, self.items):
            if isinstance(made, tuple):
                rows.append(list(made))
                open_row = []
            elif open_row and len(open_row) < width:
                open_row.append(made)
            else:
                open_row = [made]
                rows.append(open_row)
        return Keyboard.of([*rows, *self._turning(turn, labels)])

    def _turning(self, turn: Callable[[str, Place], Button], labels: Labels) -> list[list[Button]]:
        if self.count < 2:  # noqa: PLR2004 - one page is not turned
            return []
        position = labels.position.format(number=self.number, count=self.count)
        places = ((labels.previous, self.previous), (position, self.place), (labels.next, self.next))
        return [[turn(text, place) for text, place in places if place is not None]]


@dataclass(frozen=True, slots=True)
class Gone:
    """The list, or what the press was about, has changed: show the page anew, and do nothing else."""


def page(items: Sequence[T], at: Place | None = None, *, key: Callable[[T], str], size: int = 8) -> Page[T]:
    """The page of the list that begins at a place, the first if there is none.

    `key` names an item for as long as it lives. A page keeps its beginning when items come and go before it; the page
    before it is full, except the first; an item that is gone is replaced by what stands where it stood.
    """
    if size < 1:
        raise KeyboardsError("a page has at least one item")
    keys = _keys(items, key)
    start = _start(keys, at or Place())
    before = -(-start // size)
    after = -(-(len(keys) - start) // size)

    def place(offset: int) -> Place:
        return Place(key=keys[offset] if offset < len(keys) else "", offset=offset)

    return Page(
        items=tuple(items[start : start + size]),
        number=before + 1,
        count=before + max(after, 1),
        version=version(keys),
        place=place(start),
        previous=place(max(0, start - size)) if start else None,
        next=place(start + size) if start + size < len(keys) else None,
    )


def _keys(items: Sequence[T], key: Callable[[T], str]) -> list[str]:
    """The keys of the items; two alike, or an empty one, would let a press act on the wrong item."""
    keys = [checks.unicode(key(one), "the key of an item", KeyboardsError) for one in items]
    if len(set(keys)) != len(keys) or "" in keys:
        raise KeyboardsError("every item of a list in pages has a key of its own")
    return keys


def _start(keys: list[str], at: Place) -> int:
    """Where the page begins now: at its item, else at its offset, never behind the end."""
    if at.key in keys:
        return keys.index(at.key)
    return min(max(0, at.offset), max(0, len(keys) - 1))


def version(keys: Iterable[str]) -> str:
    """A digest of the keys of a list in their order."""
    said = b"".join(b"%d:%b" % (len(one), one) for one in (key.encode() for key in keys))
    return hashlib.blake2b(said, digest_size=DIGEST // 2).hexdigest()


def pressed(items: Sequence[T], item_key: str, made_from: str, *, key: Callable[[T], str]) -> T | Gone:
    """The item that a press was about, if the list is still the one that the page was made from; Gone if not."""
    keys = _keys(items, key)
    if item_key not in keys or version(keys) != made_from:
        return Gone()
    return items[keys.index(item_key)]


def largest(draw: Callable[[int], R], sizes: Iterable[int]) -> R:
    """What `draw` makes of the largest of these page sizes that fits; TooBig if not even the smallest does.

    `draw` takes a number of items to a page and calls `fit` on the message it makes.
    """
    ordered = sorted(set(sizes), reverse=True)
    if not ordered:
        raise KeyboardsError("there is one page size at least")
    for size in ordered[:-1]:
        try:
            return draw(size)
        except TooBig:
            continue
    return draw(ordered[-1])
