"""/settings as a conversation: preview first or at once, for a person and for a chat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import commands
from bot.errors import PortalDown
from bot.model.effects import Edit, Publish, Say, ShowDraft
from bot.model.events import Dialog
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, SETTINGS, Conversation, labels


def conversation(dialog: Dialog = PRIVATE, *, managers: tuple[int, ...] = (), admin: bool = False) -> Conversation:
    """Return a dialog that keeps what is chosen."""
    portal = StandInPortal(managers=set(managers), admin=admin)
    return Conversation(router=commands.router(), portal=portal, dialog=dialog, keeps=True)


async def answer(chat: Conversation, text: str) -> Say:
    """Return the answer to a command."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    return said


@pytest.mark.parametrize(
    ("language", "on", "said"),
    [
        ("en", "preview:on", "You chose a preview for yourself, in every chat."),
        ("de", "vorschau:an", "Für sich haben Sie die Vorschau gewählt, in jedem Chat."),
        ("ru", "preview:да", "Для себя вы выбрали предпросмотр, во всех чатах."),
    ],
)
async def test_a_person_chooses(language: str, on: str, said: str) -> None:
    """What a person chooses holds at once, and is said in their language."""
    chat = conversation()
    chat.language = language
    assert said in (await answer(chat, f"/settings {on}")).content.text
    (card,) = await chat.say("/post We won.")
    assert isinstance(card, ShowDraft)
    await chat.say("/settings preview:off")
    (made,) = await chat.say("/post We won.")
    assert isinstance(made, Publish)


@pytest.mark.parametrize(
    ("default", "said"), [(True, "is published at once"), (False, "is shown to you before it is published")]
)
async def test_what_holds_is_said(*, default: bool, said: str) -> None:
    """Without a choice the setting of the service holds; the message has a button for each choice."""
    chat = conversation()
    chat.settings = replace(SETTINGS, publish_at_once=default)
    told = await answer(chat, "/settings")
    assert said in told.content.text
    assert labels(told) == ["For me: preview first", "For me: at once"]


async def test_a_press_changes_the_message() -> None:
    """In private a press changes the choice and its message, and the chosen button is highlighted."""
    chat = conversation()
    told = await answer(chat, "/settings")
    button = told.content.keyboard[0]
    (edited,) = await chat.press(str(button["COMMAND"]), str(button["COMMAND_PARAMS"]))
    assert isinstance(edited, Edit)
    assert edited.content.keyboard[0]["BG_COLOR_TOKEN"] == "primary"
    assert chat.memory.at_once_chosen == {str(ANNA.id): False}


@pytest.mark.parametrize("who", ["manager", "administrator"])
async def test_a_manager_chooses_for_the_chat(who: str) -> None:
    """A manager of the chat and an administrator choose for everybody who has not chosen."""
    chat = conversation(GROUP, managers=(ANNA.id,) if who == "manager" else (), admin=who == "administrator")
    told = await answer(chat, "/settings chat preview:on")
    assert "This chat chose a preview" in told.content.text
    assert len(labels(told)) == 4
    (card,) = await chat.say("/post We won.")
    assert isinstance(card, ShowDraft)


@pytest.mark.parametrize("down", [False, True])
async def test_others_may_not_choose_for_the_chat(*, down: bool) -> None:
    """Everybody else is told who may; so is a manager while the portal does not answer."""
    chat = conversation(GROUP, managers=(ANNA.id,) if down else ())
    chat.portal.error = PortalDown("slow", outcome_unknown=False) if down else None
    assert await chat.mistake("/settings chat preview:on") == "settings.not_manager"
    assert chat.memory.at_once_chosen == {}


@pytest.mark.parametrize(
    ("dialog", "absent", "text", "key"),
    [
        (PRIVATE, False, "/settings chat preview:on", "settings.no_chat"),
        (GROUP, True, "/settings chat preview:on", "settings.no_chat"),
        (PRIVATE, False, "/settings preview:perhaps", "words.switch"),
        (PRIVATE, False, "/settings everything", "words.extra"),
        (PRIVATE, False, "/settings chat preview:on now", "words.extra"),
    ],
)
async def test_mistakes(*, dialog: Dialog, absent: bool, text: str, key: str) -> None:
    """A setting of a chat needs a group with the bot, and a choice is on or off."""
    chat = conversation(dialog, managers=(ANNA.id,))
    chat.bot_absent = absent
    assert await chat.mistake(text) == key
