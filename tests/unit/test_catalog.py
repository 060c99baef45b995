"""The message catalog: the same sentences in every language, with the same values, in our style."""

from __future__ import annotations

import string

import pytest

from bot.i18n import catalog

LANGUAGES = catalog.languages()


def values(sentence: str) -> set[str]:
    """Return the names of the values in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_english_is_the_default_language() -> None:
    """English is first, and is used for other languages."""
    assert LANGUAGES[0] == "en"
    assert {"de", "ru"} <= set(LANGUAGES)
    assert catalog.sentence("fr", "button.open") == catalog.sentence("en", "button.open")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_complete(language: str) -> None:
    """Every language has every sentence, and no other."""
    assert catalog.sentences(language).keys() == catalog.sentences("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_placeholders(language: str) -> None:
    """A sentence takes the same values in every language."""
    wrong = [
        key for key, text in catalog.sentences(language).items() if values(text) != values(catalog.sentences("en")[key])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_no_exclamation_marks(language: str) -> None:
    """There are no exclamation marks, and no white space at the ends."""
    sentences = catalog.sentences(language)
    assert [key for key, text in sentences.items() if "!" in text] == []
    assert [key for key, text in sentences.items() if text != text.strip()] == []


def test_translations_differ_from_english() -> None:
    """A translation differs from the English sentence, except for what is equal in all languages."""
    same = {"start.hint", "follows.hint", "help.example", "share.example", "start.example", "follows.example"}
    for language in LANGUAGES[1:]:
        theirs = catalog.sentences(language)
        sections = ("start.", "greeting.", "help.", "words.", "recipients.", "post.", "share.", "crm.", "error.")
        taken = {
            key for key, text in catalog.sentences("en").items() if key.startswith(sections) and theirs[key] == text
        }
        assert taken - same == set()


def test_commands_are_registered_in_every_language() -> None:
    """A command is registered with its title in every language; an empty hint is left out."""
    assert set(catalog.in_every_language("post.title")) == set(LANGUAGES)
    assert catalog.in_every_language("start.hint") == {}
