"""A body as a portal sends it, form with PHP brackets or JSON, as one tree; hostile ones are refused early."""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from bot.bitrix.inbound import brackets
from bot.errors import BadEvent

FIELDS: Final = 2000
"""An event of a bot has about 60 fields; a batch of 20 commands, each with its tokens twice, stays under 700."""
DEPTH: Final = 16
"""The deepest documented field is `data[BOT][567][AUTH][scope]`: 5. Message parameters may add some levels."""
KEY_LENGTH: Final = 512
"""Bytes of a field's name, escapes undone; documented names stay under 50."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one body may hold. `key_length` is about names in a form; the name in JSON costs only its bytes."""

    fields: int = FIELDS
    depth: int = DEPTH
    key_length: int = KEY_LENGTH


LIMITS: Final = Limits()


def decode(body: bytes, content_type: str, limits: Limits = LIMITS) -> dict[str, Any]:
    """Read one body: nested dicts of text from a form (lists get the keys "0", "1"...), native types from JSON.

    The content type decides; where it names neither, a body that starts with `{` is JSON. Time and memory grow
    with the size of the body, never faster. Raises BadEvent with a sentence that is safe to return.
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

# Quoted-printable is made of percent-encoding, because for that there is a decoder in C: 25 KB of Cyrillic in 20 us.
_SEPARATOR = "\x1e"
_NOT_SEPARATORS = bytes(set(range(256)) - set(b"&="))
_TO_QUOTED_PRINTABLE = bytes.maketrans(b"&=+%", b"\x1e\x1e =")
_ESCAPES_NOTHING = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _form(body: bytes, limits: Limits) -> dict[str, Any]:
    fields = body.count(b"&") + 1
    if fields > limits.fields:
        raise BadEvent(f"The form has more than {limits.fields} fields.")
    names, values = _as_php_writes(body, fields) or _as_anybody_writes(body)
    return brackets.plans.of(names, depth=limits.depth, key_length=limits.key_length).fill(values)


def _as_php_writes(body: bytes, fields: int) -> tuple[tuple[str, ...], list[str]] | None:
    """Take a form apart all at once: names and values. Only where each field has its `=`, and all else is escaped."""
    plain = a2b_qp(body.translate(_TO_QUOTED_PRINTABLE))
    # Each escape makes three bytes one; a percent sign that escapes nothing does not, or only before a line's end.
    if len(body) - len(plain) != 2 * body.count(b"%") or b"\n" in body or b"\r" in body:
        return None
    if body.translate(None, _NOT_SEPARATORS) != (b"=&" * fields)[:-1]:
        return None
    parts = plain.decode().split(_SEPARATOR)
    return (tuple(parts[::2]), parts[1::2]) if len(parts) == 2 * fields else None


def _as_anybody_writes(body: bytes) -> tuple[tuple[str, ...], list[str]]:
    """Take a form apart field by field, with everything that is odd in it left as it is."""
    pairs = [field.partition(b"=") for field in body.split(b"&")]
    return tuple(_unescaped(name) for name, _, _ in pairs), [_unescaped(value) for _, _, value in pairs]


def _unescaped(text: bytes) -> str:
    text = text.replace(b"+", b" ")
    if b"%" in text:
        text = a2b_qp(_ESCAPES_NOTHING.sub(b"%25", text).replace(b"=", b"%3D").replace(b"%", b"="))
    return text.decode()


# --- JSON ---------------------------------------------------------------------------------------------

# Possessive, and content with an end that is missing: every byte is looked at once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _json(body: bytes, limits: Limits) -> dict[str, Any]:
    _measure(_STRING.sub(b"", body), limits)
    try:
        tree = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise BadEvent("The body is not valid JSON.") from None
    if not isinstance(tree, dict):
        raise BadEvent("The body is JSON, but not an object.")
    return tree


def _measure(skeleton: bytes, limits: Limits) -> None:
    """Refuse by the brackets and commas outside of strings, before anything is built from them."""
    containers = skeleton.count(b"{") + skeleton.count(b"[")
    if skeleton.count(b",") >= limits.fields or containers > limits.fields:
        raise BadEvent(f"The JSON has more than {limits.fields} fields.")
    depth = 0
    for bracket in skeleton.translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"{[" else -1
        if depth < 0:
            break  # more closed than opened: the parser says so
        if depth > limits.depth:
            raise BadEvent(f"The JSON is nested deeper than {limits.depth} levels.")
