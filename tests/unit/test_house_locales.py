"""Every language has every sentence, with the same placeholders."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest
from babel import Locale

LOCALES = Path(__file__).resolve().parents[2] / "bot" / "i18n" / "locales"
LANGUAGES = sorted(file.stem for file in LOCALES.glob("*.toml"))
SUBJECTS = sorted(folder for folder in LOCALES.iterdir() if folder.is_dir() and folder.name != "__pycache__")


def sentences(language: str) -> dict[str, str]:
    """Read one language as section.key: sentence; of the plural forms of a sentence only that of 5, as section.key."""
    files = [folder / f"{language}.toml" for folder in (LOCALES, *SUBJECTS)]
    trees = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    sections = [section for tree in trees for section in tree]
    assert len(sections) == len(set(sections)), "a section is in two files"
    form = Locale.parse(language).plural_form(5)
    return {
        f"{section}.{key}": text[form] if isinstance(text, dict) else text
        for tree in trees
        for section, entries in tree.items()
        for key, text in entries.items()
    }


def placeholders(text: str) -> set[str]:
    """List what a sentence wants to have put in; with what it does to it (`{count:d}` is not `{count}`)."""
    return {f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None}


def test_english_has_sentences() -> None:
    """The language that all others are compared with exists and has sentences."""
    assert "en" in LANGUAGES
    assert sentences("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence(language: str) -> None:
    """A language lacks no sentence that English has, and has none that English lacks."""
    assert set(sentences(language)) ^ set(sentences("en")) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_puts_in_the_same_values(language: str) -> None:
    """A translation has exactly the placeholders of the English sentence, so that formatting cannot fail in one."""
    english = sentences("en")
    differ = {
        key: placeholders(text) ^ placeholders(english[key])
        for key, text in sentences(language).items()
        if key in english and placeholders(text) != placeholders(english[key])
    }
    assert differ == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_exclamation_marks_or_is_empty(language: str) -> None:
    """No sentence has an exclamation mark; only hints and lists of words may be empty."""
    said = sentences(language)
    assert {key: text for key, text in said.items() if "!" in text} == {}
    empty = {key for key, text in said.items() if not text.strip()}
    assert {
        key
        for key in empty
        if not key.endswith(".hint") and not key.startswith(("also.", "template_words.", "time_words."))
    } == set()
