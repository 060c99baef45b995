"""Reads the message catalog from bot/i18n/locales/*.toml."""

from __future__ import annotations

import tomllib
from importlib import resources

DEFAULT = "en"
"""The language for portals whose language has no translation."""


def _load() -> dict[str, dict[str, str]]:
    """Return the sentences of every language by `section.name`."""
    files = [entry for entry in resources.files("bot.i18n.locales").iterdir() if entry.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): _flat(tomllib.loads(file.read_text("utf-8"))) for file in files}


def _flat(tree: dict[str, dict[str, str]]) -> dict[str, str]:
    return {f"{section}.{key}": text for section, entries in tree.items() for key, text in entries.items()}


_SENTENCES = _load()


def languages() -> tuple[str, ...]:
    """Return all languages, the default first."""
    return (DEFAULT, *sorted(name for name in _SENTENCES if name != DEFAULT))


def sentences(language: str) -> dict[str, str]:
    """Return all sentences of a language, or of the default language."""
    return _SENTENCES.get(language, _SENTENCES[DEFAULT])


def sentence(language: str, key: str, **values: object) -> str:
    """Return one sentence with its values filled in; values must be escaped already."""
    return sentences(language)[key].format(**values)


def in_every_language(key: str) -> dict[str, str]:
    """Return a sentence in all languages, for command titles and hints."""
    return {language: text for language in languages() if (text := sentences(language).get(key))}
