"""Texts are compared as people read them, in every place where something written is compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import commands
from bot.feed import audience, post_text
from bot.feed.composer.options import PostOptions
from bot.framework import arguments
from bot.model.effects import CrmPost, Publish, Say
from bot.model.events import PostId, UserId
from bot.model.records import Follow, Named, Post
from bot.texts import comparing
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import GROUP, Conversation

ALIKE = {
    "composed and decomposed": ("café", "cafe\u0301"),
    "й in two parts": ("йод", "и\u0306од"),
    "ё and е": ("Ёлка", "елка"),
    "ё in two parts": ("ёлка", "е\u0308лка"),
    "a soft hyphen": ("Budget", "Bud\u00adget"),
    "a zero-width space": ("budget", "bud\u200bget"),
    "a no-break space": ("new year", "new\u00a0year"),
    "a thin space": ("new year", "new\u2009year"),
    "two spaces and a line": ("new year", "new  \n year"),
    "full width": ("budget", "ｂｕｄｇｅｔ"),
    "a ligature": ("office", "oﬃce"),
    "sharp s": ("Straße", "STRASSE"),
    "final sigma": ("λόγος", "ΛΌΓΟΣ"),
    "a word joiner": ("budget", "bud\u2060get"),
    "a direction mark": ("שלום", "\u200fשלום"),
    "a variation selector": ("☎", "☎\ufe0f"),
    "an Arabic form": ("لا", "ﻻ"),
    "a Hangul syllable": ("한국", "한국"),
    "a control character": ("budget", "bud\x00get"),
}
DIFFERENT = [("и", "й"), ("cafe", "café"), ("o", "о"), ("new year", "newyear"), ("a", "ä"), ("1", "l")]


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE.keys())
def test_alike(one: str, other: str) -> None:
    """What reads alike is equal, and a word filter finds it in a post, either way round."""
    assert comparing.fold(one) == comparing.fold(other)
    for word, text in ((one, other), (other, one)):
        follow = Follow(dialog=GROUP, topic=f"word:{comparing.fold(word)}", owner=UserId(7), language="en")
        old = Follow(dialog=GROUP, topic=f"word:{word.casefold()}", owner=UserId(7), language="en")
        for title, whole in (("", f"The {text}, today"), (f"The {text}", "x")):
            seen = Post(id=PostId(1), author=UserId(8), title=title, text=whole)
            assert audience.wants(follow, seen, content=True)
            assert audience.wants(old, seen, content=True)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str) -> None:
    """What reads differently stays different."""
    assert comparing.fold(one) != comparing.fold(other)


@given(st.text())
def test_folding_is_done_once(text: str) -> None:
    """A folded text is its own fold, and so is every normal form of the text."""
    folded = comparing.fold(text)
    assert comparing.fold(folded) == folded
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert comparing.fold(unicodedata.normalize(form, text)) == folded


@given(st.text(min_size=190, max_size=210))
def test_long_texts_are_folded_alike(text: str) -> None:
    """A text that is too long to be kept is folded in the same way."""
    assert comparing.fold(text * 2) == comparing._fold(text * 2)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Йод и соль", "и\u0306од и соль"),
        ("Алёна Кац", "Алена Кац"),
        ("Алена Кац", "Алёна"),
        ("HR\u00a0team", "HR team"),
        ("Café Nord", "cafe\u0301 nord"),
        ("Bud\u00adget", "budget"),
    ],
)
async def test_names(name: str, written: str) -> None:
    """A recipient is found however the name and the command are spelt."""
    chat = Conversation(router=commands.router(), portal=SpellingPortal(people=[Named(code="SG5", name=name)]))
    (effect,) = await chat.say(f'/post to:"{written}" Hello')
    assert isinstance(effect, Publish)
    assert effect.dest == ["SG5"]


class SpellingPortal(StandInPortal):
    """A portal that finds names by their first letters, as they are stored, whatever the spaces."""

    async def find(self, text: str, *, reader: UserId) -> list[Named]:
        plain = text.casefold()
        return [
            one
            for one in self.people
            if one.name.casefold().replace("\u00a0", " ").replace("\u00ad", "").startswith(plain)
        ]


@pytest.mark.parametrize("text", ["/\u200bpost Hello", "/ＰＯＳＴ Hello", "/POST Hello", "/опубликова\u00adть Hello"])
async def test_commands_and_options(text: str) -> None:
    """A command after a mention is known however it is spelt."""
    (effect,) = await Conversation(router=commands.router()).say(text)
    assert isinstance(effect, Publish)


@pytest.mark.parametrize(
    "text", ["fu\u0308r:U5 Hello", "t\u00ado:U5 Hello", "FÜR:U5 Hello", "кому:U5 Hello", "К\u0300ому:U5 Hello"]
)
def test_options(text: str) -> None:
    """An option is known in both forms of its letters; one with another accent is asked about."""
    if "\u0300" in text:
        with pytest.raises(Exception, match="words"):
            arguments.parse(PostOptions, text, command="post")
    else:
        assert arguments.parse(PostOptions, text, command="post").to == ("U5",)


async def test_the_same_filter_twice() -> None:
    """Another spelling of a followed word is the same filter, and ends it."""
    chat = Conversation(router=commands.router(), keeps=True)
    for text, said in (
        ("/follow word:Ёлка", "“Ёлка”"),
        ("/follow word:елка", "already"),
        ("/unfollow word:е\u0308лка", "no longer"),
    ):
        (answer,) = await chat.say(text)
        assert isinstance(answer, Say)
        assert said in answer.content.text
    assert chat.memory.following == []


async def test_a_filter_of_nothing() -> None:
    """A word of invisible characters would match every post, and is refused."""
    assert await Conversation(router=commands.router()).mistake('/follow word:"\u200b"') == "words.no_value"


async def test_crm_types_and_here() -> None:
    """The words for types of CRM cards are compared in the same way."""
    (effect,) = await Conversation(router=commands.router()).say("/crm D\u00adEAL 42 Hello")
    assert isinstance(effect, CrmPost)


def test_a_title_that_the_portal_made() -> None:
    """A title is known as the beginning of the text, whatever spaces and forms it has."""
    made = Post(id=PostId(1), author=UserId(8), title="Cafe\u0301 opens", text="Café\u00a0opens today")
    assert post_text.heading(made) == ""
