"""Suggest the name that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

NEAR = 0.75
"""How alike (difflib) a word must be to a name to be taken for a slip of it."""


def nearest(name: str, names: Iterable[str], *, cutoff: float = NEAR) -> str | None:
    """Find the name that a word was probably meant to be, whatever its case."""
    close = difflib.get_close_matches(name.casefold(), list(names), n=1, cutoff=cutoff)
    return close[0] if close else None
