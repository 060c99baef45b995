"""Reads single values from the start of a text, and writes them back.

The functions that read return the value and the rest of the text.
"""

from __future__ import annotations

import re

from bot.errors import UserMistake
from bot.texts import comparing, cutting

SHOWN = 60
"""How much of the user's text a mistake repeats, in characters."""


_MENTION = re.compile(r"\[(USER|CHAT)=\d+[^\]\s]*\].*?\[/\1\]", re.IGNORECASE | re.DOTALL)
_CLOSERS = {'"': '"', "“": "”", "„": "“”", "”": "”", "«": "»"}
SEPARATORS = ",;，；、،؛"
"""The signs between the items of a list, as keyboards of several languages write them."""
_NUMBER = re.compile(r"[(\[\"“„«]?[#№]?\s?(\d{1,18})[\])\"”“»]?[,.:;!]*(?=\s|\Z)")


def word(text: str) -> tuple[str, str]:
    """Read the next word, quoted string, or mention of a person or chat; raises as `item` does."""
    value, left = item(text, stops="")
    return value, left


def spaced_word(text: str) -> tuple[str, str]:
    """Read the whole text, or the quoted string or mention at its start; raises as `item` does."""
    return item(text, stops="", spaced=True)


def first(text: str) -> tuple[str, str]:
    """Split a text into its first word and the rest, without the space between them."""
    found, _space, left = split(text)
    return found, left


def number(text: str) -> tuple[int, str]:
    """Read a number from the start of a text: 217, #217 or №217, with a comma or colon behind it.

    Digits of every alphabet count.

    Raises:
        UserMistake: the text does not start with a number.
    """
    if found := _NUMBER.match(comparing.lstrip(text)):
        return int(found[1]), comparing.lstrip(text)[found.end() :]
    raise UserMistake("words.number", value=cutting.start(word(text)[0], SHOWN))


def whole_number(text: str) -> int | None:
    """Return the number if the whole text is one, as `number` reads it; else None."""
    found = _NUMBER.fullmatch(comparing.lstrip(text).rstrip())
    return int(found[1]) if found else None


def split(text: str) -> tuple[str, str, str]:
    """Split a text into its first word, the space after it, and the rest."""
    found = re.match(r"\s*(\S*)(\s*)(.*)", text, re.DOTALL)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def items(text: str, key: str, *, spaced: bool = False) -> tuple[list[str], str]:
    """Read a list of values with commas or semicolons between them; `spaced`: a value may have spaces.

    The list goes on after a space if the word before it ends with a comma or semicolon. `key` is the option of the
    list.

    Raises:
        UserMistake: a value is empty, or has an unclosed quote.
    """
    found: list[str] = []
    left = f",{text}"
    while left[:1] and left[0] in SEPARATORS:
        one, left = item(left[1:].lstrip(), stops=SEPARATORS, spaced=spaced)
        if not one:
            raise UserMistake("words.no_value", option=key)
        found.append(one)
    return found, left


def is_plain(value: str, written: str) -> bool:
    """Check whether an option as it was `written` ends with a value without quotes, which is no mention."""
    return written.endswith(value) and _MENTION.fullmatch(value) is None


def is_quoted(text: str) -> bool:
    """Check whether a text begins with a quotation mark."""
    return text[:1] in _CLOSERS


def item(text: str, *, stops: str, spaced: bool = False) -> tuple[str, str]:
    """Read one value: a mention, a quoted string, or a word.

    A word ends before a space (not if `spaced`), or before one of the characters `stops`.

    Raises:
        UserMistake: a quote is not closed, or text follows directly behind the closing quote.
    """
    if mention := _MENTION.match(text):
        return mention[0], text[mention.end() :]
    if text[:1] in _CLOSERS:
        return _quoted(text, stops=stops)
    ends = (n for n, sign in enumerate(text) if (sign.isspace() and not spaced) or sign in stops)
    end = next(ends, len(text))
    return text[:end].rstrip(), text[end:]


def _quoted(text: str, *, stops: str) -> tuple[str, str]:
    """Read a quoted string; a backslash before a quote makes the quote a part of the string.

    A backslash before anything else is a backslash, so that paths of files stay as they are. Raises as `item` does.
    """
    closers = _CLOSERS[text[0]]
    part = re.compile(rf"(?<!\\)(?P<slashes>\\*)(?P<quote>[{closers}])")
    value, at = "", 1
    while found := part.search(text, at):
        value += text[at : found.start()] + "\\" * (len(found["slashes"]) // 2)
        at = found.end()
        if len(found["slashes"]) % 2 == 0:
            _require_end(text[:at], text[at:], stops)
            return value, text[at:]
        value += found["quote"]
    raise UserMistake("words.open_quote", text=cutting.start(text, SHOWN))


def _require_end(quoted: str, left: str, stops: str) -> None:
    """Refuse text directly behind a closing quote, because the quote was probably meant to be part of the value.

    Raises:
        UserMistake: there is such a text.
    """
    if left and not left[0].isspace() and left[0] not in stops:
        raise UserMistake("words.after_quote", text=f"{quoted[-1]}{cutting.start(left, SHOWN)}")


def written(value: object) -> str:
    """Write a value, or a list of them, so that it can be read again."""
    parts = value if isinstance(value, tuple) else (str(value),)
    return ",".join(map(plain_or_quoted, parts))


def plain_or_quoted(value: str) -> str:
    """Quote a value if that is needed, so that `word` reads it again."""
    mention = _MENTION.match(value)
    if mention and mention.end() == len(value):
        return value
    plain = comparing.starts_visibly(value) and value[0] not in _CLOSERS
    if not mention and plain and not re.search(rf"[\s:{SEPARATORS}]", value):
        return value
    return quoted(value)


def quoted(value: str) -> str:
    """Quote a value, so that `word` reads it again.

    The quotes are of a kind that the value does not contain; if it contains all kinds, backslashes stand before them.
    """
    for opener, closers in _CLOSERS.items():
        if not any(closer in value for closer in closers) and not value.endswith("\\"):
            return f"{opener}{value}{closers[0]}"
    escaped = re.sub(r'(?<!\\)(\\*)("|\Z)', lambda found: found[1] * 2 + ("\\" if found[2] else "") + found[2], value)
    return f'"{escaped}"'
