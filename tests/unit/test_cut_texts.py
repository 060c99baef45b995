"""A text that the portal cut is not taken for the whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import commands
from bot.bitrix.inbound import dialog_events
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.model.effects import CrmComment, CrmPost, Publish, Say
from bot.model.events import Commanded, CommandId, MessageId, Said
from tests.stand_ins import ANNA, BOT, GROUP, PORTAL, PRIVATE, Conversation

LONG = "y" * 20_500


def stored(text: str) -> str:
    """Return a text as the portal stores it."""
    return text if len(text) <= 20_006 else f"{text[:20_000]} (...)"


def typed(name: str, params: str, *, text: str, cut: bool) -> Commanded:
    """Make the event of a typed command."""
    return Commanded(
        portal=PORTAL, bot=BOT, dialog=GROUP, author=ANNA, command=CommandId(3), name=name, params=params, text=text,
        message=MessageId(500), cut=cut,
    )  # fmt: skip


@pytest.fixture
def chat() -> Conversation:
    """Return a group."""
    return Conversation(router=commands.router())


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (f"/post {LONG}", True),
        (f"/post {'a b ' * 6000}", True),
        ("/post wait (...)", False),
        (f"/post {'y' * 19_000}", False),
        (f"/post {'y' * 19_990}", False),
    ],
)
def test_known_by_its_end(text: str, cut: bool) -> None:  # noqa: FBT001 - a table
    """The portal ends such a text with (...), and it is as long as a message can be."""
    assert dialog_events.is_cut(stored(text)) is cut


@pytest.mark.parametrize("name", ["post", "crm", "пост"])
@pytest.mark.parametrize("begin", ["", "deal 42 ", 'title:"x" '])
async def test_nothing_is_written(chat: Conversation, name: str, begin: str) -> None:
    """Neither a post nor a text in the CRM lacks its end without a word."""
    text = stored(f"/{name} {begin}{LONG}")
    with pytest.raises(UserMistake) as caught:
        await chat.hear(typed(name, text.removeprefix(f"/{name} "), text=text, cut=True))
    assert "the end of your text is missing" in error_messages.answer("en", caught.value).text
    where = {"portal": PORTAL, "bot": BOT, "author": ANNA, "message": MessageId(500)}
    for dialog in (GROUP, PRIVATE):
        with pytest.raises(UserMistake):
            await chat.hear(Said(**where, dialog=dialog, text=text, cut=True))  # type: ignore[arg-type]  # one table


async def test_a_short_command_above_is_carried_out(chat: Conversation) -> None:
    """A command whose own line is whole is answered, whatever was cut below it."""
    text = stored(f"/help\n/post {LONG}")
    (said,) = await chat.hear(typed("help", "", text=text, cut=True))
    assert isinstance(said, Say)


async def test_a_text_that_ends_so_itself(chat: Conversation) -> None:
    """A short text may end with (...)."""
    event = typed("post", "and so on (...)", text="/post and so on (...)", cut=False)
    (effect,) = await chat.hear(event)
    assert isinstance(effect, Publish)
    (effect,) = await chat.hear(replace(event, name="crm", params="deal 42 and (...)", text="/crm deal 42 and (...)"))
    assert isinstance(effect, CrmPost | CrmComment)
