"""Checks of values that raise an error with an explanation.

`what` names the value in the text of the error, `refusal` is the class of the error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyboards.errors import BadText, KeyboardsError
from keyboards.validation import rules

if TYPE_CHECKING:
    from enum import Enum
    from typing import TypeAlias

    Refusal: TypeAlias = type[KeyboardsError]


def unicode(text: str, what: str, refusal: Refusal = BadText) -> str:
    """Return a text unchanged; raise `refusal` for a value that is no text or has half of a surrogate pair."""
    if not isinstance(text, str):
        raise refusal(f"{what} is {type(text).__name__}, not text{': use its .bb()' if hasattr(text, 'bb') else ''}")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise refusal(
                f"{what} contains half of a surrogate pair at {error.start}: no portal can store it"
            ) from error
    return text


def text(value: str, what: str, refusal: Refusal) -> str:
    """Return a text trimmed; raise `refusal` when it is empty or invisible."""
    trimmed = unicode(value, what, refusal).strip(rules.BLANK)
    if not trimmed:
        raise refusal(f"{what} is empty: the portal would drop it without an error")
    if not rules.visible(trimmed):
        raise refusal(f"{what} {trimmed[:20]!a} is invisible")
    return trimmed


def label(value: str, refusal: Refusal) -> str:
    """Return the text of a button, trimmed; raise `refusal` for an empty text and for "0".

    The portal drops such buttons.
    """
    trimmed = text(value, "TEXT", refusal)
    if trimmed == "0":
        raise refusal('TEXT is "0": the portal reads it as an empty text and drops the button')
    return trimmed


def link(value: str, what: str, refusal: Refusal) -> str:
    """Return a link unchanged; raise `refusal` unless it begins with `/`, `http://` or `https://`."""
    if not rules.link(unicode(value, what, refusal)):
        raise refusal(f"{what} {value[:80]!r} is not a link: it must start with /, http:// or https:// (lower case)")
    return value


def colour(value: str | None, what: str, refusal: Refusal) -> None:
    """Raise `refusal` for a colour that is not `#` with 3 or 6 hexadecimal digits; None is allowed."""
    if value is not None and not rules.colour(value):
        raise refusal(f"{what} {value!r} is not a colour: write # and 3 or 6 hexadecimal digits")


def member(value: object, kind: type[Enum], refusal: Refusal) -> None:
    """Raise `refusal` for a value that is not a member of the enumeration `kind`.

    A text with the value of a member is refused too.
    """
    if type(value) is not kind:
        meant = [f"{kind.__name__}.{one.name}" for one in kind if one.value == value]
        every = ", ".join(f"{kind.__name__}.{one.name}" for one in kind)
        raise refusal(f"{value!r} is not a member of {kind.__name__}: write {meant[0] if meant else f'one of {every}'}")


def positive(value: int | None, what: str, refusal: Refusal) -> None:
    """Raise `refusal` for a number that is not whole or not above 0; None is allowed.

    The portal would ignore such a number.
    """
    if value is None:
        return
    if type(value) is not int or not 0 < value <= rules.LONGEST_INT:
        raise refusal(f"{what} is {value!r}: it must be a whole number above 0")
