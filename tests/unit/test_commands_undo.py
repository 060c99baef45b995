"""/undo as a conversation: what may be taken back, by whom and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands, feed
from bot.model.effects import DeletePost, EditCard, Publish, Say, ShowCard
from bot.model.events import MessageId, Person, UserId
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels, puts

OLGA = Person(id=UserId(1), name="Olga")


def talk(**more: Any) -> Conversation:
    """Return a conversation that remembers, with the relay of cards."""
    router = commands.router().include(feed.router())
    return Conversation(router=router, keeps=True, **more)


async def published(chat: Conversation, number: int, text: str = "Cake at four") -> ShowCard | Say:
    """Publish a post through the bot, and return its confirmation."""
    (effect,) = await chat.say(f"/post {text}")
    assert isinstance(effect, Publish)
    said = (await chat.done(effect, number))[0]
    assert isinstance(said, ShowCard | Say)
    return said


@pytest.mark.parametrize("command", ["/undo", "/undo 217", "/отозвать"])
async def test_the_last_post_is_taken_back(command: str) -> None:
    """Within ten minutes the post is deleted without a question, and the text can be put back."""
    chat = talk(dialog=PRIVATE)
    await published(chat, 217)
    (effect,) = await chat.say(command)
    assert isinstance(effect, DeletePost)
    assert (effect.post, effect.user, effect.undo) == (217, ANNA.id, True)
    said = next(one for one in await chat.done(effect) if isinstance(one, Say))
    assert said.content.text.startswith("Post 217 is taken back.")
    assert puts(said) == ["/post Cake at four"]


async def test_the_confirmation_has_the_button_and_its_card_is_closed() -> None:
    """A press of Undo under the confirmation deletes the post, and the card says that it is deleted."""
    chat = talk(dialog=PRIVATE)
    card = await published(chat, 217)
    assert isinstance(card, ShowCard)
    assert "Undo" in labels(card)
    await chat.done(card, 900)
    (effect,) = await chat.press("undo", "217")
    assert isinstance(effect, DeletePost)
    (closed,) = [one for one in await chat.done(effect) if isinstance(one, EditCard)]
    assert (closed.message, closed.content.text) == (MessageId(900), "This post was deleted from the News Feed.")


@pytest.mark.parametrize(("seconds", "late"), [(599, False), (601, True)])
async def test_the_button_dies_after_ten_minutes(seconds: float, late: bool) -> None:  # noqa: FBT001 - a column of the table
    """An old press deletes nothing, and the answer says what can be done instead."""
    chat = talk(dialog=PRIVATE)
    await published(chat, 217)
    chat.now += seconds
    (said,) = await chat.press("undo", "217")
    assert isinstance(said, Say) is late
    if isinstance(said, Say):
        assert said.content.text.startswith("Post 217 is older than ten minutes")


async def test_the_options_of_a_post_come_back_too() -> None:
    """The command that publishes a post again has its tags and its importance."""
    chat = talk(dialog=PRIVATE)
    await published(chat, 217, 'tags:lunch important title:"Today" Cake at four')
    (effect,) = await chat.say("/undo")
    said = next(one for one in await chat.done(effect) if isinstance(one, Say))
    (command,) = puts(said)
    (again,) = await chat.say(command)
    assert isinstance(again, Publish)
    assert (again.title, again.tags, again.important, again.text) == ("Today", ("lunch",), True, "Cake at four")


@pytest.mark.parametrize("waits", [True, False])
async def test_pressed_twice_deletes_once(waits: bool) -> None:  # noqa: FBT001 - a row of the table
    """A second press finds that the post is deleted, or will be in a moment."""
    chat = talk(dialog=PRIVATE)
    await published(chat, 217)
    (effect,) = await chat.press("undo", "217")
    chat.memory.on_posts.append((effect, waits))
    (said,) = await chat.press("undo", "217")
    assert isinstance(said, Say)
    assert said.content.text == "Post 217 is deleted already."


async def test_nobody_else_takes_it_back() -> None:
    """In a group the press of another person deletes nothing, not even an administrator's; they are told alone."""
    chat = talk()
    await published(chat, 217)
    chat.who = OLGA
    (said,) = await chat.press("undo", "217")
    assert isinstance(said, Say)
    assert said.content.text.startswith("I take a post back only for the person who published it")
    assert said.dialog == "1"
    (typed,) = await chat.say("/undo 217")
    assert isinstance(typed, Say)
    assert typed.dialog == GROUP


async def test_several_posts_are_asked_about() -> None:
    """With several recent posts the bot asks which one; in a group the buttons have only numbers."""
    chat = talk(dialog=PRIVATE)
    await published(chat, 217, "One")
    chat.now += 5
    await published(chat, 218, "Two")
    (asked,) = await chat.say("/undo")
    assert isinstance(asked, Say)
    assert labels(asked) == ["218 Two", "217 One"]
    chat.dialog = GROUP
    (asked,) = await chat.say("/undo")
    assert isinstance(asked, Say)
    assert labels(asked) == ["218", "217"]
    (effect,) = await chat.press("undo", "217")
    assert isinstance(effect, DeletePost)
    assert effect.kept == ""  # the post was published from another dialog, whose words this group may not know


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "There is nothing to take back"), ("de", "Es gibt nichts zurückzunehmen"), ("ru", "Отзывать нечего")],
)
async def test_nothing_to_take_back(language: str, text: str) -> None:
    """Without a recent post the answer says what else can be done."""
    (said,) = await talk(language=language).say("/undo")
    assert isinstance(said, Say)
    assert said.content.text.startswith(text)
