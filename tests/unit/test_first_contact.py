"""The first contact is one message: the greeting or the answer, whatever comes first and however it is written."""

from __future__ import annotations

import pytest

from bot import commands, lifecycle
from bot.framework.router import Router
from bot.i18n import catalog
from bot.lifecycle.joined import FORGOTTEN
from bot.model.effects import Effect, Say
from bot.model.events import GreetingDue, Joined
from bot.model.state_changes import TimerCancelled, TimerSet
from tests.stand_ins import ANNA, BOT, GROUP, PORTAL, PRIVATE, Conversation, labels

HELLO = {language: catalog.sentence(language, "greeting.private") for language in catalog.languages()}
ANSWERED = {
    "/help": "This is what I can do",
    "help": "This is what I can do",
    "/follows": "This chat follows nothing",
    "/pots Hi": "Did you mean /post?",
    "": "no text",
}
GREETED = ("hello", "good morning to you", "What can you do?", "/start", "start", "12", "@anna hi")


def talk(language: str = "en") -> Conversation:
    """Return a private dialog that does not exist yet."""
    table = Router().include(commands.router())
    router = table.include(lifecycle.router(table.commands))
    return Conversation(router=router, dialog=PRIVATE, language=language, keeps=True)


async def opens(chat: Conversation) -> list[Effect]:
    """Open the dialog."""
    return await chat.hear(
        Joined(portal=PORTAL, bot=BOT, dialog=chat.dialog, author=ANNA, language=chat.language, chat_title="")
    )


async def a_moment_later(chat: Conversation) -> list[Effect]:
    """Let the timers be due that were set and not cancelled."""
    timers = {one.key: one for one in chat.state_changes if isinstance(one, TimerSet)}
    cancelled = {one.key for one in chat.state_changes if isinstance(one, TimerCancelled)}
    found: list[Effect] = []
    for key, timer in timers.items():
        assert isinstance(timer.event, GreetingDue)
        if key not in cancelled:
            chat.now = max(chat.now, timer.at)
            found += await chat.hear(timer.event)
    chat.state_changes.clear()
    return found


def text(effects: list[Effect]) -> str:
    """Return the text of the only message."""
    (said,) = effects
    assert isinstance(said, Say)
    return said.content.text


@pytest.mark.parametrize("language", catalog.languages())
async def test_who_only_opens_the_dialog_is_greeted(language: str) -> None:
    """The greeting comes a moment later, once, with buttons."""
    chat = talk(language)
    assert await opens(chat) == []
    greeted = await a_moment_later(chat)
    assert text(greeted).startswith(HELLO[language])
    assert isinstance(greeted[0], Say)
    assert len(labels(greeted[0])) == 3
    assert await opens(chat) == []
    assert await a_moment_later(chat) == []


@pytest.mark.parametrize("typed", ANSWERED)
@pytest.mark.parametrize("first", ["the dialog", "the message"])
async def test_who_writes_a_command_is_answered(typed: str, first: str) -> None:
    """The answer is the only message, in whatever order the two events come."""
    chat = talk()
    said: list[Effect] = await opens(chat) if first == "the dialog" else []
    said += await chat.say(typed)
    said += await opens(chat) if first == "the message" else []
    said += await a_moment_later(chat)
    assert ANSWERED[typed] in text(said)


@pytest.mark.parametrize("typed", GREETED)
async def test_who_only_says_hello_is_greeted(typed: str) -> None:
    """Words that are no command are answered by the greeting instead of an explanation of slashes."""
    chat = talk()
    said = await opens(chat) + await chat.say(typed) + await a_moment_later(chat)
    assert text(said).startswith(HELLO["en"])
    assert "begin with a slash" in text(await chat.say("good morning to you"))


async def test_a_message_that_waited_behind_the_greeting() -> None:
    """If the greeting's time has come before the message is handled, only one of both is said."""
    chat = talk()
    await opens(chat)
    due = next(one.event for one in chat.state_changes if isinstance(one, TimerSet))
    said = await chat.say("/help")
    assert await chat.hear(due) == []
    assert "This is what I can do" in text(said)


async def test_after_an_hour_nobody_is_greeted() -> None:
    """A service that was down greets nobody for a dialog that was opened long ago."""
    chat = talk()
    await opens(chat)
    due = next(one.event for one in chat.state_changes if isinstance(one, TimerSet))
    chat.now += FORGOTTEN + 1
    assert await chat.hear(due) == []


async def test_a_group_is_greeted_at_once() -> None:
    """In a group somebody else may write first: the greeting says who came."""
    chat = talk()
    chat.dialog = GROUP
    assert text(await opens(chat)).startswith("Hello everyone")
