"""Split long text into several messages, without breaking tags, words, links or characters."""

from __future__ import annotations

import unicodedata
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from keyboards import normal
from keyboards.bb.escape import BREAK
from keyboards.bb.tokens import Kind, Token, split_link, tokens
from keyboards.errors import BadText
from keyboards.validation import checks, rules

LONGEST: Final = 20_000
"""Largest number of characters of one message (reference: behaviour 4.5); the portal cuts the rest without an error."""

_BLANK: Final = (Kind.SPACE, Kind.LINE)
_TEXT_KINDS: Final = (Kind.WORD, Kind.WHOLE)
_GLUE: Final = frozenset("\u200c\u200d\uff9e\uff9f\u0e33\u0eb3") | {
    BREAK,
    *map(chr, range(0x1F3FB, 0x1F400)),  # skin tones
    *map(chr, range(0xE0020, 0xE0080)),  # tags of regional flags, such as Scotland
}
"""Characters that belong to the character before them, though their category is not a mark (Unicode, UAX 29)."""
_LEADING, _VOWEL, _TRAILING = "L", "V", "T"
_HANGUL: Final = (
    (0x1100, 0x115F, _LEADING), (0xA960, 0xA97C, _LEADING), (0x1160, 0x11A7, _VOWEL), (0xD7B0, 0xD7C6, _VOWEL),
    (0x11A8, 0x11FF, _TRAILING), (0xD7CB, 0xD7FB, _TRAILING),
)  # fmt: skip
"""The letters from which Hangul syllables are written, by their place in a syllable (Unicode, UAX 29)."""
_SYLLABLES: Final = (0xAC00, 0xD7A3, 28)
"""The first and the last whole Hangul syllable; every 28th has no trailing letter, so that one may follow."""
_PREPENDED: Final = frozenset(
    map(chr, [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0xD4E, 0x110BD, 0x110CD, 0x111C2, 0x111C3])
)
"""Signs that belong to the character after them: those over a number, and a dot above the next consonant."""
_JOINS: Final = 9
"""The combining class of signs that join an Indic letter to the next one (virama)."""
_FARTHEST: Final = 64


def split(text: str, limit: int = LONGEST) -> list[str]:
    """Split a text into complete messages of at most `limit` characters.

    The text is cut between lines, or else between words, or else (a word longer than a message) between characters.
    Tags that are open at a cut are closed and opened again; links, mentions and addresses stay whole. A blank text
    gives an empty list.
    """
    if limit < 1:
        raise BadText("the limit must be at least 1")
    whole = rules.bare(normal.lines(checks.unicode(text, "a text")))
    if len(whole) <= limit:
        return [whole] if whole else []
    cutter = _Cutter(limit)
    for token in tokens(whole):
        cutter.take(token)
    return cutter.finish()


def split_first(text: str, limit: int) -> str:
    """Return the first message that `split` makes of a text, or "" for a text of tags only."""
    cutter = _Cutter(limit)
    for token in tokens(text):
        cutter.take(token)
        if cutter.done:
            return cutter.done[0]
    return next(iter(cutter.finish()), "")


@dataclass(slots=True)
class _Cutter:
    """Takes tokens and makes messages, without spaces at their beginnings.

    `row` is the current message: first `head` tokens that open tags again, then the taken tokens. `carried` are the
    tags that the head opened, `open` those that are open at the end. `has_text` means that the row has more than
    tags.
    """

    limit: int
    row: list[Token] = field(default_factory=list)
    head: int = 0
    carried: list[Token] = field(default_factory=list)
    open: list[Token] = field(default_factory=list)
    length: int = 0
    closing: int = 0
    has_text: bool = False
    done: list[str] = field(default_factory=list)

    def take(self, token: Token) -> None:
        """Add a token; begin new messages until the token fits."""
        if self._is_superfluous(token):
            return
        while not self._fits(token):
            if self._cut(token):
                continue
            if token.kind in _BLANK or (token.kind is Kind.OPEN and not self.row):
                return  # a tag as long as a message is left out, its content stays
            if token.kind is Kind.WHOLE:
                for part in split_link(token):
                    self.take(part)
                return
            if token.kind is Kind.OPEN or self.limit <= self.length + self.closing:
                self._begin([], [], [])
                continue
            start, token = self._split_word(token)
            self._add(start)
        self._add(token)

    def _is_superfluous(self, token: Token) -> bool:
        """Tell whether a token can be left out: it closes no open tag, or is a space at the beginning of a message."""
        if token.kind is Kind.CLOSE:
            return all(tag.name != token.name for tag in self.open)
        return token.kind in _BLANK and not self.has_text

    def finish(self) -> list[str]:
        """Finish the last message and return all messages."""
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
        self.has_text = self.has_text or token.kind in _TEXT_KINDS
        if token.kind in (Kind.OPEN, Kind.CLOSE):
            _update_open_tags(self.open, token)
            self.closing = sum(len(tag.end) for tag in self.open)

    def _cut_index(self) -> int | None:
        """Return the best index at which to cut the row of tokens, or None when it has no text.

        Best is a newline in the second half, then a space, then the end.
        """
        best, line, total, has_text = None, None, 0, False
        for at, token in enumerate(self.row):
            if has_text and token.kind in _BLANK:
                best = at
                line = at if token.kind is Kind.LINE and total >= self.limit // 2 else line
            total += len(token.text)
            has_text = has_text or (at >= self.head and token.kind in _TEXT_KINDS)
        return line if line is not None else best if best is not None else len(self.row) if has_text else None

    def _cut(self, coming: Token) -> bool:
        """Finish the current message and begin the next one with the rest; `coming` is the token that does not fit.

        Return False when the message has no text yet, so that it cannot be cut.
        """
        at = self._cut_index() if self.has_text else None
        if at is None:
            return False
        while self.row[at - 1].kind is Kind.OPEN:
            at -= 1
        finished, rest = self.row[:at], deque(self.row[at:])
        lined = False
        while rest and rest[0].kind in (*_BLANK, Kind.CLOSE):
            token = rest.popleft()
            lined = lined or token.kind is Kind.LINE
            if token.kind is Kind.CLOSE:
                finished.append(token)
        tags = list(self.carried)
        for token in finished[self.head :]:
            _update_open_tags(tags, token)
        self._emit(finished, tags)
        self._begin(tags, [] if lined else _line_start(finished, (*rest, coming)[0]), list(rest))
        return True

    def _emit(self, row: list[Token], tags: list[Token]) -> None:
        text = rules.bare("".join(token.text for token in row))
        if text:
            self.done.append(text + "".join(tag.end for tag in reversed(tags)))

    def _begin(self, tags: list[Token], line: list[Token], rest: list[Token]) -> None:
        """Begin a message that opens the tags again, and continue it with the mark of a cut line and the rest.

        Tags that need their own line come first. The tags are left out when they would fill half of the message.
        """
        if sum(len(tag.start) + len(tag.end) for tag in tags) > self.limit // 2:
            tags = []
        ruled = [Token(Kind.OPEN, tag.start, tag.name) for tag in tags if tag.name == "-"]
        styled = [Token(Kind.OPEN, tag.start, tag.name) for tag in tags if tag.name != "-"]
        mark = [token for token in line if len(token.text) < self.limit // 2]
        self.row = [*ruled, *mark, *styled]
        self.head, self.carried, self.open = len(self.row), list(tags), list(tags)
        self.length = sum(len(token.text) for token in self.row)
        self.closing = sum(len(tag.end) for tag in tags)
        self.has_text = False
        for token in rest:
            if not self._is_superfluous(token):
                self._add(token)

    def _split_word(self, token: Token) -> tuple[Token, Token]:
        at = whole_character(token.text, self.limit - self.length - self.closing)
        return Token(Kind.WORD, token.text[:at]), Token(Kind.WORD, token.text[at:])


def whole_character(text: str, at: int) -> int:
    """Return the last position at or before `at` where a text can be cut between two characters; at least 1.

    Accents, joiners and halves of flags belong to the character before them.
    """
    for place in range(at, max(0, at - _FARTHEST), -1):
        if not _is_inside_character(text, place):
            return place
    return at


def _is_inside_character(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _joins(text, at) or before in _PREPENDED or after in _GLUE or unicodedata.category(after)[0] == "M":
        return True
    if _is_inside_flag(text, at) or _is_inside_syllable(before, after):
        return True
    return unicodedata.combining(before) == _JOINS and after.isalpha()


def _is_inside_syllable(before: str, after: str) -> bool:
    """Tell whether two characters are parts of one Hangul syllable."""
    front, behind = _in_syllable(before), _in_syllable(after)
    if front == _LEADING:
        return behind in (_LEADING, _VOWEL, _LEADING + _VOWEL, _LEADING + _VOWEL + _TRAILING)
    return (front[-1:] == _VOWEL and behind in (_VOWEL, _TRAILING)) or (front[-1:] == _TRAILING and behind == _TRAILING)


def _in_syllable(sign: str) -> str:
    """Return which letters of a Hangul syllable a character is, as in "LV"; "" if it is none."""
    first, last, step = _SYLLABLES
    if first <= ord(sign) <= last:
        return _LEADING + _VOWEL + (_TRAILING if (ord(sign) - first) % step else "")
    return next((part for low, high, part in _HANGUL if low <= ord(sign) <= high), "")


def _joins(text: str, at: int) -> bool:
    """Tell whether a joiner before a position joins two pictures, or two Indic letters."""
    if text[at - 1] != "\u200d" or at == 1:
        return False
    if unicodedata.combining(text[at - 2]) == _JOINS:
        return True
    base = next((sign for sign in reversed(text[max(0, at - 8) : at - 1]) if unicodedata.category(sign) != "Mn"), "")
    return base != "" and unicodedata.category(base) in ("So", "Sk") and not "\U0001f1e6" <= base <= "\U0001f1ff"


def _is_inside_flag(text: str, at: int) -> bool:
    """Tell whether a position is between the two letters of a flag.

    The letters of a sequence form pairs from its beginning.
    """
    first = at
    while first and "\U0001f1e6" <= text[first - 1] <= "\U0001f1ff":
        first -= 1
    return "\U0001f1e6" <= text[at] <= "\U0001f1ff" and (at - first) % 2 == 1


def _update_open_tags(tags: list[Token], token: Token) -> None:
    """Add an opening token to the list of open tags, or remove the tag that a closing token closes."""
    if token.kind is Kind.OPEN:
        tags.append(token)
    elif token.kind is Kind.CLOSE:
        at = next((at for at in reversed(range(len(tags))) if tags[at].name == token.name), None)
        if at is not None:
            del tags[at]


def _line_start(finished: list[Token], following: Token) -> list[Token]:
    """Return the token that must begin the second part of a cut line, or an empty list.

    It repeats the `>>` of a quotation. For another line that would now begin with `>` or dashes, it is a zero-width
    space.
    """
    line_end = next((at for at in reversed(range(len(finished))) if finished[at].kind is Kind.LINE), -1)
    words = "".join(token.text for token in finished[line_end + 1 : line_end + 4] if token.kind is not Kind.OPEN)
    if words.startswith(">>"):
        return [Token(Kind.WORD, ">>")]
    return [Token(Kind.WORD, BREAK)] if following.text.startswith((">", "---")) else []
