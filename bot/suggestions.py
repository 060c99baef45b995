"""Suggests the nearest name for a misspelled one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bot.texts import comparing

NEAR = 0.75
"""How similar (difflib) a word must be to a name to count as a misspelling."""


def nearest(name: str, names: Iterable[str], *, cutoff: float = NEAR) -> str | None:
    """Return the name that is nearest to a word, or None.

    Upper and lower case are the same.
    """
    close = difflib.get_close_matches(comparing.fold(name), list(names), n=1, cutoff=cutoff)
    return close[0] if close else None
