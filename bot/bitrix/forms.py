"""A body as a portal sends it, form with PHP brackets or JSON, as one tree; hostile ones are refused early."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec

from bot.errors import BadEvent

FIELDS: Final = 2000
"""An event of a bot has about 60 fields; a batch of 20 commands, each with its tokens twice, stays under 700."""
DEPTH: Final = 16
"""The deepest documented field is `data[BOT][567][AUTH][scope]`: 5. Message parameters may add some levels."""
KEY_LENGTH: Final = 512
"""Characters of a field's name as sent, percent signs included; documented names stay under 80."""
REMEMBERED_KEYS: Final = 4096
"""Names carry the bot's id, so a portal adds about 30 of its own; this many cost under 3 MB."""
REMEMBERED_LENGTH: Final = 128
"""Longer names are not kept: nobody fills our memory with them."""


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
        raise BadEvent("The body is not valid UTF-8.") from None


def _is_json(body: bytes, content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    if media == "application/x-www-form-urlencoded":
        return False
    return media in ("application/json", "text/json") or media.endswith("+json") or body[:64].lstrip()[:1] == b"{"


# --- Forms --------------------------------------------------------------------------------------------


def _form(body: bytes, limits: Limits) -> dict[str, Any]:
    if body.count(b"&") >= limits.fields:
        raise BadEvent(f"The form has more than {limits.fields} fields.")
    tree: dict[str, Any] = {}
    free: dict[int, int] = {}
    branch: dict[str, Any] = tree
    last: tuple[str, ...] = ()
    for field in body.decode().split("&"):
        name, _, value = field.partition("=")
        if not name:
            continue
        path, leaf = _known_path(name) if len(name) <= REMEMBERED_LENGTH else _long_path(name, limits)
        if path != last or "" in path:  # fields of one branch come one after the other: walk there once
            branch, last = _walk(tree, path, free, limits), path
        key = leaf or _next_index(branch, free)
        if type(branch.get(key)) is dict:
            raise _conflict()
        branch[key] = _text(value) if "%" in value or "+" in value else value
    return tree


def _walk(tree: dict[str, Any], path: tuple[str, ...], free: dict[int, int], limits: Limits) -> dict[str, Any]:
    if len(path) >= limits.depth:
        raise BadEvent(f"The form is nested deeper than {limits.depth} levels.")
    branch = tree
    for part in path:
        key = part or _next_index(branch, free)
        below = branch.setdefault(key, {})
        if type(below) is not dict:
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


def _long_path(name: str, limits: Limits) -> tuple[tuple[str, ...], str]:
    if len(name) > limits.key_length:
        raise BadEvent(f"The form has a field whose name is longer than {limits.key_length} characters.")
    return _path(name)


_INDEX = re.compile(r"\[([^\]]*)\]")


def _path(name: str) -> tuple[tuple[str, ...], str]:
    """Split `data[USER][ID]` into (("data", "USER"), "ID"), as PHP does: what is no index in brackets is plain text."""
    plain = _text(name)
    head, _, _ = plain.partition("[")
    parts, at = [head], len(head)
    while index := _INDEX.match(plain, at):
        parts.append(index[1])
        at = index.end()
    if not head or len(parts) == 1:
        return (), plain
    return tuple(parts[:-1]), parts[-1]


_known_path = lru_cache(maxsize=REMEMBERED_KEYS)(_path)

_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def _text(raw: str) -> str:
    """Undo percent-encoding. A whole run of escapes is decoded at once: Cyrillic text is one run per word."""
    if "%" not in raw:
        return raw.replace("+", " ")
    return _ESCAPED.sub(_unescape, raw.replace("+", " "))


def _unescape(run: re.Match[str]) -> str:
    return bytes.fromhex(run[0].replace("%", "")).decode()


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
