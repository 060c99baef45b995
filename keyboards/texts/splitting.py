"""Long text in several messages: no tag left open, no word, link or character cut in two."""

from __future__ import annotations

import unicodedata
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from keyboards import normal
from keyboards.bb.escape import BREAK
from keyboards.bb.tokens import Kind, Token, opened, tokens
from keyboards.errors import BadText
from keyboards.validation import checks, rules

LONGEST: Final = 20_000
"""Characters of one message (reference: behaviour 4.5); the portal cuts the rest without an error."""

_BLANK: Final = (Kind.SPACE, Kind.LINE)
_SAID: Final = (Kind.WORD, Kind.WHOLE)
_GLUE: Final = frozenset("\u200c\u200d\uff9e\uff9f\u0e33\u0eb3") | {
    BREAK,
    *map(chr, range(0x1160, 0x1200)),  # the second and third letters of a Hangul syllable
    *map(chr, range(0xD7B0, 0xD7FC)),
    *map(chr, range(0x1F3FB, 0x1F400)),  # skins
    *map(chr, range(0xE0020, 0xE0080)),  # the tags that make a flag that of a country within another
}
"""What is not a mark by its category, and yet one letter with what stands before it (Unicode, UAX 29)."""
_JOINS: Final = 9
"""The class of signs that join an Indic letter to the next (virama)."""
_FARTHEST: Final = 64


def split(text: str, limit: int = LONGEST) -> list[str]:
    """The text in pieces of at most `limit` characters, each a message that stands alone.

    Cut between lines, else between words, else (a word longer than a message) between whole characters. Tags open at
    a cut are closed and opened again; links, mentions and addresses stay whole. Blank text gives no pieces.
    """
    if limit < 1:
        raise BadText("a message has room for one character at least")
    whole = rules.bare(normal.lines(checks.unicode(text, "a text")))
    if len(whole) <= limit:
        return [whole] if whole else []
    cutter = _Cutter(limit)
    for token in tokens(whole):
        cutter.take(token)
    return cutter.finish()


def split_first(text: str, limit: int) -> str:
    """The first piece alone; nothing of a text that says nothing but tags."""
    cutter = _Cutter(limit)
    for token in tokens(text):
        cutter.take(token)
        if cutter.done:
            return cutter.done[0]
    return next(iter(cutter.finish()), "")


@dataclass(slots=True)
class _Cutter:
    """Takes tokens and gives messages; blanks at the beginning of one are left out.

    `row` is the message being filled: `head` tokens that open it again, then what was taken; `carried` are the tags
    that the head opened, `open` those open at the end of the row, `said` whether there is more in it than tags.
    """

    limit: int
    row: list[Token] = field(default_factory=list)
    head: int = 0
    carried: list[Token] = field(default_factory=list)
    open: list[Token] = field(default_factory=list)
    length: int = 0
    closing: int = 0
    said: bool = False
    done: list[str] = field(default_factory=list)

    def take(self, token: Token) -> None:
        """Add a token, after cutting as often as it takes to make room for it."""
        if self._needless(token):
            return
        while not self._fits(token):
            if self._cut(token):
                continue
            if token.kind in _BLANK or (token.kind is Kind.OPEN and not self.row):
                return  # a tag as long as a message: what it stands around is said without it
            if token.kind is Kind.WHOLE:
                for part in opened(token):
                    self.take(part)
                return
            if token.kind is Kind.OPEN or self.limit <= self.length + self.closing:
                self._begin([], [], [])
                continue
            start, token = self._halved(token)
            self._add(start)
        self._add(token)

    def _needless(self, token: Token) -> bool:
        """Whether the token closes what is not open, or is a blank at the beginning."""
        if token.kind is Kind.CLOSE:
            return all(tag.name != token.name for tag in self.open)
        return token.kind in _BLANK and not self.said

    def finish(self) -> list[str]:
        """The messages, the last one with what was left."""
        self._emit(self.row, self.open)
        return self.done

    def _fits(self, token: Token) -> bool:
        if token.kind is Kind.CLOSE:
            return True
        more = len(token.end) if token.kind is Kind.OPEN else 0
        return self.length + self.closing + more + len(token.text) <= self.limit

    def _add(self, token: Token) -> None:
        self.row.append(token)
        self.length += len(token.text)
        self.said = self.said or token.kind in _SAID
        if token.kind in (Kind.OPEN, Kind.CLOSE):
            _follow(self.open, token)
            self.closing = sum(len(tag.end) for tag in self.open)

    def _place(self) -> int | None:
        """Where the row is best cut: a line end in its second half, a space, its end; None if it says nothing."""
        best, line, total, said = None, None, 0, False
        for at, token in enumerate(self.row):
            if said and token.kind in _BLANK:
                best = at
                line = at if token.kind is Kind.LINE and total >= self.limit // 2 else line
            total += len(token.text)
            said = said or (at >= self.head and token.kind in _SAID)
        return line if line is not None else best if best is not None else len(self.row) if said else None

    def _cut(self, coming: Token) -> bool:
        """Finish a message and begin the next; False if there is nothing to finish."""
        at = self._place() if self.said else None
        if at is None:
            return False
        while self.row[at - 1].kind is Kind.OPEN:
            at -= 1
        said, rest = self.row[:at], deque(self.row[at:])
        lined = False
        while rest and rest[0].kind in (*_BLANK, Kind.CLOSE):
            token = rest.popleft()
            lined = lined or token.kind is Kind.LINE
            if token.kind is Kind.CLOSE:
                said.append(token)
        tags = list(self.carried)
        for token in said[self.head :]:
            _follow(tags, token)
        self._emit(said, tags)
        self._begin(tags, [] if lined else _line_start(said, (*rest, coming)[0]), list(rest))
        return True

    def _emit(self, row: list[Token], tags: list[Token]) -> None:
        said = "".join(token.text for token in row)
        if rules.bare(said):
            self.done.append(rules.bare(said) + "".join(tag.end for tag in reversed(tags)))

    def _begin(self, tags: list[Token], line: list[Token], rest: list[Token]) -> None:
        """Open the tags again, those that need a line of their own first; leave them if they would fill the message."""
        if sum(len(tag.start) + len(tag.end) for tag in tags) > self.limit // 2:
            tags = []
        ruled = [Token(Kind.OPEN, tag.start, tag.name) for tag in tags if tag.name == "-"]
        styled = [Token(Kind.OPEN, tag.start, tag.name) for tag in tags if tag.name != "-"]
        mark = [token for token in line if len(token.text) < self.limit // 2]
        self.row = [*ruled, *mark, *styled]
        self.head, self.carried, self.open = len(self.row), list(tags), list(tags)
        self.length = sum(len(token.text) for token in self.row)
        self.closing = sum(len(tag.end) for tag in tags)
        self.said = False
        for token in rest:
            if not self._needless(token):
                self._add(token)

    def _halved(self, token: Token) -> tuple[Token, Token]:
        at = whole_character(token.text, self.limit - self.length - self.closing)
        return Token(Kind.WORD, token.text[:at]), Token(Kind.WORD, token.text[at:])


def whole_character(text: str, at: int) -> int:
    """The place at or before `at` where no accent, joiner or half of a flag is torn from its letter; at least 1."""
    for place in range(at, max(0, at - _FARTHEST), -1):
        if not _glued(text, place):
            return place
    return at


def _glued(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before == "\u200d" or after in _GLUE or unicodedata.category(after)[0] == "M":
        return True
    return _half_flag(text, at) or (unicodedata.combining(before) == _JOINS and after.isalpha())


def _half_flag(text: str, at: int) -> bool:
    """Whether the place is between the two letters of a flag: they pair up from the beginning of their row."""
    first = at
    while first and "\U0001f1e6" <= text[first - 1] <= "\U0001f1ff":
        first -= 1
    return "\U0001f1e6" <= text[at] <= "\U0001f1ff" and (at - first) % 2 == 1


def _follow(tags: list[Token], token: Token) -> None:
    """The open tags after the token."""
    if token.kind is Kind.OPEN:
        tags.append(token)
    elif token.kind is Kind.CLOSE:
        at = next((at for at in reversed(range(len(tags))) if tags[at].name == token.name), None)
        if at is not None:
            del tags[at]


def _line_start(said: list[Token], following: Token) -> list[Token]:
    """What a line cut in two begins with: the mark of its quote; or something that keeps it from becoming one."""
    line_end = next((at for at in reversed(range(len(said))) if said[at].kind is Kind.LINE), -1)
    words = "".join(token.text for token in said[line_end + 1 : line_end + 4] if token.kind is not Kind.OPEN)
    if words.startswith(">>"):
        return [Token(Kind.WORD, ">>")]
    return [Token(Kind.WORD, BREAK)] if following.text.startswith((">", "---")) else []
