"""The options of a post, typed directly: important, tags, background, preview."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import commands
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.model.effects import Publish, Say, ShowDraft
from tests.composing import conversation, draft_of, rows, shown
from tests.stand_ins import ANNA, Conversation, puts


@pytest.fixture
def chat() -> Conversation:
    """Return a group where /post publishes at once."""
    made = Conversation(router=commands.router())
    made.portal.zone = ZoneInfo("Europe/Berlin")
    made.now = datetime(2026, 11, 25, 15, 30, tzinfo=made.portal.zone).timestamp()
    return made


LOOKS: dict[str, Any] = {
    "important": False, "important_until": "", "tags": (), "background": "", "link_preview": False,
}  # fmt: skip


async def looks(chat: Conversation, text: str) -> dict[str, Any]:
    """Return how the post of a command looks."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, Publish)
    assert effect.text == "We won: http://example.org"
    return {name: getattr(effect, name) for name in LOOKS}


@pytest.mark.parametrize(
    ("options", "looks_like"),
    [
        ("", {}),
        ("important", {"important": True}),
        ("important:yes", {"important": True}),
        ("important:off", {}),
        ("important:2026-12-01", {"important": True, "important_until": "2026-12-01T23:59:00+01:00"}),
        ('important:"friday 18:00"', {"important": True, "important_until": "2026-11-27T18:00:00+01:00"}),
        ("wichtig:ja", {"important": True}),
        ("важно", {"important": True}),
        ("важно:завтра", {"important": True, "important_until": "2026-11-26T23:59:00+01:00"}),
        ('tags:#sport,"cup final",sport', {"tags": ("sport", "cup final")}),
        ("теги:спорт", {"tags": ("спорт",)}),
        ("background:sunset", {"background": "02_sunset_tree"}),
        ("hintergrund:sommer", {"background": "01_summer_field"}),
        ("фон:лава", {"background": "07_flaring_lava"}),
        ("background:08_ICY_PEAK", {"background": "08_icy_peak"}),
        ("background:-", {}),
        ("preview:no", {"link_preview": False}),
        ("important tags:a title:Cup", {"important": True, "tags": ("a",)}),
    ],
)
async def test_what_an_option_does(chat: Conversation, options: str, looks_like: dict[str, Any]) -> None:
    """Each option sets its part of the post; a date ends with the day in the person's own time."""
    chat.language = "ru" if "завтра" in options else "en"
    wanted = LOOKS | {"link_preview": "preview:no" not in options} | looks_like
    assert await looks(chat, f"/post {options} We won: http://example.org") == wanted


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/post important:soon We won.", "dates.unreadable"),
        ("/post important:2020-01-01 We won.", "dates.past"),
        ("/post important:3/4 We won.", "dates.unclear"),
        ("/post preview:perhaps We won.", "words.switch"),
        ("/post background:sunsett We won.", "draft.near_background"),
        ("/post background:kettle We won.", "draft.no_background"),
        ("/post important meeting tomorrow", "words.flag"),
        ("/post important: we won", "words.no_value"),
    ],
)
async def test_a_mistake_publishes_nothing(chat: Conversation, text: str, key: str) -> None:
    """What is no date or no switch, or may be a part of the text, is told before anything is published."""
    assert await chat.mistake(text) == key


@pytest.mark.parametrize(
    ("language", "said", "buttons"),
    [
        ("en", "Is “important” an option", ["It is an option: important", "It is part of the text"]),
        ("de", "Ist „important“ eine Angabe", None),
        ("ru", "«important» — это параметр", None),
    ],
)
async def test_a_word_that_may_begin_the_text_is_asked_about(
    chat: Conversation, language: str, said: str, buttons: list[str] | None
) -> None:
    """For "important meeting" the bot asks; each answer is a button with the whole command."""
    with pytest.raises(UserMistake) as caught:
        await chat.say("/post to:U5 important meeting")
    asked = Say(dialog=chat.dialog, content=error_messages.answer(language, caught.value))
    assert said in asked.content.text
    assert puts(asked) == ["/post to:U5 important:yes meeting", "/post to:U5 -- important meeting"]
    if buttons:
        assert [one["TEXT"] for one in asked.content.keyboard if "TEXT" in one] == buttons
    made = [(effect.important, effect.text) for command in puts(asked) for effect in await chat.say(command)]  # type: ignore[attr-defined]
    assert made == [(True, "meeting"), (False, "important meeting")]


@pytest.mark.parametrize("text", ["Important: read this", "Important meeting", "Tags: too many", "Preview: soon"])
async def test_a_sentence_is_no_option(chat: Conversation, text: str) -> None:
    """A sentence that begins with a capital letter is the text, also with a colon."""
    (effect,) = await chat.say(f"/post {text}")
    assert isinstance(effect, Publish)
    assert (effect.text, effect.important) == (text, False)


async def test_a_refusal_keeps_every_option(chat: Conversation) -> None:
    """The command that a refusal puts back makes the same post again."""
    (effect,) = await chat.say(
        '/post important:"1 december 18:00" tags:a,"b c" background:sunset title:Cup preview:off http://a.b'
    )
    assert isinstance(effect, Publish)
    (said,) = await chat.failed(effect, code="X")
    assert isinstance(said, Say)
    (again,) = await chat.say(puts(said)[0])
    assert again == effect


@pytest.mark.parametrize(
    ("language", "importance"),
    [
        ("en", "high, until December 1, 2026"),
        ("de", "hoch, bis 1. Dezember 2026"),
        ("ru", "высокая, до 1 декабря 2026"),
    ],
)
async def test_the_preview_shows_every_option(language: str, importance: str) -> None:
    """The card names the end of the importance in the person's language, the tags and the background."""
    chat = conversation(language=language)
    chat.now = datetime(2026, 11, 25, 15, 30, tzinfo=ZoneInfo("UTC")).timestamp()
    (card,) = await chat.say("/post important:2026-12-01 tags:a,b background:sunset We won.")
    assert isinstance(card, ShowDraft)
    values = [value.replace("\xa0", " ") for value in rows(card).values()]
    assert any(value.startswith(importance) for value in values)
    assert {"a, b", {"en": "sunset", "de": "Sonnenuntergang", "ru": "закат"}[language]} <= set(values)


async def test_draft_changes_single_options() -> None:
    """/draft sets and removes each option, and keeps the others."""
    chat = conversation()
    await shown(chat, "/post important tags:a background:sunset We won.")
    await chat.say("/draft tags:-")
    await chat.say("/draft important:no")
    draft = draft_of(chat)
    assert draft
    assert (draft.tags, draft.important, draft.background) == ((), False, "02_sunset_tree")
    assert draft.text == "We won."
    assert draft.author_name == ANNA.name
