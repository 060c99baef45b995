"""/lang, as people write it."""

from __future__ import annotations

import pytest

from bot import commands
from bot.i18n import catalog
from bot.model.effects import Edit, Say
from bot.model.records import PersonLanguage
from bot.model.state_changes import LanguageChosen
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels

NAMES = [
    ("de", "de"), ("de-DE", "de"), ("DE", "de"), ("deutsch", "de"), ("German", "de"), ("немецкий", "de"), ("en", "en"),
    ("english", "en"), ("Englisch", "en"), ("русский", "ru"), ("ru_RU", "ru"), ("Russisch", "ru"), ("russian", "ru"),
]  # fmt: skip


def chat(**more: object) -> Conversation:
    """Return a dialog whose memory learns."""
    return Conversation(router=commands.router(), keeps=True, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("written", "language"), NAMES)
async def test_a_language_is_chosen(written: str, language: str) -> None:
    """A code or a name in any of our languages is understood, stored for the person, and answered in that language."""
    talk = chat(dialog=PRIVATE)
    (said,) = await talk.say(f"/lang {written}")
    assert isinstance(said, Say)
    assert (said.language, said.content.text) == (language, catalog.sentence(language, "lang.chosen"))
    assert talk.state_changes == [LanguageChosen(user=ANNA.id, language=language)]
    assert labels(said) == ["English", "Deutsch", "Русский", catalog.sentence(language, "button.automatic")]


@pytest.mark.parametrize("word", ["auto", "automatisch", "авто"])
async def test_the_choice_goes_back_to_the_bot(word: str) -> None:
    """With auto the person is written to in the language that was recognised before their choice."""
    talk = chat(dialog=PRIVATE, language="de")
    talk.memory.spoken[ANNA.id] = PersonLanguage(chosen="de", recognised="ru")
    (said,) = await talk.say(f"/lang {word}")
    assert isinstance(said, Say)
    assert (said.language, said.content.text) == ("ru", catalog.sentence("ru", "lang.is_recognised"))
    assert talk.memory.spoken[ANNA.id] == PersonLanguage(recognised="ru")


async def test_without_a_recognised_language_it_is_the_portals() -> None:
    """With auto and nothing recognised, the answer is in the portal's language."""
    talk = chat(dialog=PRIVATE, language="de")
    talk.memory.spoken[ANNA.id] = PersonLanguage(chosen="de")
    (said,) = await talk.say("/lang auto")
    assert isinstance(said, Say)
    assert (said.language, said.content.text) == ("en", catalog.sentence("en", "lang.is_default"))


@pytest.mark.parametrize(
    ("known", "reason", "language"),
    [
        (PersonLanguage(chosen="de", recognised="ru"), "is_chosen", "de"),
        (PersonLanguage(recognised="ru"), "is_recognised", "ru"),
        (PersonLanguage(), "is_default", "en"),
    ],
)
async def test_it_says_why(known: PersonLanguage, reason: str, language: str) -> None:
    """Without a language, the answer says which one it is and why, and changes nothing."""
    talk = chat(dialog=PRIVATE, language=known.language or "en")
    talk.memory.spoken[ANNA.id] = known
    (said,) = await talk.say("/lang")
    assert said.content.text == catalog.sentence(language, f"lang.{reason}")  # type: ignore[attr-defined]
    assert talk.state_changes == []


async def test_an_unknown_language_is_answered_with_the_ones_there_are() -> None:
    """Nothing is stored for a language that we do not speak; the buttons show which ones we do."""
    talk = chat(dialog=PRIVATE)
    (said,) = await talk.say("/lang [B]klingon[/B]")
    assert isinstance(said, Say)
    assert "klingon" in said.content.text
    assert "[B]" not in said.content.text
    assert talk.state_changes == []
    assert "Deutsch" in labels(said)


async def test_a_press_in_private_edits_its_message() -> None:
    """In a private dialog the message of the button turns into the chosen language."""
    (said,) = await chat(dialog=PRIVATE).press("lang", "ru")
    assert isinstance(said, Edit)
    assert (said.language, said.content.text) == ("ru", catalog.sentence("ru", "lang.chosen"))


async def test_a_press_in_a_group_leaves_the_message_as_it_is() -> None:
    """In a group the message of the button is shared, so the person who presses gets another one."""
    (said,) = await chat(dialog=GROUP).press("lang", "ru")
    assert isinstance(said, Say)
    assert (said.dialog, said.language) == (GROUP, "ru")
