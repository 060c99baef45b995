"""Finds the parts of a message that its author only shows: code and quotations."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TAG = re.compile(r"\[(?P<end>/?)(?P<name>code|quote|pre)(?:[ =][^\[\]]*)?\]", re.IGNORECASE)
_FENCE = re.compile(r"^(?:-{6,}|```.*)\r?$", re.MULTILINE)
"""A line that begins or ends a quotation of the portal (a row of dashes), or code as other chats write it."""
_QUOTED_LINE = re.compile(r"^>>.*$", re.MULTILINE)


def spans(text: str) -> list[tuple[int, int]]:
    """Return where each code and quotation in a text begins and ends, in order and without overlaps."""
    found: list[tuple[int, int]] = []
    for start, end in sorted([*_tagged(text), *_fenced(text), *(line.span() for line in _QUOTED_LINE.finditer(text))]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _tagged(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the outermost pairs of tags for code or quotations begin and end; a tag without partner is text."""
    opened: dict[str, list[int]] = {}
    for tag in _TAG.finditer(text):
        starts = opened.setdefault(tag["name"].casefold(), [])
        if not tag["end"]:
            starts.append(tag.start())
        elif starts:
            yield starts[0], tag.end()
            starts.pop()


def _fenced(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each part between two lines of dashes, or two lines of three backquotes, begins and ends."""
    opened: dict[str, int] = {}
    for fence in _FENCE.finditer(text):
        kind = fence[0][:3]
        if kind in opened:
            yield opened.pop(kind), fence.end()
        else:
            opened[kind] = fence.start()
