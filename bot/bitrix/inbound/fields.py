"""Reads single fields of a tree as Python types, from a form or from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.errors import BadEvent

Tree = Mapping[str, Any]

LARGEST: Final = 2**63 - 1
"""The largest number that a database column for ids can hold."""
DIGITS: Final = len(str(LARGEST))

_YES: Final = frozenset({"1", "Y", "y", "true", "True"})


def branch(tree: Tree, key: str) -> dict[str, Any]:
    """Return the group of fields under `key`; empty if it is missing or no group (JSON writes an empty group as [])."""
    value = tree.get(key)
    return value if isinstance(value, dict) else {}


def text(tree: Tree, key: str) -> str:
    """Return a field as text; "" if it is missing, null, false or a group."""
    value = tree.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def flag(tree: Tree, key: str) -> bool:
    """Check whether a field means yes: "Y" in v1, "1" in a v2 form, true in JSON."""
    value = tree.get(key)
    return value in _YES if isinstance(value, str) else bool(value == 1)


def number(tree: Tree, key: str) -> int:
    """Return a required field as a number from 0 to the database's maximum.

    Raises:
        BadEvent: the field is missing or not such a number.
    """
    found = maybe_number(tree, key)
    if found is None:
        raise BadEvent(f"The event has no {key}.")
    return found


def maybe_number(tree: Tree, key: str) -> int | None:
    """Return a field as a number; None if it is missing, null or false.

    Raises:
        BadEvent: the field is neither of these, nor a number that the database can store.
    """
    given = tree.get(key)
    value = given if isinstance(given, str) else text(tree, key)
    if value.isdigit() and value.isascii() and len(value) <= DIGITS and (found := int(value)) <= LARGEST:
        return found
    if given in (None, "", False):
        return None
    raise _no_number(key)


def _no_number(key: str) -> BadEvent:
    return BadEvent(f"{key} is not a number as a portal writes it.")


def known_number(tree: Tree, key: str) -> int | None:
    """Return a field that an event does not need as a positive number; None if it is missing or anything else."""
    try:
        return maybe_number(tree, key) or None
    except BadEvent:
        return None


def first_number(*fields: tuple[Tree, str]) -> int:
    """Return the number in the first of several fields that is present.

    Raises:
        BadEvent: none is present, or it is no number; the text names the field.
    """
    for tree, key in fields:
        found = maybe_number(tree, key)
        if found is not None:
            return found
    return number(*fields[0])


def language(tree: Tree, key: str) -> str:
    """Return a language code in lower case; "en" if it is missing."""
    return text(tree, key).lower() or "en"


def required(tree: Tree, key: str) -> str:
    """Return a required field as text.

    Raises:
        BadEvent: the field is missing or empty.
    """
    found = text(tree, key)
    if not found:
        raise BadEvent(f"The event has no {key}.")
    return found


def numbers(tree: Tree, key: str) -> tuple[int, ...]:
    """Return the numbers in a list, as `count` counts them; other values are left out."""
    values = tree.get(key)
    found = values.values() if isinstance(values, dict) else values if isinstance(values, list) else ()
    texts = (str(one) for one in found if isinstance(one, str | int) and not isinstance(one, bool))
    return tuple(int(one) for one in texts if one.isascii() and one.isdecimal() and len(one) < DIGITS)


def count(tree: Tree, key: str) -> int:
    """Return the number of values in a list; 0 if it is missing.

    A form may send a list with numbers as keys, and does not send an empty one.
    """
    values = tree.get(key)
    return len(values) if isinstance(values, dict | list) else 0
