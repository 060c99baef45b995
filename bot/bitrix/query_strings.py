"""Writes nested parameters as a query string with PHP's brackets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

_QUOTED = {code: quote_plus(chr(code)) for code in range(128)}
"""How each ASCII character is written in a query."""
_UNSAFE = re.compile(rb"[^A-Za-z0-9_.~ -]+")


def encode(params: Mapping[str, Any]) -> str:
    """Write nested parameters as a query with PHP's brackets, which a `batch` contains (reference: batch)."""
    pairs: list[str] = []
    _flatten(params, "", pairs)
    return "&".join(pairs)


def _flatten(value: Any, name: str, pairs: list[str]) -> None:
    if isinstance(value, dict | list | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            path = f"{name}[{key}]" if name else str(key)
            if isinstance(inner, str):  # most are, and a call for each would take longer than the rest
                pairs.append(f"{_quoted_name(path)}={_quoted(inner)}")
            else:
                _flatten(inner, path, pairs)
    elif value is not None:
        pairs.append(f"{_quoted_name(name)}={_quoted(str(int(value)) if isinstance(value, bool) else str(value))}")


def _quoted(text: str) -> str:
    """Quote a value as quote_plus does, which would take two or three times as long."""
    if text.isascii():
        return text.translate(_QUOTED)
    return _UNSAFE.sub(lambda found: _escaped(found[0]), text.encode()).replace(b" ", b"+").decode()


@lru_cache(maxsize=1024)
def _escaped(unsafe: bytes) -> bytes:
    return b"%" + unsafe.hex("%").upper().encode()


@lru_cache(maxsize=1024)
def _quoted_name(name: str) -> str:
    """Quote the name of a parameter; names are cached, because there are few and each message repeats them."""
    return quote_plus(name, safe="[]")
