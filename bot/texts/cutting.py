"""Cuts texts between what people see as characters (grapheme clusters: Unicode, UAX 29)."""

from __future__ import annotations

from itertools import accumulate

import wcwidth

_AFTER_WORD = " ,.;:–-"


def start(text: str, limit: int) -> str:
    """Return the whole characters at the start of a text that have at most `limit` code points.

    A character that alone is longer, a letter with hundreds of accents, is cut.
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
    """Return the text, cut after the last whole word that fits, with an ellipsis.

    Where the last space is far before the end, as in languages without spaces, it is cut after a whole character.
    """
    if len(text) <= limit:
        return text
    kept, _space, _half = text[: limit + 1].rpartition(" ")
    if not kept or len(kept) < limit // 2:
        kept = start(text, limit)
    return f"{kept.rstrip(_AFTER_WORD)}…"
