"""Recognises the language of a person from what they write: names of commands, the alphabet, and frequent words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.i18n import catalog
from bot.texts import comparing, quoting

LOOKED_AT = 1_000
"""The most characters of a text that are looked at."""
ENOUGH = 2
"""How many different frequent words of a language a text must have, if another language has the same alphabet."""

_NAMES = re.compile(
    r"\[(user|chat|url|context|disk|timestamp)\b[^\[\]]{0,200}\].{0,200}?\[/\1\]", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"\[/?[a-z]{1,10}\b[^\[\]]{0,200}\]", re.IGNORECASE)
_ADDRESS = re.compile(r"\bhttps?://\S+|\S{1,64}@\S+")
_OPTION = re.compile(r"(?<!\S)([^\W\d_]{1,30}):(?:\"[^\"]{0,200}\"|\S*)")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a text says about the language of its author.

    `sure`: it is certain enough to replace a language that was recognised before. Frequent words in the arguments of a
    command are not, because people also publish in a language that is not theirs.
    """

    language: str
    sure: bool


def sign_of(text: str) -> Sign | None:
    """Return what a text says about the language of its author; None if it says nothing.

    Quotations, code, mentions, addresses and the values of options are not the author's own words and do not count.
    English words alone mean little, because everybody uses them.
    """
    own = _ADDRESS.sub(" ", _TAG.sub(" ", _NAMES.sub(" ", _without_quotations(text[:LOOKED_AT])))).strip()
    command = own.split(maxsplit=1)[0] if own.startswith("/") else ""
    keys = [key[1] for key in _OPTION.finditer(own)]
    body = _OPTION.sub(" ", own.removeprefix(command))
    words = [comparing.fold(word) for word in _WORD.findall(body)]
    only = words if len(words) == 1 and not command else []
    for name in (command.removeprefix("/"), *keys, *only):
        if language := _language_of(comparing.fold(name)):
            return Sign(language=language, sure=True)
    return _of_body(body, words, sure=not command)


def _of_body(body: str, words: Sequence[str], *, sure: bool) -> Sign | None:
    alphabet = _alphabet(body)
    candidates = [language for language in catalog.languages() if _alphabet_of(language) == alphabet]
    if len(candidates) == 1:
        return Sign(language=candidates[0], sure=True)
    counts = Counter({language: len(_words_of(language) & set(words)) for language in candidates})
    (best, many), *others = counts.most_common() or [("", 0)]
    if many < ENOUGH or any(count == many for _, count in others):
        return None
    return Sign(language=best, sure=sure)


def _without_quotations(text: str) -> str:
    kept, at = [], 0
    for start, end in quoting.spans(text):
        kept.append(text[at:start])
        at = end
    return " ".join((*kept, text[at:]))


def _alphabet(text: str) -> str:
    """Return the name of the alphabet of more than half of the letters in a text, as Unicode calls it; "" if none."""
    letters = Counter(_alphabet_of_letter(sign) for sign in text if sign.isalpha())
    alphabet, many = letters.most_common(1)[0] if letters else ("", 0)
    return alphabet if 2 * many > letters.total() else ""


@lru_cache(maxsize=4096)
def _alphabet_of_letter(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


@cache
def _alphabet_of(language: str) -> str:
    return _alphabet(catalog.sentence(language, "language.name"))


@cache
def _words_of(language: str) -> frozenset[str]:
    """Return the words that only this language has: its frequent words, and those of its section `[also]`."""
    return frozenset(word for word, languages in _by_word().items() if languages == {language})


def _language_of(word: str) -> str | None:
    """Return the language, other than the default one, that alone has a word as another name for something."""
    found = [one for one in catalog.languages() if word in _names_of(one)]
    return found[0] if len(found) == 1 and found[0] != catalog.DEFAULT else None


@cache
def _names_of(language: str) -> frozenset[str]:
    return frozenset(comparing.fold(word) for word in catalog.names(language))


@cache
def _by_word() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for language in catalog.languages():
        frequent = catalog.sentence(language, "language.words").split()
        for word in (*catalog.names(language), *frequent):
            found.setdefault(comparing.fold(word), set()).add(language)
    return found
