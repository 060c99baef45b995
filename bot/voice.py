"""Every sentence a user reads, by language; the sentences live in bot/locales/*.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

DEFAULT = "en"
"""Spoken where a portal's language is not one of ours."""


@cache
def languages() -> tuple[str, ...]:
    """The languages we speak, the default first."""
    found = sorted(
        entry.name[:-5] for entry in resources.files("bot.locales").iterdir() if entry.name.endswith(".toml")
    )
    return (DEFAULT, *(name for name in found if name != DEFAULT))


@cache
def sentences(language: str) -> dict[str, str]:
    """All sentences of one language, keyed `section.name`; the default language's where it is none of ours."""
    name = language if language in languages() else DEFAULT
    tree = tomllib.loads(resources.files("bot.locales").joinpath(f"{name}.toml").read_text("utf-8"))
    return {f"{section}.{key}": text for section, entries in tree.items() for key, text in entries.items()}


def sentence(language: str, key: str, **values: object) -> str:
    """One sentence with its values put in; values are expected to be escaped already."""
    return sentences(language)[key].format(**values)


def in_every_language(key: str) -> dict[str, str]:
    """The same sentence in all languages: what command titles and hints are registered with."""
    return {language: text for language in languages() if (text := sentences(language).get(key))}
