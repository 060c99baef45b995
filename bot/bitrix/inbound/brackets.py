"""Builds the tree that PHP makes of field names with brackets.

Events of one kind have the same names, so the plan of a tree is made once and reused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from bot.errors import BadEvent

REMEMBERED_KEYS: Final = 4096
"""The most names that are cached; they contain the bot's id, about 30 per portal, under 3 MB together."""
REMEMBERED_LENGTH: Final = 128
"""The longest name in bytes that is cached, so that nobody can fill the memory.

Names up to this length are allowed by every limit.
"""
REMEMBERED_FIELDS: Final = 16_384
"""The most fields of all cached plans together: five plans for each of forty portals, under 10 MB."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of one group of fields: which values belong to it, in order, and the groups inside of it."""

    leaves: tuple[str, ...]
    values: Callable[[Sequence[str]], Sequence[str]]
    groups: tuple[tuple[str, Plan], ...]
    depth: int = 0

    def fill(self, values: Sequence[str]) -> dict[str, Any]:
        """Build the tree of one body; `values` are the values of all its fields, in order."""
        tree: dict[str, Any] = dict(zip(self.leaves, self.values(values), strict=True))
        for key, group in self.groups:
            tree[key] = group.fill(values)
        return tree


@dataclass(slots=True)
class Plans:
    """A cache of plans by the names of all fields in order; it is emptied when it is full."""

    known: dict[tuple[str, ...], Plan] = field(default_factory=dict)
    fields: int = 0

    def of(self, names: tuple[str, ...], *, depth: int, key_length: int) -> Plan:
        """Return the plan for these names of fields.

        Raises:
            BadEvent: the names are too long, nested too deep, or contradictory.
        """
        plan = self.known.get(names)
        return plan if plan and plan.depth < depth else self._make(names, depth, key_length)

    def _make(self, names: tuple[str, ...], depth: int, key_length: int) -> Plan:
        places, deepest = _index_tree(names, depth, key_length)
        plan = _plan(places, deepest)
        if max(map(len, names)) <= REMEMBERED_LENGTH and len(names) <= REMEMBERED_FIELDS:
            if self.fields + len(names) > REMEMBERED_FIELDS:
                self.clear()
            self.known[names] = plan
            self.fields += len(names)
        return plan

    def clear(self) -> None:
        """Empty the cache."""
        self.known.clear()
        self.fields = 0


plans: Final = Plans()


def _plan(places: dict[str, Any], depth: int = 0) -> Plan:
    leaves = {key: place for key, place in places.items() if isinstance(place, int)}
    groups = tuple((key, _plan(place)) for key, place in places.items() if isinstance(place, dict))
    own = list(leaves.values())
    first, last = (own[0], own[-1] + 1) if own else (0, 0)
    in_a_row = own == list(range(first, last))
    values = itemgetter(slice(first, last)) if in_a_row else itemgetter(*own)
    return Plan(leaves=tuple(leaves), values=values, groups=groups, depth=depth)


def _index_tree(names: tuple[str, ...], depth: int, key_length: int) -> tuple[dict[str, Any], int]:
    """Build the tree of these names, with the index of each value in place of the value.

    Return the tree and how deep it is.

    Raises:
        BadEvent: the names are too long, nested too deep, or contradictory.
    """
    tree: dict[str, Any] = {}
    free: dict[int, int] = {}
    last: Path = ()
    branch, deepest = tree, 0
    for place, name in enumerate(names):
        if not name:
            continue
        path, leaf = _names.known.get(name) or _names.learn(name, key_length)
        if path is not last:  # fields of one branch follow each other, so walk there once
            if len(path) >= depth:
                raise BadEvent(f"The form is nested deeper than {depth} levels.")
            branch, last, deepest = _walk(tree, path, free), path, max(deepest, len(path))
        key = leaf or _next_index(branch, free)
        if isinstance(branch.get(key), dict):
            raise _conflict()
        branch[key] = place
    return tree, deepest


def _walk(tree: dict[str, Any], path: Path, free: dict[int, int]) -> dict[str, Any]:
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
    """Return the index to which `name[]=` appends in a group of fields.

    `free` remembers where the last search stopped, so that the time stays linear.
    """
    index = free.get(id(branch), 0)
    while str(index) in branch:
        index += 1
    free[id(branch)] = index + 1
    return str(index)


class _Names:
    """A cache of parsed field names, because every event repeats them; it is emptied when it is full."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[Path, str]] = {}
        self._paths: dict[Path, Path] = {}

    def learn(self, name: str, key_length: int) -> tuple[Path, str]:
        """Parse a name, and return its path and last part; names of one branch share one path object.

        Raises:
            BadEvent: the name is longer than `key_length` bytes.
        """
        size = len(name.encode())
        if size > max(key_length, REMEMBERED_LENGTH):
            raise BadEvent(f"The form has a field whose name is longer than {key_length} bytes.")
        path, leaf = _path(name)
        if size > REMEMBERED_LENGTH or "" in path:  # `a[][b]` makes a new branch each time
            return path, leaf
        if len(self.known) >= REMEMBERED_KEYS:
            self.known.clear()
            self._paths.clear()
        self.known[name] = found = self._paths.setdefault(path, path), leaf
        return found


_names = _Names()

_INDEX = re.compile(r"\[([^\]]*)\]")


def _path(name: str) -> tuple[Path, str]:
    """Split `data[USER][ID]` into (("data", "USER"), "ID"), as PHP does; invalid brackets are plain text."""
    head, _, _ = name.partition("[")
    parts, at = [head], len(head)
    while index := _INDEX.match(name, at):
        parts.append(index[1])
        at = index.end()
    if not head or len(parts) == 1:
        return (), name
    return tuple(parts[:-1]), parts[-1]
