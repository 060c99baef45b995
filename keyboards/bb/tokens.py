"""Split BB code into tokens: words, spaces, whole links, opening and closing tags.

A tag without its partner is plain text for a portal, so it is a word here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from keyboards.bb.escape import BREAK

if TYPE_CHECKING:
    from collections.abc import Iterator

LINKS: Final = "url|user|chat|context|put|send|call|img"
"""Paired tags that a reader sees as one element; `split` cuts them in two only when it must."""

STYLES: Final = "b|i|u|s|size|color|pch|rating|attach"
"""Paired tags that can be closed and opened again at any position."""

_SPACE: Final = " \t\v\f\x85\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000"
"""Characters at which a line may be broken, without no-break spaces."""

MARK: Final = re.compile(
    rf"(?P<whole>\[(?P<link>{LINKS})(?:[ =][^\[\]]*)?\][^\[\]]*\[/(?P=link)\]|\[(?:icon|timestamp|disk)[ =][^\[\]]*\])"
    rf"|(?P<tag>\[(?P<close>/?)(?P<name>{STYLES}|{LINKS})(?:[ =][^\[\]]*)?\])"
    r"|(?P<rule>(?<![^\n])-{6,}(?![^\n]))"
    r"|(?P<address>https?://[^\s\[\]]+)",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    rf"{MARK.pattern}|(?P<line>\r?\n|\[br\]|#BR#)|(?P<space>[{_SPACE}]+|\r)"
    rf"|(?P<word>(?:(?!#BR#|https?://)[^{_SPACE}\r\n\[])+|\[{BREAK}*)",
    re.IGNORECASE,
)
_CODE_START = re.compile(r"\[code\]", re.IGNORECASE)
_CODE_END = re.compile(r"\[/code\]", re.IGNORECASE)
_PAIR = re.compile(
    rf"(?P<head>\[(?P<name>{LINKS})[^\]]*\])(?P<inner>.*)(?P<tail>\[/(?P=name)\])", re.IGNORECASE | re.DOTALL
)
_CODE = re.compile(rf"\n|[{_SPACE}\r]+|[^{_SPACE}\r\n]+")


class Kind(Enum):
    """The role of a token when a text is cut."""

    WORD = "word"
    WHOLE = "whole"
    SPACE = "space"
    LINE = "line"
    OPEN = "open"
    CLOSE = "close"


class Token(NamedTuple):
    """A part of the text.

    `name` is the name of a tag, "-" for a line of dashes that begins or ends a quotation, and empty otherwise.
    """

    kind: Kind
    text: str
    name: str = ""

    @property
    def end(self) -> str:
        """Return the text that closes this opening token."""
        return f"\n{self.text}" if self.name == "-" else f"[/{self.name}]"

    @property
    def start(self) -> str:
        """Return the text that opens this opening token again in the next message."""
        return f"{self.text}\n" if self.name == "-" else self.text


def tokens(code: str) -> list[Token]:
    """Split BB code into tokens; each closing tag among them has an opening tag.

    The joined texts of all tokens are the original.
    """
    return _pair_tags(list(_split_unpaired(code)))


def split_link(link: Token) -> list[Token]:
    """Split a whole link into opening tag, words and closing tag.

    A token that is not a paired tag becomes one word.
    """
    found = _PAIR.fullmatch(link.text)
    if found is None:
        return [Token(Kind.WORD, link.text)]
    inner = (Token(_kind_of(word), word) for word in _CODE.findall(found["inner"]))
    name = found["name"].lower()
    return [Token(Kind.OPEN, found["head"], name), *inner, Token(Kind.CLOSE, found["tail"], name)]


def _split_unpaired(code: str) -> Iterator[Token]:
    """Split BB code into tokens before tags are paired; code blocks contain only words."""
    at = 0
    for start, end in code_blocks(code):
        yield from _split_outside_code(code[at : start.start()])
        yield Token(Kind.OPEN, start[0], "code")
        yield from (Token(_kind_of(word), word) for word in _CODE.findall(code[start.end() : end.start()]))
        yield Token(Kind.CLOSE, end[0], "code")
        at = end.end()
    yield from _split_outside_code(code[at:])


def code_blocks(code: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Find all code blocks; yield the matches of the opening and the closing tag of each."""
    at = 0
    while (start := _CODE_START.search(code, at)) and (end := _CODE_END.search(code, start.end())):
        yield start, end
        at = end.end()


def _split_outside_code(code: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(code):
        if found["tag"]:
            yield Token(Kind.CLOSE if found["close"] else Kind.OPEN, found["tag"], found["name"].lower())
        elif found["rule"]:
            yield Token(Kind.OPEN, found["rule"], "-")
        else:
            yield Token(_KINDS[found.lastgroup or "word"], found[0])


_KINDS: Final = {"whole": Kind.WHOLE, "address": Kind.WHOLE, "line": Kind.LINE, "space": Kind.SPACE, "word": Kind.WORD}


def _kind_of(word: str) -> Kind:
    return Kind.LINE if word == "\n" else Kind.SPACE if _CODE.fullmatch(word) and word.isspace() else Kind.WORD


def _pair_tags(row: list[Token]) -> list[Token]:
    """Return the tokens with words in place of tags that have no partner.

    A closing tag belongs to the nearest open tag of the same name. Tags may overlap, because a portal treats each
    name separately.
    """
    opened: defaultdict[str, list[int]] = defaultdict(list)
    paired = [token if token.kind not in (Kind.OPEN, Kind.CLOSE) else Token(Kind.WORD, token.text) for token in row]
    for at, token in enumerate(row):
        waiting = opened[token.name]
        closes = token.kind is Kind.CLOSE or (token.name == "-" and waiting)
        if closes and waiting:
            first = waiting.pop()
            paired[first] = row[first]
            paired[at] = Token(Kind.CLOSE, token.text, token.name)
        elif token.kind is Kind.OPEN:
            waiting.append(at)
    return paired
