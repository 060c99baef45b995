"""A press in a group does not turn the shared message into another language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import commands
from bot.framework import shared_language
from bot.i18n import catalog
from bot.model.effects import Edit, Effect, Say, ShowCard
from bot.model.events import Dialog, From, UserId
from bot.model.records import Follow
from tests.stand_ins import GROUP, PRIVATE, Conversation

EDITING = commands.router().editing


def written(effect: Effect, language: str) -> bool:
    """Check whether a message is written in a language: by its button, or by what it lists."""
    assert isinstance(effect, Say | Edit | ShowCard)
    words = (catalog.sentence(language, key) for key in ("help.intro", "follow.list", "help.how", "follow.nothing"))
    return any(word in effect.content.text for word in words)


def params(effect: Effect, command: str) -> list[str]:
    """Return the parameters of all buttons of a command, as they are sent."""
    marked = shared_language.mark(effect, EDITING)
    assert isinstance(marked, Say | Edit | ShowCard)
    return [str(one.get("COMMAND_PARAMS", "")) for one in marked.content.keyboard if one.get("COMMAND") == command]


@pytest.mark.parametrize("first", catalog.languages())
@pytest.mark.parametrize("second", catalog.languages())
async def test_the_pages_of_help_keep_their_language(first: str, second: str) -> None:
    """Somebody asks in one language, another person presses: each page is in the language of the message."""
    chat = Conversation(router=commands.router(), language=first)
    (asked,) = await chat.say("/help")
    chat.language = second
    for pressed in params(asked, "help"):
        (page,) = await chat.press("help", pressed)
        assert isinstance(page, Edit)
        assert written(page, first)
        assert page.language == first
        (back,) = await chat.press("help", params(page, "help")[-1])
        assert written(back, first)


@pytest.mark.parametrize("first", catalog.languages())
async def test_the_list_of_subscriptions_keeps_its_language(first: str) -> None:
    """A press that stops one subscription changes the list, and not its language."""
    chat = Conversation(router=commands.router(), language=first, keeps=True)
    topics = ["all", "word:budget ~x", "word:~de"]
    chat.memory.following = [Follow(dialog=GROUP, topic=one, owner=UserId(7), language=first) for one in topics]
    (listed,) = await chat.say("/follows")
    for language, pressed in zip(catalog.languages(), params(listed, "follows"), strict=True):
        chat.language = language
        (left,) = await chat.press("follows", pressed)
        assert isinstance(left, Edit)
        assert written(left, first)
    assert chat.memory.following == []


async def test_in_private_a_press_has_the_language_of_its_person() -> None:
    """A private dialog is nobody else's: nothing is added to its buttons."""
    chat = Conversation(router=commands.router(), dialog=PRIVATE)
    (asked,) = await chat.say("/help")
    assert shared_language.mark(asked, EDITING) == asked


@pytest.mark.parametrize("end", ["~xx", "~DE", "~d", "~", "x~de", "~de x", ""])
async def test_what_is_no_language_is_left_alone(end: str) -> None:
    """Only two letters of a language that we have, at the end, after a space, change anything."""
    chat = Conversation(router=commands.router(), language="ru")
    (page,) = await chat.press("help", f"post {end}".strip())
    assert written(page, "ru")


async def test_a_typed_command_is_not_read_so() -> None:
    """What a person types is never taken for the mark of a button."""
    chat = Conversation(router=commands.router(), language="ru")
    (page,) = await chat.say("/help post ~de")
    assert written(page, "ru")
    (page,) = await chat.press("help", "post ~de", source=From.MENU)
    assert written(page, "ru")


async def test_a_message_is_marked_once() -> None:
    """A message that is sent again keeps one mark, and other buttons have none."""
    chat = Conversation(router=commands.router(), language="de", dialog=Dialog("chat9"))
    (asked,) = await chat.say("/help post")
    once = shared_language.mark(asked, EDITING)
    assert shared_language.mark(once, EDITING) == once
    assert shared_language.mark(asked, frozenset()) == asked
    assert replace(asked) == asked
