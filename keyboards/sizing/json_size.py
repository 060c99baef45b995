r"""How big a thing is to a portal: the characters and the bytes of the JSON that it stores.

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
    """What is counted: code points, or bytes of UTF-8."""

    CHARS = "chars"
    BYTES = "bytes"


class Size(NamedTuple):
    """Characters (code points) and bytes (UTF-8) of one JSON text."""

    chars: int
    bytes: int

    def of(self, unit: Unit) -> int:
        """The number in that unit."""
        return self.chars if unit == Unit.CHARS else self.bytes

    def __add__(self, other: Size) -> Size:  # type: ignore[override]  # sizes are added, not strung together
        """Both together."""
        return Size(self.chars + other.chars, self.bytes + other.bytes)

    def __sub__(self, other: Size) -> Size:
        """What is left of this without the other."""
        return Size(self.chars - other.chars, self.bytes - other.bytes)


def as_json(stored: object) -> str:
    """The JSON text that a portal stores for a value in normal form."""
    text = _encode(stored).replace("/", "\\/")
    if text.isascii():
        return text
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def json_size(stored: object) -> Size:
    """The size of a value in normal form, in one pass over it."""
    return _size(_encode(stored))


def json_sizes(stored: Sequence[Wire], more: int = 0) -> list[Size]:
    """The size of each of many objects, for little more than that of all together; `more` is added to each.

    A text that no object can hold outside its own quotes is put between them, so that one encoding serves for all.
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
