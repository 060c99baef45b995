"""Show a list in pages, with a keyboard to turn them.

A page stores the key of the first item on it, and a digest of all keys. After the list has changed, turning continues
from that item, and a press on an item only shows the page again. So an old button never acts on a wrong item.
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

__all__ = ["ARROWS", "Labels", "ListChanged", "Page", "PageStart", "largest", "page", "pressed", "version"]

T = TypeVar("T")
R = TypeVar("R")

DIGEST: Final = 8
"""Number of hexadecimal letters in the digest of a list: 32 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStart:
    """The start of a page: the key of the first item on it, and the offset of this item in the list.

    The offset is used when that item no longer exists. A start can be a payload for `Signer`, or the parameters of a
    command.
    """

    key: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The texts of the buttons that turn pages; `position` may contain {number} and {count}."""

    previous: str = "◀"
    position: str = "{number}/{count}"
    next: str = "▶"


ARROWS: Final = Labels()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a list.

    `number` counts from 1 to `count`, `version` is the digest of the list, `previous` and `next` are the starts of the
    pages before and after this page, or None when there is no such page.
    """

    items: tuple[T, ...]
    number: int
    count: int
    version: str
    start: PageStart
    previous: PageStart | None
    next: PageStart | None

    def keyboard(
        self,
        item: Callable[[T], Button | tuple[Button, ...]],
        turn: Callable[[str, PageStart], Button],
        *,
        labels: Labels = ARROWS,
        width: int = 1,
    ) -> Keyboard:
        """Return the buttons of the items, `width` per row, and a row to turn pages.

        `item` returns the button of an item, or a row of several. `turn` returns a button for a text and the start of a
        page. The button that shows the position leads to the same page.
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
        return Keyboard.of([*rows, *self._turn_buttons(turn, labels)])

    def _turn_buttons(self, turn: Callable[[str, PageStart], Button], labels: Labels) -> list[list[Button]]:
        if self.count < 2:  # noqa: PLR2004 - one page needs no buttons
            return []
        position = labels.position.format(number=self.number, count=self.count)
        starts = ((labels.previous, self.previous), (position, self.start), (labels.next, self.next))
        return [[turn(text, start) for text, start in starts if start is not None]]


@dataclass(frozen=True, slots=True)
class ListChanged:
    """The answer of `pressed` when the list or the item has changed: only show the page again."""


def page(items: Sequence[T], at: PageStart | None = None, *, key: Callable[[T], str], size: int = 8) -> Page[T]:
    """Return the page of the list that begins at the start `at`, by default the first page.

    `key` returns a key that identifies an item for its whole life. A page keeps its first item when earlier items come
    and go. The page before it is full, except the first page. When the first item was removed, the item that took its
    position begins the page. `size` is the number of items per page.
    """
    if size < 1:
        raise KeyboardsError("a page has at least one item")
    keys = _keys(items, key)
    start = _start_index(keys, at or PageStart())
    before = -(-start // size)
    after = -(-(len(keys) - start) // size)

    def start_at(offset: int) -> PageStart:
        return PageStart(key=keys[offset] if offset < len(keys) else "", offset=offset)

    return Page(
        items=tuple(items[start : start + size]),
        number=before + 1,
        count=before + max(after, 1),
        version=version(keys),
        start=start_at(start),
        previous=start_at(max(0, start - size)) if start else None,
        next=start_at(start + size) if start + size < len(keys) else None,
    )


def _keys(items: Sequence[T], key: Callable[[T], str]) -> list[str]:
    """Return the keys of the items; raise KeyboardsError when keys are equal or empty.

    With equal keys, a press could act on the wrong item.
    """
    keys = [checks.unicode(key(one), "the key of an item", KeyboardsError) for one in items]
    if len(set(keys)) != len(keys) or "" in keys:
        raise KeyboardsError("two items have the same key, or an item has an empty key")
    return keys


def _start_index(keys: list[str], at: PageStart) -> int:
    """Return the index where a page begins: that of its first item, or of its offset when that item is missing."""
    if at.key in keys:
        return keys.index(at.key)
    return min(max(0, at.offset), max(0, len(keys) - 1))


def version(keys: Iterable[str]) -> str:
    """Return a digest of the keys of a list; it changes when keys are added, removed or moved."""
    encoded = b"".join(b"%d:%b" % (len(one), one) for one in (key.encode() for key in keys))
    return hashlib.blake2b(encoded, digest_size=DIGEST // 2).hexdigest()


def pressed(items: Sequence[T], item_key: str, made_from: str, *, key: Callable[[T], str]) -> T | ListChanged:
    """Return the item with this key, or ListChanged when the list has changed since the page was shown.

    `made_from` is the `version` of that page.
    """
    keys = _keys(items, key)
    if item_key not in keys or version(keys) != made_from:
        return ListChanged()
    return items[keys.index(item_key)]


def largest(draw: Callable[[int], R], sizes: Iterable[int]) -> R:
    """Return the result of `draw` for the largest page size that fits.

    `draw` takes a number of items per page and calls `fit` on its message. Raise TooBig when even the smallest page
    does not fit.
    """
    ordered = sorted(set(sizes), reverse=True)
    if not ordered:
        raise KeyboardsError("give at least one page size")
    for size in ordered[:-1]:
        try:
            return draw(size)
        except TooBig:
            continue
    return draw(ordered[-1])
