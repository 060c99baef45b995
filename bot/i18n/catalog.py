"""Reads the message catalog from bot/i18n/locales/*.toml, and from the folders of single subjects there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

DEFAULT = "en"
"""The language for portals whose language has no translation."""


def _load() -> dict[str, dict[str, str]]:
    """Read the sentences of every language; return them by language, then by `section.name`."""
    found: dict[str, dict[str, str]] = {}
    for file in _files(resources.files("bot.i18n.locales")):
        found.setdefault(file.name.removesuffix(".toml"), {}).update(_flat(tomllib.loads(file.read_text("utf-8"))))
    return found


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith(".toml"):
            yield entry


def _flat(tree: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        found |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return found


_SENTENCES = _load()
_LOCALES = {language: Locale.parse(language) for language in _SENTENCES}
"""Read here, because reading a file of Babel later would block the event loop."""
for _locale in _LOCALES.values():
    format_decimal(1000, locale=_locale)
_ALSO = "also."
"""The section with what people write for an English command, option or value; no sentences."""
_TEMPLATE_WORDS = "template_words."
"""The section with what people write for the verbs and variables of templates; no sentences."""
_TIME_WORDS = "time_words."
"""The section with what people write for the parts of a time; no sentences."""


def languages() -> tuple[str, ...]:
    """Return the codes of all languages, the default first."""
    return (DEFAULT, *sorted(name for name in _SENTENCES if name != DEFAULT))


def sentences(language: str) -> dict[str, str]:
    """Return all sentences of a language by their keys; those of the default language if it has none."""
    return _SENTENCES.get(language, _SENTENCES[DEFAULT])


def sentence(language: str, key: str, **values: object) -> str:
    """Return a sentence of a language with its placeholders filled in; the values must be escaped already."""
    return sentences(language)[key].format(**values)


def locale(language: str) -> Locale:
    """Return Babel's data for a language: its plural forms, numbers and dates."""
    return _LOCALES.get(language, _LOCALES[DEFAULT])


def plural(language: str, key: str, count: int, **values: object) -> str:
    """Return a sentence about a number of things, in the plural form that the number needs.

    The forms are the keys `<key>.one`, `<key>.few`, `<key>.many` and `<key>.other`, as far as the language has them
    (CLDR plural categories). `{count}` in the sentence is the number, as the language writes it.
    """
    form, shown = locale(language).plural_form(count), format_decimal(count, locale=locale(language))
    return sentence(language, f"{key}.{form}", count=shown, **values)


def in_every_language(key: str) -> dict[str, str]:
    """Return a sentence by language, for titles and hints of commands; languages without it are left out."""
    return {language: text for language in languages() if (text := sentences(language).get(key))}


def also(key: str) -> tuple[str, ...]:
    """Return the words of all languages for an English command, option or value.

    `key` is its key in the section `[also]` of the locales.
    """
    return _listed(_ALSO + key)


def time_words(key: str) -> tuple[str, ...]:
    """Return the words of all languages for a part of a time; `key` is its key in the section `[time_words]`."""
    return _listed(_TIME_WORDS + key)


def template_words(key: str) -> tuple[str, ...]:
    """Return the words of all languages for a verb or a variable of templates; `key` is in `[template_words]`."""
    return _listed(_TEMPLATE_WORDS + key)


def own(language: str, words: Iterable[str]) -> list[str]:
    """Return those of the words that suit a language: not those that only other languages have in `[also]`."""
    others = _words(languages()) - _words((language if language in _SENTENCES else DEFAULT,))
    return [word for word in words if word not in others]


def names(language: str) -> frozenset[str]:
    """Return the words of one language in its section `[also]`."""
    return _words((language,))


def language_named(name: str) -> str | None:
    """Return the language that a person means by a code or a name such as `de`, `de-DE` or `German`; None if unknown.

    `name` is as `comparing.fold` makes it.
    """
    code = name.partition("-")[0].partition("_")[0]
    if code in _SENTENCES:
        return code
    return next((one for one in languages() if name in sentence(one, "language.names").split()), None)


@cache
def _words(of: tuple[str, ...]) -> frozenset[str]:
    """Return all words in the section `[also]` of these languages."""
    texts = (text for one in of for key, text in _SENTENCES[one].items() if key.startswith(_ALSO))
    return frozenset(word for text in texts for word in text.split())


def _listed(key: str) -> tuple[str, ...]:
    return tuple(word for language in languages() for word in _SENTENCES[language].get(key, "").split())
