"""What looks like an option and is none is asked about; what is prose stays prose."""

from __future__ import annotations

import contextlib

import pytest

from bot import commands
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.feed.composer.options import PostOptions
from bot.framework import arguments
from bot.model.effects import Publish, Say
from bot.model.records import Named
from tests.effort import effort, hopeless_after
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import GROUP, Conversation, labels, puts

ASKED = [
    "to=sales secret",
    "TO=sales secret",
    "to = sales secret",
    "to :sales secret",
    "to : sales secret",
    "--to:sales secret",
    "—to:sales secret",
    "–to: sales secret",
    "-to:sales secret",
    "/to:sales secret",
    "•to:sales secret",
    "“to:sales” secret",
    "(to:sales) secret",
    ">to:sales secret",
    ">>to:sales secret",
    "to;sales secret",
    "to->sales secret",
    "tо:sales secret",
    "Tо:sales secret",
    "ｔｏ：sales secret",
    "to：sales secret",
    "to∶sales secret",
    "t0:sales secret",
    "t\u200bo:sales secret",
    "\u200bto:sales secret",
    "\ufeffto:sales secret",
    "tó:sales secret",
    "[B]to:sales[/B] secret",
    "[b]to:[/b]sales secret",
    "кoму:sales secret",
    "komu:sales secret",
    "para:sales secret",
    "para: sales secret",
    "à:sales secret",
    "pour: sales secret",
    "kime:sales secret",
    "voor: sales secret",
    "whom: sales secret",
    "recipients=sales secret",
    "получатели: sales secret",
    "to @berg secret",
    'to "HR team" secret',
    "an=sales secret",
    "für=sales secret",
    "two:sales secret",
    "urgent:yes secret",
    "labels:a,b secret",
    "title=x secret",
    "secret to=sales",
    "secret —to:sales",
    "secret\nto：sales",
    "secret tо:sales",
    "τo:sales secret",
    "to:\u200b sales secret",
]
PROSE = [
    "Note: hello",
    "Note : hello",
    "to be or not to be",
    "To all who came",
    "for everyone",
    "http://example.org is up",
    "mailto:a@example.com",
    "10:30 we meet",
    "a=b",
    "x = 5",
    "Hi to: sales and all",
    "-- to:sales",
    "-- to=sales",
    "— and so",
    "[B]Hello[/B] all",
    "[URL=https://e.com]to[/URL] read",
    "To-do list",
    "An alle",
    "Для всех",
    "Important: read this",
    "See https://e.com/?to=x",
    "for i in x: y",
]


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with a department, a group and a person."""
    people = [Named(code="DR3", name="Sales"), Named(code="DR4", name="HR team"), Named(code="U5", name="Tom Berg")]
    return Conversation(router=commands.router(), portal=StandInPortal(people=people))


@pytest.mark.parametrize("text", ASKED)
async def test_asked_before_anything_is_published(chat: Conversation, text: str) -> None:
    """A misspelt option publishes nothing; as text it goes to everybody, and only by the button that says so."""
    with pytest.raises(UserMistake) as caught:
        await chat.say(f"/post {text}")
    asked = Say(dialog=GROUP, content=error_messages.answer("en", caught.value))
    assert labels(asked)[-1] in ("It is part of the text", "For everyone")
    (effect,) = await chat.say(puts(asked)[-1])
    assert isinstance(effect, Publish)
    assert effect.dest == ["UA"]
    assert "secret" in effect.text


@pytest.mark.parametrize("text", [text for text in ASKED if "sales" in text and not text.startswith("à")])
async def test_the_first_button_leads_on(chat: Conversation, text: str) -> None:
    """The button for the option that was meant publishes to it alone, without a rest of it in the text."""
    with pytest.raises(UserMistake) as caught:
        await chat.say(f"/post {text}")
    asked = Say(dialog=GROUP, content=error_messages.answer("en", caught.value))
    (effect,) = await chat.say(puts(asked)[0])
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.text.strip("()”")) == (["DR3"], "secret")


@pytest.mark.parametrize("text", PROSE)
async def test_prose_is_published(chat: Conversation, text: str) -> None:
    """Ordinary sentences are published without a question."""
    (effect,) = await chat.say(f"/post {text}")
    assert isinstance(effect, Publish)
    assert effect.dest == ["UA"]


@pytest.mark.parametrize(
    "text", ["a:" * 10_000, "a: " * 7000, "=" * 20_000, "\\" * 20_000, 'title:"' + "\\" * 19_000, "[b]" * 6000]
)
def test_long_texts_are_read_in_time(text: str) -> None:
    """However odd, a text of the longest message is read in a moment."""

    def parse() -> None:
        with contextlib.suppress(UserMistake):
            arguments.parse(PostOptions, text, command="post")

    with hopeless_after(10):
        assert effort(parse) < 200_000
