"""Decodes the body of a request, a form with PHP brackets or JSON, into a tree, within limits."""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from bot.bitrix.inbound import brackets
from bot.errors import BadEvent

FIELDS: Final = 2000
"""The most fields in a body: an event has about 60, a batch of 20 commands under 700."""
DEPTH: Final = 16
"""The deepest nesting; documented is 5 (`data[BOT][567][AUTH][scope]`), message parameters may add some."""
KEY_LENGTH: Final = 512
"""The longest field name in bytes, decoded; documented names have under 50."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits for one body; `key_length` applies to names in a form only."""

    fields: int = FIELDS
    depth: int = DEPTH
    key_length: int = KEY_LENGTH


LIMITS: Final = Limits()


def decode(body: bytes, content_type: str, limits: Limits = LIMITS) -> dict[str, Any]:
    """Decode a body into a tree of dicts.

    A form gives dicts of text (lists get the keys "0", "1"...), JSON gives native types. `content_type` decides; if it
    names neither, a body that starts with `{` is JSON. Time and memory grow linearly with the size of the body.

    Raises:
        BadEvent: the body is invalid or over a limit; the text may be returned to the client.
    """
    try:
        return _json(body, limits) if _is_json(body, content_type) else _form(body, limits)
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _not_utf8() -> BadEvent:
    return BadEvent("The body is not valid UTF-8.")


def _is_json(body: bytes, content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    if media == "application/x-www-form-urlencoded":
        return False
    return media in ("application/json", "text/json") or media.endswith("+json") or body[:64].lstrip()[:1] == b"{"


# --- Forms --------------------------------------------------------------------------------------------

# Percent-encoding is turned into quoted-printable, which has a fast decoder in C: 25 KB of Cyrillic in 20 us.
_SEPARATOR = "\x1e"
_NOT_SEPARATORS = bytes(set(range(256)) - set(b"&="))
_TO_QUOTED_PRINTABLE = bytes.maketrans(b"&=+%", b"\x1e\x1e =")
_ESCAPES_NOTHING = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _form(body: bytes, limits: Limits) -> dict[str, Any]:
    fields = body.count(b"&") + 1
    if fields > limits.fields:
        raise BadEvent(f"The form has more than {limits.fields} fields.")
    names, values = _split_fast(body, fields) or _split_any(body)
    return brackets.plans.of(names, depth=limits.depth, key_length=limits.key_length).fill(values)


def _split_fast(body: bytes, fields: int) -> tuple[tuple[str, ...], list[str]] | None:
    """Split a form into names and values, all fields at once.

    None if a field has no `=` or several, or if there is an invalid escape; then `_split_any` is needed.
    """
    plain = a2b_qp(body.translate(_TO_QUOTED_PRINTABLE))
    # Each valid escape turns three bytes into one; the length shows whether a percent sign was no valid escape.
    if len(body) - len(plain) != 2 * body.count(b"%") or b"\n" in body or b"\r" in body:
        return None
    if body.translate(None, _NOT_SEPARATORS) != (b"=&" * fields)[:-1]:
        return None
    parts = plain.decode().split(_SEPARATOR)
    return (tuple(parts[::2]), parts[1::2]) if len(parts) == 2 * fields else None


def _split_any(body: bytes) -> tuple[tuple[str, ...], list[str]]:
    """Split a form into names and values, field by field; invalid escapes stay as they are."""
    pairs = [field.partition(b"=") for field in body.split(b"&")]
    return tuple(_unescaped(name) for name, _, _ in pairs), [_unescaped(value) for _, _, value in pairs]


def _unescaped(text: bytes) -> str:
    text = text.replace(b"+", b" ")
    if b"%" in text:
        text = a2b_qp(_ESCAPES_NOTHING.sub(b"%25", text).replace(b"=", b"%3D").replace(b"%", b"="))
    return text.decode()


# --- JSON ---------------------------------------------------------------------------------------------

# Possessive, and the closing quote is optional, so that every byte is read once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _json(body: bytes, limits: Limits) -> dict[str, Any]:
    _check_size(_STRING.sub(b"", body), limits)
    try:
        tree = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise BadEvent("The body is not valid JSON.") from None
    if not isinstance(tree, dict):
        raise BadEvent("The body is JSON, but not an object.")
    return tree


def _check_size(skeleton: bytes, limits: Limits) -> None:
    """Check that a JSON text without its strings has not too many brackets and commas, before it is parsed.

    Raises:
        BadEvent: it has more fields or is nested deeper than the limits allow.
    """
    containers = skeleton.count(b"{") + skeleton.count(b"[")
    if skeleton.count(b",") >= limits.fields or containers > limits.fields:
        raise BadEvent(f"The JSON has more than {limits.fields} fields.")
    depth = 0
    for bracket in skeleton.translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"{[" else -1
        if depth < 0:
            break  # more closed than opened; the parser refuses that
        if depth > limits.depth:
            raise BadEvent(f"The JSON is nested deeper than {limits.depth} levels.")
