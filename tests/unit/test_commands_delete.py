"""/delete as a conversation: the question, who may answer it, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.model.effects import DeletePost, Edit, Effect, Say
from bot.model.events import MessageId, Person, PostId, UserId
from bot.model.records import Post
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels

POST = Post(id=PostId(217), author=ANNA.id, title="Friday", text="We close at four.", for_all=True)
OLGA = Person(id=UserId(1), name="Olga")


def talk(**more: Any) -> Conversation:
    """Return a conversation that remembers, on a portal with a post of Anna."""
    return Conversation(router=commands.router(), portal=StandInPortal(posts={217: POST}), keeps=True, **more)


def params(said: Effect) -> list[str]:
    """Return what the buttons send."""
    assert isinstance(said, Say)
    return [str(button["COMMAND_PARAMS"]) for button in said.content.keyboard]


async def test_a_press_deletes_once() -> None:
    """The question is asked first; a press deletes the post, and a second press does nothing more."""
    chat = talk()
    (asked,) = await chat.say("/delete 217")
    assert isinstance(asked, Say)
    assert labels(asked) == ["Delete post 217", "Keep it"]
    yes, _no = params(asked)
    (effect,) = await chat.press("delete", yes)
    assert isinstance(effect, DeletePost)
    assert (effect.post, effect.user, effect.question) == (217, ANNA.id, MessageId(500))
    (again,) = await chat.press("delete", yes)
    assert isinstance(again, Say)
    assert again.content.text.startswith("Nothing is done")


async def test_the_result_takes_the_place_of_the_question() -> None:
    """After a press the message with the question says that the post is deleted, without buttons."""
    chat = talk()
    await chat.say("/delete 217")
    (effect,) = await chat.press("delete", "217 answer:yes")
    (edit,) = [one for one in await chat.done(effect) if isinstance(one, Edit)]
    assert (edit.message, edit.content.text, edit.content.keyboard) == (500, "Post 217 is deleted.", [])


async def test_keep_it() -> None:
    """The other button ends the question, so that the first one does nothing any more."""
    chat = talk()
    yes, no = params((await chat.say("/delete 217"))[0])
    (edit,) = await chat.press("delete", no)
    assert isinstance(edit, Edit)
    assert edit.content.text == "Post 217 stays as it is."
    assert not any(isinstance(one, DeletePost) for one in await chat.press("delete", yes))


async def test_only_the_person_who_asked_can_answer() -> None:
    """A press of somebody else deletes nothing, and gets a word in private; the question stays open."""
    chat = talk()
    yes, _no = params((await chat.say("/delete 217"))[0])
    chat.who = OLGA
    (said,) = await chat.press("delete", yes)
    assert isinstance(said, Say)
    assert said.dialog == "1"
    chat.who = ANNA
    (effect,) = await chat.press("delete", yes)
    assert isinstance(effect, DeletePost)


@pytest.mark.parametrize(("seconds", "open_"), [(599, True), (601, False)])
async def test_the_question_expires(seconds: float, open_: bool) -> None:  # noqa: FBT001 - a column of the table
    """After ten minutes a press deletes nothing."""
    chat = talk()
    await chat.say("/delete 217")
    chat.now += seconds
    (effect,) = await chat.press("delete", "217 answer:yes")
    assert isinstance(effect, DeletePost) is open_


async def test_another_post_than_the_one_asked_about() -> None:
    """An answer with another number, as from an old question, deletes nothing."""
    chat = talk()
    await chat.say("/delete 217")
    (said,) = await chat.say("/delete 216 answer:yes")
    assert isinstance(said, Say)


@pytest.mark.parametrize(("dialog", "shown"), [(PRIVATE, True), (GROUP, False)])
async def test_a_group_does_not_get_the_words_of_the_post(dialog: Any, shown: bool) -> None:  # noqa: FBT001 - a column of the table
    """In private the question shows what is deleted; in a group only its number."""
    (said,) = await talk(dialog=dialog).say("/delete 217")
    assert isinstance(said, Say)
    assert ("Friday" in said.content.text) is shown


@pytest.mark.parametrize("who", [OLGA, Person(id=UserId(6), name="Gustav", extranet=True)])
async def test_only_own_posts(who: Person) -> None:
    """Nobody deletes the post of somebody else through the bot, not even an administrator."""
    assert await talk(who=who).mistake("/delete 217") == "delete.not_yours"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Post 217 was not deleted. Only the author or an administrator may do that."),
        ("de", "Beitrag 217 wurde nicht gelöscht. "),
        ("ru", "Запись 217 не удалена. "),
    ],
)
async def test_a_refusal_is_explained(language: str, text: str) -> None:
    """The codes of this method are numbers, and each has its sentence."""
    chat = talk(language=language)
    await chat.say("/delete 217")
    (effect,) = await chat.press("delete", "217 answer:yes")
    (said,) = await chat.failed(effect, code="403", text="You do not have permission to delete this message")
    assert isinstance(said, Say)
    assert said.content.text.startswith(text)


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        ({"code": "0", "text": "Blog module is not installed"}, "The News Feed is switched off on your portal"),
        ({"code": "0", "text": "Error deleting message"}, "while it deleted the post"),
        ({"error": "PortalDown", "outcome_unknown": True}, "did not say whether post 217 is deleted"),
    ],
)
async def test_other_errors(failure: dict[str, Any], text: str) -> None:
    """Each other error of the method is told in words."""
    chat = talk()
    await chat.say("/delete 217")
    (effect,) = await chat.press("delete", "217 answer:yes")
    (said,) = await chat.failed(effect, **failure)
    assert isinstance(said, Say)
    assert text in said.content.text


async def test_where_the_bot_is_no_member() -> None:
    """There the question is an answer to the command, and so is the result, because nothing can be edited."""
    chat = talk(bot_absent=True)
    (asked,) = await chat.say("/delete 217")
    assert isinstance(asked, Say)
    assert asked.answers
    (effect,) = await chat.press("delete", "217 answer:yes")
    assert isinstance(effect, DeletePost)
    assert effect.question is None
    (said,) = await chat.done(effect)
    assert isinstance(said, Say)
    assert said.answers
