r"""Measure the JSON that a portal stores, in characters and bytes.

Reference: section 1.1: code points of JSON with raw Unicode, `/` as `\\/`, U+2028 and U+2029 escaped, no spaces.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from keyboards.errors import BadText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keyboards.buttons import Wire

_MARK: Final = "\0"
_CUT: Final = ',"\\u0000",'
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class Unit(StrEnum):
    """The unit of a size: code points, or bytes of UTF-8."""

    CHARS = "chars"
    BYTES = "bytes"


class Size(NamedTuple):
    """The size of a JSON text in characters (code points) and bytes (UTF-8)."""

    chars: int
    bytes: int

    def of(self, unit: Unit) -> int:
        """Return the size in a unit."""
        return self.chars if unit == Unit.CHARS else self.bytes

    def __add__(self, other: Size) -> Size:  # type: ignore[override]  # adds sizes instead of joining tuples
        """Return the sum of two sizes."""
        return Size(self.chars + other.chars, self.bytes + other.bytes)

    def __sub__(self, other: Size) -> Size:
        """Return the difference of two sizes."""
        return Size(self.chars - other.chars, self.bytes - other.bytes)


def as_json(stored: object) -> str:
    """Return the JSON text that a portal stores for a value in normal form."""
    text = _encode(stored).replace("/", "\\/")
    if text.isascii():
        return text
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def json_size(stored: object) -> Size:
    """Return the size of the JSON that a portal stores for a value in normal form."""
    return _size(_encode(stored))


def json_sizes(stored: Sequence[Wire], more: int = 0) -> list[Size]:
    """Return the size of the JSON of each object; the number `more` is added to each size.

    All objects are encoded at once, which is faster, with a separator between them that cannot occur in an object
    outside of quotes.
    """
    if not stored:
        return []
    row: list[object] = [_MARK] * (2 * len(stored) - 1)
    row[::2] = stored
    return [_size(text, more) for text in _encode(row)[1:-1].split(_CUT)]


def _size(text: str, more: int = 0) -> Size:
    more += text.count("/")
    if text.isascii():
        return Size(len(text) + more, len(text) + more)
    marks = text.count("\u2028") + text.count("\u2029")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise BadText("half of a surrogate pair cannot be stored by a portal") from error
    return Size(len(text) + more + 5 * marks, size + more + 3 * marks)
