"""Shorten a text in BB code to its first words, with all tags closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyboards import normal
from keyboards.bb.marks import marks
from keyboards.texts.splitting import split_first
from keyboards.validation import checks, rules

if TYPE_CHECKING:
    from keyboards.bb.marks import Mark


def head(text: str, limit: int, ending: str = "…") -> str:
    """Return the first words of a text, in at most `limit` characters including `ending`.

    `ending` is added when something was removed. The text is cut at a space outside of links and tags, or else as
    `split` cuts it.
    """
    whole = rules.bare(normal.lines(checks.unicode(text, "a text")))
    if len(whole) <= limit:
        return whole
    room = limit - len(ending)
    if room < 1:
        return ending[: max(limit, 0)]
    found = marks(whole) if "[" in whole or "://" in whole or "------" in whole else []
    at = _last_blank(whole, room + 1)
    while at > 0:
        closing = _closing_tags(found, at)
        kept = whole[:at].rstrip(rules.BLANK)
        if closing is not None and kept and len(kept) + len(closing) <= room:
            return kept + closing + ending
        at = _last_blank(whole, at)
    return split_first(whole, room) + ending


def _last_blank(text: str, before: int) -> int:
    """Return the position of the last space or newline before `before`, or -1."""
    return max(text.rfind(" ", 0, before), text.rfind("\n", 0, before))


def _closing_tags(found: list[Mark], at: int) -> str | None:
    """Return the text that closes all tags that are open at a position.

    None means that the position is inside markup, or directly after an opening tag.
    """
    closing = ""
    for mark in found:
        if mark.start >= at:
            break
        if mark.end > at or (mark.end == at and mark.closing):
            return None
        if mark.until >= at:
            closing = mark.closing + closing
    return closing
