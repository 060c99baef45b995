"""Suggests the most similar name for a misspelled one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bot.texts import comparing

NEAR = 0.75
"""How similar (difflib) a word must be to a name to count as a misspelling."""


def nearest(name: str, names: Iterable[str], *, cutoff: float = NEAR) -> str | None:
    """Return the name that is most similar to a word, in either case; None if no name is similar enough.

    `cutoff` is the lowest similarity (difflib), from 0 to 1.
    """
    close = difflib.get_close_matches(comparing.fold(name), list(names), n=1, cutoff=cutoff)
    return close[0] if close else None
