"""Find the markup in a text: tags with their partners, whole links, addresses."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from keyboards.bb.tokens import MARK, code_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator


class Mark(NamedTuple):
    """The position of one markup element: a tag, a whole link or an address.

    An opening tag also has the text that closes it and the start of its closing tag.
    """

    start: int
    end: int
    closing: str = ""
    until: int = 0


def marks(code: str) -> list[Mark]:
    """Return all markup elements of a BB code text in order; a tag without partner is plain text and no element."""
    found: list[Mark] = []
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for start, end, name, closing in _tags(code):
        if closing and not (name == "-" and waiting[name]):
            waiting[name].append(len(found))
            found.append(Mark(start, end, closing))
        elif not name:
            found.append(Mark(start, end))
        elif waiting[name]:
            opening = waiting[name].pop()
            found[opening] = found[opening]._replace(until=start)
            found.append(Mark(start, end))
    return [mark for mark in found if mark.until or not mark.closing]


def _tags(code: str) -> Iterator[tuple[int, int, str, str]]:
    """Find the tags and whole elements (links, addresses) in BB code; inside code blocks, find none.

    Yield start, end, name and closing text of each; a whole element has an empty name.
    """
    at = 0
    for start, end in code_blocks(code):
        yield from _marks_outside_code(code, at, start.start())
        yield (*start.span(), "code", "[/code]")
        yield (*end.span(), "code", "")
        at = end.end()
    yield from _marks_outside_code(code, at, len(code))


def _marks_outside_code(code: str, start: int, end: int) -> Iterator[tuple[int, int, str, str]]:
    for found in MARK.finditer(code, start, end):
        name = (found["name"] or "").lower()
        if found["rule"]:
            yield (*found.span(), "-", f"\n{found[0]}")
        else:
            yield (*found.span(), name, "" if found["close"] or not name else f"[/{name}]")
