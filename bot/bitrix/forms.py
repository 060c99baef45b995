"""A body as a portal sends it, form with PHP brackets or JSON, as one tree; hostile ones are refused early."""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from bot.errors import BadEvent

FIELDS: Final = 2000
"""An event of a bot has about 60 fields; a batch of 20 commands, each with its tokens twice, stays under 700."""
DEPTH: Final = 16
"""The deepest documented field is `data[BOT][567][AUTH][scope]`: 5. Message parameters may add some levels."""
KEY_LENGTH: Final = 512
"""Bytes of a field's name, escapes undone; documented names stay under 50."""
REMEMBERED_KEYS: Final = 4096
"""Names carry the bot's id, so a portal adds about 30 of its own; this many cost under 3 MB."""
REMEMBERED_LENGTH: Final = 128
"""Bytes; longer names are not kept, so nobody fills our memory with them, and no limit makes shorter ones too long."""


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

Path = tuple[str, ...]

# Two bytes that no UTF-8 text contains stand for the separators, so that all escapes can be undone at once. The rest
# makes quoted-printable of percent-encoding, because for that there is a decoder in C: 25 KB of Cyrillic in 20 us.
_FIELD, _EQUALS = b"\xff", b"\xfe"
_TO_QUOTED_PRINTABLE = bytes.maketrans(b"&=+%", _FIELD + _EQUALS + b" =")
_ESCAPES_NOTHING = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _form(body: bytes, limits: Limits) -> dict[str, Any]:
    if body.count(b"&") >= limits.fields:
        raise BadEvent(f"The form has more than {limits.fields} fields.")
    tree: dict[str, Any] = {}
    free: dict[int, int] = {}
    branch, known = tree, _names.known.get
    last: Path = ()
    for field in _unescaped(body).split(_FIELD):
        name, _, value = field.partition(_EQUALS)
        if not name:
            continue
        path, leaf = known(name) or _names.learn(name, limits)
        if path is not last:  # fields of one branch come one after the other: walk there once
            branch, last = _walk(tree, path, free, limits), path
        key = leaf or _next_index(branch, free)
        if key in branch and isinstance(branch[key], dict):
            raise _conflict()
        try:
            branch[key] = value.decode()
        except UnicodeDecodeError:
            branch[key] = value.replace(_EQUALS, b"=").decode()
    return tree


def _unescaped(body: bytes) -> bytes:
    """Undo percent-encoding in a whole form, with `&` and `=` that separate turned into bytes that cannot be text."""
    plain = a2b_qp(body.translate(_TO_QUOTED_PRINTABLE))
    # Each escape makes three bytes one; a percent sign that escapes nothing does not, or only before a line's end.
    if len(body) - len(plain) != 2 * body.count(b"%") or b"\n" in body or b"\r" in body:
        body = _ESCAPES_NOTHING.sub(b"%25", body)
        plain = a2b_qp(body.translate(_TO_QUOTED_PRINTABLE))
    if plain.count(_FIELD) != body.count(b"&") or plain.count(_EQUALS) != body.count(b"="):
        raise _not_utf8()
    return plain


def _walk(tree: dict[str, Any], path: Path, free: dict[int, int], limits: Limits) -> dict[str, Any]:
    if len(path) >= limits.depth:
        raise BadEvent(f"The form is nested deeper than {limits.depth} levels.")
    branch = tree
    for part in path:
        key = part or _next_index(branch, free)
        below = branch.setdefault(key, {})
        if not isinstance(below, dict):
            raise _conflict()
        branch = below
    return branch


def _conflict() -> BadEvent:
    return BadEvent("The form uses one name both for a value and for a group of values.")


def _next_index(branch: dict[str, Any], free: dict[int, int]) -> str:
    """Find the index that `name[]=` appends at; what was found taken is not looked at again, so this stays linear."""
    index = free.get(id(branch), 0)
    while str(index) in branch:
        index += 1
    free[id(branch)] = index + 1
    return str(index)


class _Names:
    """Names of fields already taken apart: the same ones come with every event. Bounded, and emptied when full."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[Path, str]] = {}
        self._paths: dict[Path, Path] = {}

    def learn(self, name: bytes, limits: Limits) -> tuple[Path, str]:
        """Take a name apart; names of one branch get one and the same path object."""
        if len(name) > max(limits.key_length, REMEMBERED_LENGTH):
            raise BadEvent(f"The form has a field whose name is longer than {limits.key_length} bytes.")
        path, leaf = _path(name.decode())
        if len(name) > REMEMBERED_LENGTH or "" in path:  # `a[][b]` is a new branch each time
            return path, leaf
        if len(self.known) >= REMEMBERED_KEYS:
            self.known.clear()
            self._paths.clear()
        self.known[name] = found = self._paths.setdefault(path, path), leaf
        return found


_names = _Names()

_INDEX = re.compile(r"\[([^\]]*)\]")


def _path(name: str) -> tuple[Path, str]:
    """Split `data[USER][ID]` into (("data", "USER"), "ID"), as PHP does: what is no index in brackets is plain text."""
    head, _, _ = name.partition("[")
    parts, at = [head], len(head)
    while index := _INDEX.match(name, at):
        parts.append(index[1])
        at = index.end()
    if not head or len(parts) == 1:
        return (), name
    return tuple(parts[:-1]), parts[-1]


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
