"""The message catalog: the same sentences in every language, with the same values, in our style."""

from __future__ import annotations

import string

import pytest

from bot.i18n import catalog

LANGUAGES = catalog.languages()
FORMS = {"zero", "one", "two", "few", "many", "other"}
"""The names of plural forms (CLDR plural categories)."""


def values(sentence: str) -> set[str]:
    """Return the names of the values in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_english_is_the_default_language() -> None:
    """English is first, and is used for other languages."""
    assert LANGUAGES[0] == "en"
    assert {"de", "ru"} <= set(LANGUAGES)
    assert catalog.sentence("fr", "button.open") == catalog.sentence("en", "button.open")


def plural(key: str) -> str:
    """Return the key of a sentence without its plural form; "" if it has none."""
    before, _, form = key.rpartition(".")
    return before if form in FORMS and "." in before else ""


def single(language: str) -> dict[str, str]:
    """Return the sentences of a language that have no plural forms."""
    return {key: text for key, text in catalog.sentences(language).items() if not plural(key)}


def forms(language: str) -> dict[str, set[str]]:
    """Return the plural forms of each sentence about a number."""
    found: dict[str, set[str]] = {}
    for key in catalog.sentences(language):
        if before := plural(key):
            found.setdefault(before, set()).add(key.rpartition(".")[2])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_complete(language: str) -> None:
    """Every language has every sentence, and no other."""
    assert single(language).keys() == single("en").keys()
    assert forms(language).keys() == forms("en").keys() != set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_plural_forms_that_its_numbers_need(language: str) -> None:
    """A sentence about a number has a form for each whole number of its language, and no form that none needs."""
    numbers = (*range(201), *(10**power for power in range(3, 10)))
    needed = {catalog.locale(language).plural_form(number) for number in numbers}
    assert {key: found for key, found in forms(language).items() if found != needed} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_placeholders(language: str) -> None:
    """A sentence takes the same values in every language and in every plural form."""
    wrong = [key for key, text in single(language).items() if values(text) != values(single("en")[key])]
    english = {plural(key): values(text) for key, text in catalog.sentences("en").items() if plural(key)}
    for key, text in catalog.sentences(language).items():
        wrong += [key] if plural(key) and values(text) != english[plural(key)] else []
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["all, 0 people", "all, 1 person", "all, 2 people", "all, 1,212 people"]),
        ("de", ["all, 0 Personen", "all, 1 Person", "all, 2 Personen", "all, 1.212 Personen"]),
        ("ru", ["all, 0 человек", "all, 1 человек", "all, 2 человека", "all, 1\xa0212 человек"]),
        ("fr", ["all, 0 people", "all, 1 person", "all, 2 people", "all, 1,212 people"]),
    ],
)
def test_numbers_are_said_in_the_right_form(language: str, said: list[str]) -> None:
    """The noun agrees with the number, and the number is written as the language writes it."""
    counted = [catalog.plural(language, "draft.audience", number, names="all") for number in (0, 1, 2, 1212)]
    assert counted == said


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
