"""Read and write forms and numbers as PHP does: bracket keys, http_build_query, intval."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus

MAX_DEPTH = 64
"""PHP's max_input_nesting_level: deeper keys are ignored."""
MAX_INT = 2**63 - 1
"""The largest integer of PHP on a 64-bit machine; intval stops there."""

_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?\d{1,30})")
_KEY = re.compile(r"\[([^\]]*)\]")


def form_of(text: str) -> dict[str, Any]:
    """Decode a form or query with bracket keys into nested dicts and lists."""
    return nest(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=None))


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Nest pairs like `a[b][]=c` as PHP's parse_str does.

    Objects with the keys 0, 1, 2... become lists.
    """
    tree: dict[str, Any] = {}
    for name, value in pairs:
        path = _split_key(name)
        if path:
            _store(tree, path, value)
    return {key: _to_lists(value) for key, value in tree.items()}


def _split_key(name: str) -> list[str]:
    """Split `a[b][]` into ['a', 'b', '']; return an empty list for an ignored key."""
    head, bracket, _ = name.partition("[")
    if not head:
        return []
    first = head.lstrip(" ").replace(".", "_").replace(" ", "_")
    rest = _KEY.findall(name[len(head) :]) if bracket else []
    return [] if not first or len(rest) > MAX_DEPTH else [first, *rest]


def _store(tree: dict[str, Any], path: list[str], value: object) -> None:
    """Store a value in a tree of dicts under its path; an empty key in the path means the next free number."""
    node = tree
    for step in path[:-1]:
        key = step or _next_number(node)
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child
    node[path[-1] or _next_number(node)] = value


def _next_number(node: Mapping[str, Any]) -> str:
    """Return the key that PHP gives to the next `[]` element of an array."""
    # The common case needs no search for the largest number, so large forms stay fast.
    size = len(node)
    if str(size) not in node and (size == 0 or str(size - 1) in node):
        return str(size)
    numbers = [int(key) for key in node if key.isdecimal()]
    return str(max(numbers) + 1 if numbers else 0)


def _to_lists(value: object) -> Any:
    """Turn dicts with the keys 0, 1, 2... into lists, at all levels."""
    if not isinstance(value, dict):
        return value
    # PHP has one array type; JSON needs to know whether it is a list.
    if value and all(key == str(index) for index, key in enumerate(value)):
        return [_to_lists(item) for item in value.values()]
    return {key: _to_lists(item) for key, item in value.items()}


def query(data: Mapping[str, Any]) -> str:
    """Encode nested data as PHP's http_build_query does.

    Empty arrays and nulls are left out; true and false become 1 and 0.
    """
    parts: list[str] = []
    for key, value in data.items():
        _write(quote_plus(key), value, parts)
    return "&".join(parts)


def _write(name: str, value: Any, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(f"{name}={quote_plus(value)}")
    elif isinstance(value, bool):
        parts.append(f"{name}={int(value)}")
    elif isinstance(value, dict):
        for key, item in value.items():
            _write(f"{name}%5B{quote_plus(str(key))}%5D", item, parts)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _write(f"{name}%5B{index}%5D", item, parts)
    elif value is not None:
        parts.append(f"{name}={quote_plus(str(value))}")


def scalars_to_text(value: Any) -> Any:
    """Return a copy of data in which all scalars are strings, as in a form.

    True and false become "1" and "0", null becomes "".
    """
    if isinstance(value, dict):
        return {key: scalars_to_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scalars_to_text(item) for item in value]
    return str(int(value)) if isinstance(value, bool) else "" if value is None else str(value)


def without_maps(value: Any) -> Any:
    """Return a copy of data with [] for empty maps, as PHP writes an empty array."""
    if isinstance(value, dict):
        return {key: without_maps(item) for key, item in value.items()} if value else []
    return [without_maps(item) for item in value] if isinstance(value, list | tuple) else value


def int_of(value: object) -> int:
    """Return a value as a whole number, as PHP's intval does: leading digits of a text count, else 0."""
    if isinstance(value, bool | int):
        return max(-MAX_INT - 1, min(MAX_INT, int(value)))
    if isinstance(value, float):
        return int(value) if abs(value) < MAX_INT else 0
    if isinstance(value, str):
        found = _NUMBER.match(value)
        return max(-MAX_INT - 1, min(MAX_INT, int(found[1]))) if found else 0
    return int(bool(value)) if isinstance(value, list | dict) else 0


def text_of(value: object) -> str:
    """Return a scalar as a string, as PHP does.

    True becomes "1", false and null become empty, arrays count as empty.
    """
    if isinstance(value, str):
        return value
    if value is None or value is False or isinstance(value, list | dict):
        return ""
    return "1" if value is True else str(value)


def is_empty(value: object) -> bool:
    """Tell whether PHP's empty() is true: "", "0", 0, null, false, empty array."""
    return value in ("", "0", 0, None, False) or value in ([], {})


def is_yes(value: object) -> bool:
    """Tell whether a value means yes: Y, y, true or 1, as text, number or boolean."""
    return value is True or (isinstance(value, str | int) and str(value).strip().lower() in {"y", "true", "1"})


def values_of(value: object) -> list[Any]:
    """Return the values of an array or object as a list.

    A scalar becomes a list with this value; null and an empty text become an empty list.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    return [] if value is None or value == "" else [value]
