"""The language of a person, recognised in what they write."""

from __future__ import annotations

import pytest

from bot.framework import person_language
from bot.i18n import catalog, recognition
from bot.i18n.recognition import LOOKED_AT, Sign
from bot.model.events import Commanded, CommandId, From, MessageId, Person, Said, UserId
from bot.model.records import PersonLanguage
from tests.effort import effort, hopeless_after
from tests.stand_in_memory import StandInMemory
from tests.stand_ins import ANNA, BOT, PORTAL, PRIVATE

SURE = {
    "/beitrag Hello": "de",
    "/teilen 217 to:alle": "de",
    "/помощь": "ru",
    "hilfe": "de",
    "Danke": "de",
    "спасибо": "ru",
    "/share 217 an:alle": "de",
    "Ich möchte einen Beitrag veröffentlichen": "de",
    "how do I publish something?": "en",
    "Как опубликовать запись?": "ru",
    "/post Всем привет": "ru",
    "/пост to:sales Всем привет": "ru",
    "[USER=5]Борис[/USER] please look at this": "en",
    ">>Всем привет\nwhat is this?": "en",
    "[CODE]Всем привет[/CODE] was ist das?": "de",
}
NOT_SURE = {"/post Die Kaffeemaschine geht wieder.": "de", '/post title:"Freitag" The office closes at four.': "en"}
SILENT = [
    "", " ", "/", "123", "/help", "help", "hi", "hello", "thanks", "ok", "/lang de", "Müller", "/follow",
    '/follow from:"Борис"', "/share 217 to:Продажи", "https://portal.example/ru/Все/", "борис@example.com",
    "[USER=5]Борис[/USER]", "la machine est là", "ελληνικά", "日本語", "🎉",
]  # fmt: skip


@pytest.mark.parametrize(("text", "language"), SURE.items())
def test_what_people_write_says_their_language(text: str, language: str) -> None:
    """A name of one language only, an alphabet, or several frequent words are a sure sign."""
    assert recognition.sign_of(text) == Sign(language=language, sure=True)


@pytest.mark.parametrize(("text", "language"), NOT_SURE.items())
def test_a_text_to_publish_is_a_weaker_sign(text: str, language: str) -> None:
    """Frequent words in the arguments of a command may be in a language that is not the author's own."""
    assert recognition.sign_of(text) == Sign(language=language, sure=False)


@pytest.mark.parametrize("text", SILENT)
def test_what_everybody_writes_says_nothing(text: str) -> None:
    """English commands and greetings, names, addresses, quotations and languages that we lack are no sign."""
    assert recognition.sign_of(text) is None


@pytest.mark.parametrize("language", catalog.languages()[1:])
def test_every_other_name_of_a_command_says_its_language(language: str) -> None:
    """A command typed by its name in a language is written by somebody who speaks it."""
    words = [word for name in ("post", "share", "help", "follow", "lang") for word in _names(language, name)]
    assert words
    assert {recognition.sign_of(f"/{word} 217") for word in words} == {Sign(language=language, sure=True)}


def _names(language: str, command: str) -> list[str]:
    return catalog.sentence(language, f"also.{command}").split()


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "[USER=" * 4_000, "x@" * 9_000, "к:" * 9_000, ">>" * 9_000, "ж " * 9_000]
)
def test_a_long_text_costs_no_more_than_a_short_one(text: str) -> None:
    """Only the beginning of a text is looked at, so that a long one delays nobody."""
    with hopeless_after(10):
        recognition.sign_of(text)
        assert effort(lambda: recognition.sign_of(text)) <= effort(lambda: recognition.sign_of(text[:LOOKED_AT])) + 10


def said(text: str, *, is_bot: bool = False, user: int = 7) -> Said:
    """Return a message on a portal whose language is English."""
    author = Person(id=UserId(user), is_bot=is_bot)
    return Said(portal=PORTAL, bot=BOT, dialog=PRIVATE, author=author, message=MessageId(1), text=text, language="en")


@pytest.mark.parametrize(
    ("known", "text", "language", "stored"),
    [
        (PersonLanguage(), "/help", "en", None),
        (PersonLanguage(), "/beitrag Hallo", "de", "de"),
        (PersonLanguage(recognised="de"), "/help", "de", None),
        (PersonLanguage(recognised="de"), "Всем привет", "ru", "ru"),
        (PersonLanguage(recognised="de"), "/post The office closes at four.", "de", None),
        (PersonLanguage(recognised="de"), "what can you do for me?", "en", "en"),
        (PersonLanguage(recognised="de"), "/beitrag Hallo", "de", None),
        (PersonLanguage(chosen="de"), "Всем привет", "de", None),
        (PersonLanguage(chosen="de", recognised="ru"), "what can you do for me?", "de", None),
    ],
)
async def test_which_language_a_person_is_answered_in(
    known: PersonLanguage, text: str, language: str, stored: str | None
) -> None:
    """A chosen language stays; else a sure sign counts, a weak one only at first, and without both what is known."""
    event, change = await person_language.spoken(said(text), StandInMemory(spoken={ANNA.id: known}))
    assert event.language == language
    assert (change.language if change else None) == stored


@pytest.mark.parametrize("author", [{"is_bot": True}, {"user": 0}, {"user": 0, "is_bot": True}])
async def test_a_bot_and_the_portal_itself_have_no_language(author: dict[str, object]) -> None:
    """What automation writes is neither recognised nor stored, and its events keep the portal's language."""
    event, change = await person_language.spoken(said("Всем привет", **author), StandInMemory())  # type: ignore[arg-type]
    assert (event.language, change) == ("en", None)


@pytest.mark.parametrize("source", [From.BUTTON, From.MENU])
async def test_a_pressed_button_is_not_written_by_its_person(source: From) -> None:
    """The parameters of a button are ours, so they are no sign of a language."""
    pressed = Commanded(
        portal=PORTAL, bot=BOT, dialog=PRIVATE, author=ANNA, message=MessageId(1), command=CommandId(3), name="teilen",
        params="Всем привет", source=source,
    )  # fmt: skip
    _, change = await person_language.spoken(pressed, StandInMemory())
    assert change is None
