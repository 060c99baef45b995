"""Pack a dataclass of numbers, texts, flags and enumerations into a short text.

The fields stand in order, with dots between them. Numbers are in base 64 (`~` before negative ones), flags are 1 or
nothing, None is `~`. In texts, each letter that a portal might change, or that takes two letters in JSON, becomes `~`
and two hexadecimal digits. The text contains no names or types: the dataclass is needed to read it.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import types
import typing
from enum import Enum, Flag
from typing import Any, Final, TypeVar

from keyboards.errors import BadPayload, KeyboardsError
from keyboards.validation import checks

__all__ = ["names", "pack", "unpack"]

T = TypeVar("T")

NONE: Final = "~"
ZERO: Final = "~30"
"""The text for a single 0; a bot that is called with the parameters "0" gets empty parameters."""
LONGEST_NUMBER: Final = 64
"""Largest number of digits of a number in base 64 (384 bits).

Reading takes quadratic time, and any user can send a long number.
"""
_SURROGATES: Final = range(0xD800, 0xE000)
_KNOWN: Final[dict[type, tuple[tuple[str, Any], ...]]] = {}
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_ESCAPE = re.compile(
    r"[^0-9A-Za-z_:,@+*=!?()\u00a1-\U0010ffff-]"  # ASCII that JSON doubles, or that separates fields
    r"|[\s\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"  # invisible characters
)
_ESCAPED = re.compile(r"~([0-9a-f]{2})|~\+([0-9a-f]{6})")


def pack(payload: object) -> str:
    """Return the fields of a dataclass as one short text; raise KeyboardsError for a type that cannot be packed."""
    kinds = _field_types(type(payload))
    parts = ".".join(_encode_field(getattr(payload, name), kind, name) for name, kind in kinds)
    return ZERO if parts == "0" else parts


def unpack(kind: type[T], text: str) -> T:
    """Read a dataclass of this kind from the text that `pack` has returned; raise BadPayload for any other text."""
    kinds = _field_types(kind)
    checks.unicode(text, "a payload", BadPayload)
    parts = ("0" if text == ZERO else text).split(".") if kinds else []
    if len(parts) != len(kinds):
        raise BadPayload(f"{len(parts)} fields instead of the {len(kinds)} of {kind.__name__}")
    return kind(**{name: _decode_field(one, of) for one, (name, of) in zip(parts, kinds, strict=True)})


def names(kind: type) -> str:
    """Return the names of the fields of a dataclass in order, with commas between them; they identify the layout."""
    return ",".join(name for name, _ in _field_types(kind))


def _field_types(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return names and types of the fields of a dataclass; raise KeyboardsError for a type that cannot be packed."""
    if kind in _KNOWN:
        return _KNOWN[kind]
    if not dataclasses.is_dataclass(kind):
        raise KeyboardsError(f"{kind.__name__} is not a dataclass")
    hints = typing.get_type_hints(kind)
    kinds = tuple((field.name, _base_type(hints[field.name])) for field in dataclasses.fields(kind) if field.init)
    for name, of in kinds:
        bare = _without_none(of)
        if not (isinstance(bare, type) and issubclass(bare, int | str | Enum)):
            raise KeyboardsError(
                f"{kind.__name__}.{name}: the type must be int, str, bool, Enum, or one of these or None"
            )
        if issubclass(bare, Enum) and len({_encode(one.value) for one in bare}) < len(bare):
            raise KeyboardsError(f"{kind.__name__}.{name}: two of {bare.__name__} have the same packed text")
    _KNOWN[kind] = kinds
    return kinds


def _base_type(kind: Any) -> Any:
    """Return the type from which a NewType was made, or another type unchanged."""
    return _base_type(kind.__supertype__) if hasattr(kind, "__supertype__") else kind


def _without_none(kind: Any) -> Any:
    """Return the type X of an optional value (X or None), or another type unchanged."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        options = [one for one in typing.get_args(kind) if one is not type(None)]
        return _base_type(options[0]) if len(options) == 1 and len(typing.get_args(kind)) == 2 else None  # noqa: PLR2004
    return kind


def _encode_field(value: object, kind: Any, name: str) -> str:
    if value is None and _without_none(kind) is not kind:
        return NONE
    if not isinstance(value, _without_none(kind)):
        raise KeyboardsError(f"{name} is {value!r}, not {kind}")
    if isinstance(value, bool) and _without_none(kind) is not bool:
        return _encode_number(value)
    return _encode(value.value if isinstance(value, Enum) else value)


def _encode(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int):
        return _encode_number(value)
    if isinstance(value, str):
        return _ESCAPE.sub(lambda found: _escape(found[0]), value)
    raise KeyboardsError(f"{value!r} cannot be packed into a button")


def _escape(letter: str) -> str:
    return f"~{ord(letter):02x}" if ord(letter) < 0x80 else f"~+{ord(letter):06x}"  # noqa: PLR2004 - the end of ASCII


def _encode_number(value: int) -> str:
    if value.bit_length() > 6 * LONGEST_NUMBER:
        raise KeyboardsError(f"a number of {value.bit_length()} bits is too long for a button")
    digits, rest = "", abs(value)
    while rest or not digits:
        digits, rest = _DIGITS[rest % 64] + digits, rest // 64
    return f"~{digits}" if value < 0 else digits


def _decode_field(text: str, kind: Any) -> object:
    bare = _without_none(kind)
    if text == NONE and bare is not kind:
        return None
    if issubclass(bare, Flag):
        return _decode_flag(bare, text)
    if issubclass(bare, Enum):
        chosen = [one for one in bare if _encode(one.value) == text]
        return chosen[0] if chosen else _refuse_choice(text)
    if bare is bool:
        return bool(text) if text in ("", "1") else _refuse_choice(text)
    if issubclass(bare, int):
        return _decode_number(text)
    return _ESCAPED.sub(_unescape, text)


def _unescape(found: re.Match[str]) -> str:
    """Return the letter that an escape means; raise BadPayload for an invalid code."""
    code = int(found[1] or found[2], 16)
    if code > sys.maxunicode or code in _SURROGATES:
        raise BadPayload(f"{found[0]!r} is not a character")
    return chr(code)


def _decode_flag(kind: type[Flag], text: str) -> Flag:
    """Read a combination of flags; raise BadPayload for unknown bits."""
    number = _decode_number(text)
    try:
        return kind(number)
    except ValueError as error:
        raise BadPayload(f"{text!r} is not one of the choices") from error


def _decode_number(text: str) -> int:
    digits = text.removeprefix("~")
    if not 0 < len(digits) <= LONGEST_NUMBER or not set(digits) <= set(_DIGITS):
        raise BadPayload(f"{text[:80]!r} is not a number")
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS.index(digit)
    return -value if text.startswith("~") else value


def _refuse_choice(text: str) -> object:
    raise BadPayload(f"{text[:80]!r} is not one of the choices")
