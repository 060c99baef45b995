"""Codes of a portal that people write by name, in any language: medals and backgrounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot import suggestions
from bot.errors import UserMistake
from bot.framework import converters
from bot.i18n import catalog
from bot.texts import comparing, cutting

_NUMBER = re.compile(r"\A\d+_")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCodes:
    """Codes with a name in the section `[section]` of each language, and synonyms in its section `[section_also]`.

    `near` and `unknown` are the keys of the sentences for a name that none has, with and without a similar one.
    """

    section: str
    codes: tuple[str, ...]
    near: str
    unknown: str

    def label(self, language: str, code: str) -> str:
        """Return the name of a code in a language."""
        return catalog.sentence(language, f"{self.section}.{code}")

    def labels(self, language: str) -> str:
        """Return the names of all codes in a language, for a sentence."""
        return ", ".join(self.label(language, code) for code in self.codes)

    def find(self, word: str) -> str | None:
        """Return the code that a word names in any language; None if it names none."""
        return _by_name(self).get(comparing.fold(word))

    def named(self, word: str, language: str) -> str:
        """Return the code that a word names in any language.

        Raises:
            UserMistake: none has this name; the sentence has the most similar one.
        """
        if found := self.find(word):
            return found
        shown = {"value": cutting.start(word, converters.SHOWN), f"{self.section}s": self.labels(language)}
        if near := self.nearest(word):
            raise UserMistake(self.near, nearest=self.label(language, near), **shown)
        raise UserMistake(self.unknown, **shown)

    def nearest(self, word: str) -> str | None:
        """Return the code with the name that is most similar to a word; None if no name is similar enough."""
        near = suggestions.nearest(word, _by_name(self))
        return _by_name(self)[near] if near else None


@cache
def _by_name(of: NamedCodes) -> dict[str, str]:
    """Return the codes by their names in every language, as `comparing.fold` makes them."""
    found = {name: code for code in of.codes for name in (code, _NUMBER.sub("", code).replace("_", " "))}
    for language in catalog.languages():
        for code in of.codes:
            names = (of.label(language, code), *catalog.sentence(language, f"{of.section}_also.{code}").split())
            found |= {comparing.fold(name): code for name in names}
    return found
