"""Filter, sort and select rows of an answer, in the syntax of Bitrix24's lists (reference: C, H)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portal.clock import moment_of
from portal.wire import php

Row = dict[str, Any]
Test = Callable[[Any, Any], bool]
BOUNDS = 2
"""Number of values of a `><` filter."""
_NAME = re.compile(r"(!><|!=%|!%=|><|=%|%=|!%|!=|!@|>=|<=|[>=<!@%?])?(.*)\Z", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?\Z")


def filtered(rows: Iterable[Row], wanted: Mapping[str, Any]) -> list[Row]:
    """Return the rows that match all filters; a filter on an unknown field matches every row."""
    tests = [_make_test(str(name), value) for name, value in wanted.items()]
    return [row for row in rows if all(test(row) for test in tests)]


def fields_in(names: Iterable[Any]) -> set[str]:
    """Return the fields that the keys of a filter or an order name, in upper case, without operators."""
    found = (_NAME.match(str(name)) for name in names)
    return {match[2].upper() for match in found if match}


def _make_test(name: str, wanted: Any) -> Callable[[Row], bool]:
    """Return a function that tests a row against one filter.

    `!` negates, a list means any of its values, `%` finds a part of a text.
    """
    found = _NAME.match(name)
    mark, field = (found[1] or "", found[2].upper()) if found else ("", name.upper())
    turned, mark = mark.startswith("!"), mark.removeprefix("!")
    sought = wanted if mark == "><" else php.values_of(wanted) or [""]
    hit = _MARKS[mark]

    def matches(row: Row) -> bool:
        # Bitrix24 ignores filters on unknown fields instead of returning nothing.
        if field not in row:
            return True
        values = row[field] if isinstance(row[field], list) else [row[field]]
        if mark == "><":
            return any(_is_between(value, sought) for value in values) != turned
        return any(hit(value, one) for one in sought for value in values or [""]) != turned

    return matches


def _comparable_text(value: Any) -> str:
    """Return a value as text in lower case for comparison; booleans become "y" and "n"."""
    if isinstance(value, bool):
        return "y" if value else "n"
    return php.text_of(value).lower()


def _is_equal(value: Any, sought: Any) -> bool:
    """Tell whether a value equals a sought one; in a sought text, % stands for any characters."""
    if isinstance(value, bool):
        return value is php.is_yes(sought)
    if isinstance(sought, str) and "%" in sought:
        return _is_like(value, sought)
    if isinstance(sought, bool):
        return php.is_yes(value) is sought
    return _comparable_text(value) == _comparable_text(sought) or (_is_number(value) and _compare(value, sought) == 0)


def _is_number(value: Any) -> bool:
    return _NUMBER.match(php.text_of(value)) is not None


def _is_like(value: Any, sought: Any) -> bool:
    """Tell whether a value matches a pattern as in SQL's LIKE, where % stands for any characters."""
    parts = (re.escape(part) for part in _comparable_text(sought).split("%"))
    return re.fullmatch(".*".join(parts), _comparable_text(value), re.DOTALL) is not None


def _contains(value: Any, sought: Any) -> bool:
    return _comparable_text(sought).strip("%") in _comparable_text(value)


def _compare(value: Any, sought: Any) -> int | None:
    """Return -1 when a value is less than the sought one, 0 when both are equal, 1 when it is greater.

    Numbers are compared as numbers, dates as times, the rest as text. The result is None when the value is empty or the
    sought one is no date although the value is.
    """
    left: Any = php.text_of(value)
    right: Any = php.text_of(sought)
    if _NUMBER.match(left) and _NUMBER.match(right):
        left, right = float(left), float(right)
    elif (moment := moment_of(left)) is not None:
        left, right = moment, moment_of(right)
    if left == "" or right is None:
        return None
    return int(left > right) - int(left < right)


def _is_between(value: Any, bounds: Any) -> bool:
    pair = php.values_of(bounds)
    if len(pair) != BOUNDS:
        return False
    low, high = _compare(value, pair[0]), _compare(value, pair[1])
    return low is not None and high is not None and low >= 0 >= high


_MARKS: dict[str, Test] = {
    "": _is_equal,
    "=": _is_equal,
    "@": _is_equal,
    "%": _contains,
    "?": _contains,
    "=%": _is_like,
    "%=": _is_like,
    ">": lambda value, sought: _compare(value, sought) == 1,
    "<": lambda value, sought: _compare(value, sought) == -1,
    ">=": lambda value, sought: _compare(value, sought) in (0, 1),
    "<=": lambda value, sought: _compare(value, sought) in (0, -1),
    "><": _is_between,
}


def sorted_rows(rows: list[Row], order: Any) -> list[Row]:
    """Sort rows by `{"FIELD": "ASC"|"DESC", ...}`, the first field first.

    Unknown fields have no effect.
    """
    wanted = order.items() if isinstance(order, Mapping) else []
    for name, way in reversed(list(wanted)):
        field = str(name).upper()
        rows = sorted(rows, key=lambda row, key=field: sort_key(row.get(key)), reverse=is_descending(way))  # type: ignore[misc]
    return rows


def is_descending(way: Any) -> bool:
    """Tell whether a sort direction means descending: "DESC", in any case."""
    return php.text_of(way).strip().upper().startswith("DESC")


def sort_key(value: Any) -> tuple[float, str]:
    """Return the sort key of a value: empty values come first, then numbers, then texts."""
    text = php.text_of(value[0] if isinstance(value, list) and value else value)
    return (float(text), "") if _NUMBER.match(text) else (float("inf") if text else float("-inf"), text.lower())


def select_fields(rows: list[Row], names: Iterable[Any], *, always: tuple[str, ...] = ()) -> list[Row]:
    """Return the rows with only the named fields and those in `always`.

    With `*` or without names, all fields stay; `UF_*` selects all custom fields.
    """
    wanted = [php.text_of(name).upper() for name in names]
    if not wanted or "*" in wanted:
        return rows
    keep = {*wanted, *always}
    custom = "UF_*" in keep
    return [
        {key: value for key, value in row.items() if key in keep or (custom and key.startswith("UF_"))} for row in rows
    ]
