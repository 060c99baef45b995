"""What a portal sends, in the documented shapes with values of our own, and how it writes them as a form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def form(tree: Mapping[str, Any]) -> bytes:
    """Write nested dicts and lists as PHP's http_build_query does: brackets percent-encoded too, nulls left out."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in _fields(tree)).encode()


def _fields(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(value, Mapping):
            yield from _fields(value, name)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from _fields({str(index): item for index, item in enumerate(value)}, name)
        elif value is not None:
            yield name, str(int(value)) if isinstance(value, bool) else str(value)


def as_json(tree: Mapping[str, Any]) -> bytes:
    """Write the same tree as JSON."""
    return json.dumps(tree).encode()
