"""The small rules by which a portal reads a value: trim, links, colours, whole numbers.

Everything here takes whatever JSON can hold and answers what the portal would make of it
(reference: behaviour of KEYBOARD, MENU and ATTACH, sections 2 and 3).
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    Given: TypeAlias = Mapping[str, Any]

TRIMMED: Final = " \t\n\r\0\x0b"
"""What the portal's trim takes away; unlike str.strip() it leaves no-break and other Unicode spaces."""

BLANK: Final = TRIMMED + "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
"""Everything that shows nothing at the ends of a text, by the portal's rule or by Unicode's."""

_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks by their category that draw nothing: joiners, Hangul fillers, the empty Braille pattern."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Cn", "Co"})
"""Categories that draw nothing by themselves: controls, formats, spaces, marks without a letter, unassigned."""

LONGEST_INT: Final = 2**63 - 1
"""Whole numbers saturate here on the portal's side."""

_LINK = re.compile(r"(?:/|https?://)")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}\Z")
_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;"})


def trim(text: str) -> str:
    """The text without the white space that the portal takes from both ends."""
    return text.strip(TRIMMED)


def bare(text: str) -> str:
    """The text without anything at its ends that a portal or a reader would not see."""
    return text.strip(BLANK)


def filled(value: object) -> bool:
    """Whether the value is a text with something in it besides white space."""
    return isinstance(value, str) and bool(value.strip(TRIMMED))


def visible(text: str) -> bool:
    """Tell whether a reader sees anything of the text."""
    if text.isascii():
        return any(sign.isprintable() and sign != " " for sign in text)
    return any(sign not in _FILLERS and unicodedata.category(sign) not in _UNSEEN for sign in text)


def link(value: object) -> bool:
    """Whether the portal takes the value as a link: `/...`, `http://...` or `https://...`, in lower case only."""
    return isinstance(value, str) and _LINK.match(value) is not None


def colour(value: object) -> bool:
    """Whether the value is `#` with 3 or 6 hexadecimal digits in any case."""
    return isinstance(value, str) and _COLOUR.match(value) is not None


def html(text: str) -> str:
    """The text with the five characters of HTML written as entities, as links and menu texts are stored."""
    return text.translate(_HTML)


def whole(value: object) -> int:
    """The whole number that the portal reads from a JSON value; 0 where there is none."""
    if isinstance(value, str):
        found = _NUMBER.match(value)
        return _saturated(float(found[1]) if not found[1].lstrip("+-").isdigit() else int(found[1])) if found else 0
    if isinstance(value, int | float):
        return _saturated(value)
    return int(bool(value))


def text(value: object) -> str:
    """The text trimmed; nothing if the value is no text."""
    return value.strip(TRIMMED) if isinstance(value, str) else ""


def parsed(given: object) -> object:
    """What JSON text holds, None if it is none or holds half of a surrogate pair; everything else as it is."""
    if not isinstance(given, str):
        return given
    try:
        value = json.loads(given)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def objects(value: object) -> list[Given]:
    """The elements that are objects, of a list or of an object that is read as a list."""
    elements = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [element for element in elements if isinstance(element, dict)]


def _saturated(number: int | float) -> int:
    """The number between the ends of what a portal counts in; a float beyond them is 0."""
    if isinstance(number, float) and not abs(number) < LONGEST_INT:
        return 0
    return max(-LONGEST_INT - 1, min(LONGEST_INT, int(number)))
