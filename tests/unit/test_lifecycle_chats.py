"""A chat gets or loses the bot, and the application is removed: what is stored, said and deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.i18n import catalog
from bot.model.effects import Say
from bot.model.events import (
    BotDeleted,
    BotId,
    Dialog,
    Joined,
    MessageId,
    Person,
    PortalId,
    Said,
    Uninstalled,
    UserId,
)
from bot.model.state_changes import BotKnown, ChatJoined, PortalGone
from tests.stand_ins import ANNA, BOT, GROUP, PORTAL, PRIVATE
from tests.unit.test_lifecycle import talk


def joined(*, author: Person = ANNA, language: str = "en") -> Joined:
    """Make the event of the bot joining a chat."""
    return Joined(portal=PORTAL, bot=BOT, dialog=GROUP, author=author, language=language, chat_title="Launch")


def said(text: str) -> Said:
    """Make the event of a message that the bot gets."""
    return Said(portal=PORTAL, bot=BOT, dialog=GROUP, author=ANNA, message=MessageId(500), text=text)


@pytest.mark.parametrize("language", catalog.languages())
async def test_the_greeting(language: str) -> None:
    """A group is greeted in the language of the user who added the bot."""
    chat = talk()
    (said,) = await chat.hear(joined(language=language))
    assert isinstance(said, Say)
    assert said.dialog == GROUP
    assert said.content.text.startswith(catalog.sentence(language, "greeting.group"))
    assert chat.state_changes == [ChatJoined(dialog=GROUP, title="Launch")]


async def test_the_bot_that_joined_by_itself_greets_nobody() -> None:
    """If the bot joined by itself, it greets nobody, but is known as a member."""
    chat = talk()
    assert await chat.hear(joined(author=Person(id=UserId(int(BOT)), is_bot=True))) == []
    assert chat.state_changes == [ChatJoined(dialog=GROUP, title="Launch")]


@pytest.mark.parametrize("dialog", [GROUP, PRIVATE])
async def test_a_message_shows_that_the_bot_is_a_member(dialog: Dialog) -> None:
    """A message shows that the bot is a member, even if the event of joining was lost."""
    chat = talk(bot=BOT)
    assert await chat.hear(replace(said("help"), dialog=dialog, chat_title="Launch"))
    assert chat.state_changes == [ChatJoined(dialog=dialog, title="Launch")]


@pytest.mark.parametrize("clean", [True, False])
async def test_uninstalled(*, clean: bool) -> None:
    """The portal's data is deleted as the user chose, and nothing is sent: there is no access."""
    chat = talk(bot=BOT)
    assert await chat.hear(Uninstalled(portal=PORTAL, clean=clean)) == []
    assert chat.state_changes == [PortalGone(clean=clean)]


@pytest.mark.parametrize(("bot", "state_changes"), [(BOT, [BotKnown(bot=None)]), (BotId(91), [])])
async def test_the_bot_was_deleted(bot: BotId, state_changes: list[BotKnown]) -> None:
    """The deletion of our bot is stored; that of another bot of the application is ignored."""
    chat = talk(bot=BOT)
    assert await chat.hear(BotDeleted(portal=PORTAL, bot=bot)) == []
    assert chat.state_changes == state_changes


async def test_an_event_of_an_unknown_portal_changes_nothing() -> None:
    """An event of an unknown portal changes nothing."""
    chat = talk()
    assert await chat.hear(BotDeleted(portal=PortalId("nobody"), bot=BOT)) == []
    assert chat.state_changes == []
