"""What people may write in their language, and that nothing is suggested to them in another."""

from __future__ import annotations

import pytest

from bot import commands
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.i18n import catalog
from tests.stand_ins import PRIVATE, Conversation, labels, puts

SAME = {("de", "crm"), ("de", "lead")}
"""Words that German has in common with English."""
KEYS = sorted(key.removeprefix("also.") for key in catalog.sentences("en") if key.startswith("also."))
OTHERS = [language for language in catalog.languages() if language != catalog.DEFAULT]


def talk(language: str) -> Conversation:
    """Return a private dialog with a user of this language."""
    return Conversation(router=commands.router(), dialog=PRIVATE, language=language)


async def told(language: str, text: str) -> tuple[str, list[str]]:
    """Return the answer to a text that is a mistake or no command, and what its buttons put into the input field."""
    try:
        (said,) = await talk(language).say(text)
    except UserMistake as mistake:
        content = error_messages.answer(language, mistake)
        return content.text, [str(one.get("ACTION_VALUE", "")) for one in content.keyboard]
    return said.content.text, puts(said)  # type: ignore[attr-defined, arg-type]


def words(language: str, key: str) -> list[str]:
    """Return the words of a language for an English one."""
    return catalog.sentences(language)[f"also.{key}"].split()


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_its_words(language: str) -> None:
    """Each command, option and value has a word in each language, and every command has a line for them."""
    assert {key for key in KEYS if not words(language, key)} == {key for spoken, key in SAME if spoken == language}
    assert commands.router().typed <= set(KEYS)


@pytest.mark.parametrize("language", OTHERS)
async def test_the_words_are_understood(language: str) -> None:
    """Each name of a command reaches it, also for users of another language."""
    for name in commands.router().typed:
        for word in words(language, name):
            assert (await told("en", f"/help {word}")) == (await told("en", f"/help {name}"))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("titel", '/beitrag titel:"Freitag" Hallo'),
        ("betreff", '/veröffentlichen betreff:"Freitag" an:alle Hallo'),
        ("title", '/post title:"Freitag" für:allen Hallo'),
        ("заголовок", '/пост заголовок:"Freitag" кому:все Hallo'),
    ],
)
async def test_a_post_in_every_language(word: str, text: str) -> None:
    """The same post is published with the words of any language."""
    (made,) = await talk("de").say(text)
    assert (made.title, made.text, made.dest) == ("Freitag", "Hallo", ["UA"]), word  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("language", "typed", "near"),
    [
        ("en", "/folgn", "/follow"),
        ("de", "/folgn", "/folgen"),
        ("ru", "/folgn", "/follow"),
        ("en", "/beitrg Hallo", "/post Hallo"),
        ("de", "/beitrg Hallo", "/beitrag Hallo"),
        ("de", "/teilne 217 to:alle", "/teilen 217 to:alle"),
        ("ru", "/подписк", "/подписки"),
        ("de", "/подписк", "/follows"),
        ("fr", "/folows", "/follows"),
    ],
)
async def test_a_command_is_suggested_in_their_language(language: str, typed: str, near: str) -> None:
    """A misspelled name becomes one of the same language, else the English one; the button says no more than that."""
    said, put = await told(language, typed)
    assert put == [near]
    assert f"{near.split(maxsplit=1)[0]}?" in said
    (answer,) = await talk(language).say(typed)
    assert labels(answer)[0] == near.split(maxsplit=1)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("en", "/post заголовк:x Hi", "title:"),
        ("de", "/post titell:x Hi", "titel:"),
        ("en", "/post titl:x Hi", "title:"),
        ("ru", "/post заголовк:x Hi", "заголовок:"),
        ("ru", "/post betref:x Hi", "title:"),
    ],
)
async def test_an_option_is_suggested_in_their_language(language: str, typed: str, shown: str) -> None:
    """A misspelled option of another language is noticed too, and named in English."""
    said, _ = await told(language, typed)
    assert shown in said


@pytest.mark.parametrize(
    ("language", "what", "button"),
    [
        ("en", "sales", "/follow word:sales"),
        ("en", "aall", "/follow all"),
        ("en", "wichtg", "/follow word:wichtg"),
        ("en", "важная", "/follow word:важная"),
        ("de", "ales", "/follow alles"),
        ("de", "wichtges", "/follow wichtiges"),
        ("ru", "важное!", "/follow важное"),
        ("ru", "alles!", "/follow word:alles!"),
        ("en", '"two words"', '/follow word:"two words"'),
    ],
)
async def test_what_to_follow_is_suggested_in_their_language(language: str, what: str, button: str) -> None:
    """An unknown filter becomes a near one of the same language, else the word to look for in posts."""
    _, put = await told(language, f"/follow {what}")
    assert put == [button]


async def test_a_long_filter_has_no_button() -> None:
    """What is too long to search for still gets the sentence."""
    said, put = await told("en", f"/follow {'x' * 3000}")
    assert said.startswith("I cannot follow")
    assert put in ([], [f"/follow word:{'x' * 100}"])


def test_a_language_without_words_uses_english() -> None:
    """A user whose language has no file gets the English words."""
    assert catalog.own("fr", ["for", "an", "кому", "to"]) == ["for", "to"]
    assert catalog.own("de", ["for", "an", "кому", "to"]) == ["an", "to"]
