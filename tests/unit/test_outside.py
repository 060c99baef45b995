"""Chats that the bot was removed from: their subscriptions end when a card is refused for that reason only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import PortalDown, Refused
from bot.model import effects
from bot.model.effects import DeleteCard, Effect, Say
from bot.model.events import UserId
from bot.model.state_changes import ChatLeft, Unfollowing
from tests.feeding import OTHER, POST, SECOND, added, follow, stand, talk, text, updated
from tests.stand_ins import GROUP, PRIVATE, Conversation

ENDS = [Unfollowing(dialog=GROUP, topic=None), ChatLeft(dialog=GROUP)]


async def refused(chat: Conversation, code: str, error: str = "Refused") -> list[Effect]:
    """Let the first of two following chats refuse its card."""
    card, *_ = await chat.hear(added())
    return await chat.failed(card, error, code=code)


def ended(chat: Conversation) -> list[Any]:
    """Return the state changes that end subscriptions."""
    return [state_change for state_change in chat.state_changes if isinstance(state_change, Unfollowing | ChatLeft)]


@pytest.mark.parametrize(
    ("code", "error"),
    [("ACCESS_DENIED", "Refused"), ("CHAT_NOT_FOUND", "Gone"), ("CANCELED", "Gone"), ("WRONG_REQUEST", "Refused")],
)
async def test_a_chat_without_the_bot_loses_its_subscriptions(code: str, error: str) -> None:
    """The portal refuses a card, and confirms that we are not there: subscriptions end, followers are told."""
    chat = talk(follow(GROUP), follow(OTHER))
    chat.portal.closed.add(GROUP)
    (told,) = await refused(chat, code, error)
    assert isinstance(told, Say)
    assert (told.dialog, told.priority) == ("1", effects.Priority.RELAY)
    assert told.content.text.startswith("I am no longer in [chat=42]chat42[/chat]")
    assert ended(chat) == ENDS
    assert [one.dialog for one in chat.memory.following] == [OTHER]


async def test_each_owner_is_told_their_own_rules() -> None:
    """The word to an owner names the rules that ended, and none of another owner's."""
    other = replace(follow(GROUP, "word:secret"), owner=UserId(7))
    chat = talk(follow(GROUP), follow(GROUP, "word:cake"), other)
    chat.portal.closed.add(GROUP)
    (card,) = await chat.hear(added())
    said = await chat.failed(card, code="ACCESS_DENIED")
    told = {str(one.dialog): one.content.text for one in said if isinstance(one, Say)}
    assert "• all posts\n• posts with “cake”" in told["1"]
    assert "secret" not in told["1"]
    assert told["7"].endswith("• posts with “secret”")


async def test_notified_once_for_any_number_of_follows_and_refusals() -> None:
    """One person gets one message for several subscriptions; the next refused card asks nothing."""
    chat = talk(follow(GROUP), follow(GROUP, "important"))
    chat.portal.closed.add(GROUP)
    (card,) = await chat.hear(added())
    assert len(await chat.failed(card, code="ACCESS_DENIED")) == 1
    chat.portal.error = PortalDown("nobody may ask", outcome_unknown=False)
    assert await chat.failed(card, code="ACCESS_DENIED") == []


@pytest.mark.parametrize(
    ("code", "error"),
    [
        pytest.param("ACCESS_DENIED", "Refused", id="a role that may not write"),
        pytest.param("CANCELED", "Gone", id="a chat closed for a while"),
        pytest.param("QUERY_LIMIT_EXCEEDED", "TooFast", id="too fast"),
        pytest.param("INTERNAL_SERVER_ERROR", "Broken", id="broken"),
        pytest.param("", "PortalDown", id="silent"),
        pytest.param("expired_token", "TokenExpired", id="token"),
    ],
)
async def test_subscriptions_stay_while_the_bot_is_a_member(code: str, error: str) -> None:
    """A refusal from a chat that we can still read, or without relation to the chat, ends nothing."""
    chat = talk(follow(GROUP))
    assert await refused(chat, code, error) == []
    assert ended(chat) == []


async def test_a_portal_that_refuses_everything_ends_nothing() -> None:
    """An expired plan has the same code as a closed chat, but refuses the question too: nothing ends."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    chat.portal.closed.add(GROUP)
    chat.portal.error = Refused("ACCESS_DENIED", "REST API is available only on commercial plans")
    assert await chat.failed(card, code="ACCESS_DENIED") == []
    assert ended(chat) == []


async def test_subscriptions_of_private_dialogs_stay() -> None:
    """A person who cannot be written to now may be reachable tomorrow."""
    chat = talk(follow(PRIVATE))
    chat.portal.closed.add(PRIVATE)
    assert await refused(chat, "ACCESS_DENIED") == []
    assert ended(chat) == []


async def test_a_card_that_cannot_be_edited_is_replaced() -> None:
    """As documented, v2 refuses an edit of a deleted message with the same code; the chat gets a new card."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    gone, shown = await chat.failed(edit, code="ACCESS_DENIED")
    assert isinstance(gone, DeleteCard)
    assert text(shown) == text(edit)
    assert ended(chat) == []
