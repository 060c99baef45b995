"""Reading one field of a tree as the type we need, whether a form wrote it as text or JSON with a type of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.errors import BadEvent

Tree = Mapping[str, Any]

LARGEST: Final = 2**63 - 1
"""What a database column for an id can hold."""
DIGITS: Final = len(str(LARGEST))

_YES: Final = frozenset({"1", "Y", "y", "true", "True"})


def branch(tree: Tree, key: str) -> dict[str, Any]:
    """Give the group of fields under `key`; empty where there is none: a form leaves it out, JSON writes []."""
    value = tree.get(key)
    return value if isinstance(value, dict) else {}


def text(tree: Tree, key: str) -> str:
    """Give a field as text; "" where it is absent, null, false or a group."""
    value = tree.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def flag(tree: Tree, key: str) -> bool:
    """Tell whether a field says yes: "Y" in v1, "1" in a v2 form, true in JSON."""
    value = tree.get(key)
    return value in _YES if isinstance(value, str) else bool(value == 1)


def number(tree: Tree, key: str) -> int:
    """Give a field that has to be there as a number from 0 to what a database holds; raises BadEvent otherwise."""
    found = maybe_number(tree, key)
    if found is None:
        raise BadEvent(f"The event has no {key}.")
    return found


def maybe_number(tree: Tree, key: str) -> int | None:
    """Give a field as a number, None where it is absent, null or false; raises BadEvent for anything else."""
    value = text(tree, key)
    if value.isdigit() and value.isascii() and len(value) <= DIGITS and (found := int(value)) <= LARGEST:
        return found
    if tree.get(key) in (None, "", False):
        return None
    raise _no_number(key)


def _no_number(key: str) -> BadEvent:
    return BadEvent(f"{key} is not a number as a portal writes it.")


def first_number(*fields: tuple[Tree, str]) -> int:
    """Give the first of several fields that is there; raises BadEvent, naming the first, where none is."""
    for tree, key in fields:
        found = maybe_number(tree, key)
        if found is not None:
            return found
    return number(*fields[0])


def language(tree: Tree, key: str) -> str:
    """Give a language's code in lower case; English where there is none."""
    return text(tree, key).lower() or "en"


def required(tree: Tree, key: str) -> str:
    """Give a field that has to be there as text; raises BadEvent where it is absent or empty."""
    found = text(tree, key)
    if not found:
        raise BadEvent(f"The event has no {key}.")
    return found
