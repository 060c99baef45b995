"""Every sentence a user reads, by language; the sentences live in bot/i18n/locales/*.toml."""

from __future__ import annotations

import tomllib
from importlib import resources

DEFAULT = "en"
"""Spoken where a portal's language is not one of ours."""


def _load() -> dict[str, dict[str, str]]:
    """Every language's sentences, keyed `section.name`."""
    files = [entry for entry in resources.files("bot.i18n.locales").iterdir() if entry.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): _flat(tomllib.loads(file.read_text("utf-8"))) for file in files}


def _flat(tree: dict[str, dict[str, str]]) -> dict[str, str]:
    return {f"{section}.{key}": text for section, entries in tree.items() for key, text in entries.items()}


_SENTENCES = _load()


def languages() -> tuple[str, ...]:
    """The languages we speak, the default first."""
    return (DEFAULT, *sorted(name for name in _SENTENCES if name != DEFAULT))


def sentences(language: str) -> dict[str, str]:
    """All sentences of one language; the default language's where it is none of ours."""
    return _SENTENCES.get(language, _SENTENCES[DEFAULT])


def sentence(language: str, key: str, **values: object) -> str:
    """One sentence with its values put in; values are expected to be escaped already."""
    return sentences(language)[key].format(**values)


def in_every_language(key: str) -> dict[str, str]:
    """The same sentence in all languages: what command titles and hints are registered with."""
    return {language: text for language in languages() if (text := sentences(language).get(key))}
