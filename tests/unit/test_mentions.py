"""Mentions in every place of a sentence, and edited messages."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.bitrix.inbound import dialog_events
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.model.effects import Publish, Say
from bot.model.events import Said
from tests.stand_ins import BOT, GROUP, PRIVATE, Conversation, labels, puts

ME = f"[USER={BOT}]Feedbridge[/USER]"
HELP = [
    f"{ME} help share",
    f"{ME}: help share",
    f"{ME}! help share",
    f"{ME}, help share",
    f"{ME} - help share",
    f"{ME} — help share",
    f"{ME}? help share",
    f"[B]{ME}[/B] help share",
    f"[B]{ME} help share[/B]",
    f"{ME} [B]help[/B] share",
    f"{ME} “help” share",
    f"{ME} /help share",
    f"Hi {ME}, help share",
    f"Hello, {ME}! help share",
    f"please {ME} help share",
    f"Could you, {ME}: /help share",
    f"help share {ME}",
    f"[QUOTE]/post x[/QUOTE]\n{ME} help share",
    f"{ME}\nhelp share",
    f"{ME}\u00a0help share",
    f"{ME} HELP share",
    f"{ME}{ME} help share",
]
NO_HELP = [f"[QUOTE]{ME} help share[/QUOTE] why?", f"[CODE]{ME} help share[/CODE]", f">>{ME} help share\nwhy?"]
MAYBE = [f"Boris wrote that {ME} post everything to all", f"Hi {ME}, post Hello", f"I let {ME} share 217 to:all"]


def said(chat: Conversation, text: str, **more: Any) -> Said:
    """Make the event of a message with mentions."""
    rest, addressed = dialog_events.without_mention(text, BOT)
    return Said(**chat._where(), text=rest, addressed=addressed, **more)


@pytest.fixture
def chat() -> Conversation:
    """Return a group."""
    return Conversation(router=commands.router())


@pytest.mark.parametrize("text", HELP)
async def test_understood(chat: Conversation, text: str) -> None:
    """The command is found behind the mention, whatever sign or markup is around it."""
    (answer,) = await chat.hear(said(chat, text))
    assert isinstance(answer, Say)
    assert "Share a post with more people" in answer.content.text


@pytest.mark.parametrize("text", NO_HELP)
async def test_a_quoted_mention(chat: Conversation, text: str) -> None:
    """A mention that is only quoted asks for nothing."""
    (answer,) = await chat.hear(said(chat, text))
    assert isinstance(answer, Say)
    assert "Share a post with more people" not in answer.content.text


@pytest.mark.parametrize("text", MAYBE)
async def test_a_command_that_may_be_a_part_of_a_sentence(chat: Conversation, text: str) -> None:
    """What would publish is asked about; the button has the command."""
    with pytest.raises(UserMistake) as caught:
        await chat.hear(said(chat, text))
    asked = Say(dialog=GROUP, content=error_messages.answer("en", caught.value))
    assert "part of your sentence" in asked.content.text
    assert puts(asked)[0].startswith(("/post ", "/share 217"))


async def test_a_slash_in_a_sentence(chat: Conversation) -> None:
    """A slash behind the mention says that it is a command."""
    (effect,) = await chat.hear(said(chat, f"Hi {ME}, /post Hello"))
    assert isinstance(effect, Publish)
    assert effect.text == "Hello"


@pytest.mark.parametrize("dialog", [GROUP, PRIVATE])
async def test_an_edited_command_that_publishes(chat: Conversation, dialog: str) -> None:
    """It is not carried out at once, because the first version may have been; a button has it as it is now."""
    chat.dialog = dialog  # type: ignore[assignment]  # both are dialogs
    with pytest.raises(UserMistake) as caught:
        await chat.hear(said(chat, "/post Hello", edited=True))
    asked = Say(dialog=GROUP, content=error_messages.answer("en", caught.value))
    assert "was changed" in asked.content.text
    assert (labels(asked), puts(asked)) == (["Yes, /post"], ["/post Hello"])
    (effect,) = await chat.say(puts(asked)[0])
    assert isinstance(effect, Publish)


@pytest.mark.parametrize("text", ["/help", f"{ME} help", "/hlep", f"{ME}: /helpp"])
async def test_an_edited_command_that_publishes_nothing(chat: Conversation, text: str) -> None:
    """It is carried out, or answered with a suggestion."""
    (answer,) = await chat.hear(said(chat, text, edited=True))
    assert isinstance(answer, Say)


@pytest.mark.parametrize("text", ["Hello again", f"{ME} thanks", ""])
@pytest.mark.parametrize("dialog", [GROUP, PRIVATE])
async def test_an_edited_sentence(chat: Conversation, text: str, dialog: str) -> None:
    """A sentence that is corrected gets no second answer."""
    chat.dialog = dialog  # type: ignore[assignment]  # both are dialogs
    assert await chat.hear(said(chat, text, edited=True)) == []
