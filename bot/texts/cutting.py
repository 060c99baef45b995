"""Cuts texts only between what people see as characters (grapheme clusters: Unicode, UAX 29)."""

from __future__ import annotations

from itertools import accumulate

import wcwidth

_AFTER_WORD = " ,.;:–-"


def start(text: str, limit: int) -> str:
    """Return the start of a text: as many whole characters as fit into `limit` code points.

    If already the first character is longer (a letter with hundreds of accents), it is cut.
    """
    if len(text) <= limit:
        return text
    ends = accumulate(len(cluster) for cluster in wcwidth.iter_graphemes(text[: 2 * limit]))
    fitting = 0
    for end in ends:
        if end > limit:
            break
        fitting = end
    return text[: fitting or limit]


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` code points unchanged; cut a longer one after a word, with an ellipsis.

    If the last space is far before the end, as in languages without spaces, it is cut after a character.
    """
    if len(text) <= limit:
        return text
    kept, _space, _half = text[: limit + 1].rpartition(" ")
    if not kept or len(kept) < limit // 2:
        kept = start(text, limit)
    return f"{kept.rstrip(_AFTER_WORD)}…"
