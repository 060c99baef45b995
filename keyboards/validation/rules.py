"""Rules by which a portal reads values: trimming, links, colours, whole numbers.

All functions accept any JSON value and return what the portal makes of it (reference: behaviour of KEYBOARD, MENU and
ATTACH, sections 2 and 3).
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
"""Characters that the portal's trim removes; unlike str.strip(), it keeps no-break and other Unicode spaces."""

BLANK: Final = TRIMMED + "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
"""Characters at the ends of a text that are invisible, by the rule of the portal or by Unicode."""

_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that are letters or marks by their category but invisible: joiners, Hangul fillers, empty Braille."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Cn", "Co"})
"""Unicode categories of characters that are invisible alone: controls, formats, spaces, marks, unassigned."""

LONGEST_INT: Final = 2**63 - 1
"""The largest whole number of a portal; a larger number becomes this one."""

_LINK = re.compile(r"(?:/|https?://)")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}\Z")
_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;"})


def trim(text: str) -> str:
    """Return a text without the white space that the portal removes at both ends."""
    return text.strip(TRIMMED)


def bare(text: str) -> str:
    """Return a text without invisible characters at both ends."""
    return text.strip(BLANK)


def filled(value: object) -> bool:
    """Tell whether a value is a text with more than white space."""
    return isinstance(value, str) and bool(value.strip(TRIMMED))


def visible(text: str) -> bool:
    """Tell whether a reader can see at least one character of a text."""
    if text[:1].isalnum() and text[0] not in _FILLERS:  # nearly every text, and quicker than a loop
        return True
    if text.isascii():
        return any(sign.isprintable() and sign != " " for sign in text)
    return any(sign not in _FILLERS and unicodedata.category(sign) not in _UNSEEN for sign in text)


def link(value: object) -> bool:
    """Tell whether the portal accepts a value as a link.

    A link begins with `/`, `http://` or `https://`, in lower case.
    """
    return isinstance(value, str) and _LINK.match(value) is not None


def colour(value: object) -> bool:
    """Tell whether a value is `#` with 3 or 6 hexadecimal digits in any case."""
    return isinstance(value, str) and _COLOUR.match(value) is not None


def html(text: str) -> str:
    """Return a text with the five special characters of HTML escaped, as in stored links and menu texts."""
    return text.translate(_HTML)


def whole(value: object) -> int:
    """Return the whole number that the portal reads from a JSON value, or 0 when it reads none."""
    if isinstance(value, str):
        found = _NUMBER.match(value)
        return _limit_integer(float(found[1]) if not found[1].lstrip("+-").isdigit() else int(found[1])) if found else 0
    if isinstance(value, int | float):
        return _limit_integer(value)
    return int(bool(value))


def text(value: object) -> str:
    """Return a text trimmed, or "" for a value that is no text."""
    return value.strip(TRIMMED) if isinstance(value, str) else ""


def parsed(given: object) -> object:
    """Parse a JSON text; None when it is invalid or contains half of a surrogate pair.

    A value that is no text is returned unchanged.
    """
    if not isinstance(given, str):
        return given
    try:
        value = json.loads(given)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def objects(value: object) -> list[Given]:
    """Return those elements of a list, or values of an object, that are objects; an empty list for any other value."""
    elements = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [element for element in elements if isinstance(element, dict)]


def _limit_integer(number: int | float) -> int:
    """Return a number as a whole number within the integer range of a portal.

    A float beyond the range becomes 0, as in PHP.
    """
    if isinstance(number, float) and not abs(number) < LONGEST_INT:
        return 0
    return max(-LONGEST_INT - 1, min(LONGEST_INT, int(number)))
