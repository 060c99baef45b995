"""A card that the portal refused, and what a chat is told after that: only what it has seen changes for it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bot.model.effects import DeleteCard, EditCard, ShowCard
from bot.model.events import CardToSend
from bot.model.state_changes import TimerSet
from tests.feeding import (
    FIRST,
    OTHER,
    POST,
    SECOND,
    THIRD,
    added,
    deleted,
    follow,
    publishing,
    stand,
    talk,
    text,
    updated,
)
from tests.stand_ins import GROUP, NOW, PRIVATE, Conversation

ODD: list[dict[str, Any]] = [
    {"error": "Refused"},
    {"error": "Refused", "code": "ERROR_CORE"},
    {"error": "Refused", "code": "ACCESS_DENIED"},
    {"error": "Broken"},
    {"error": "TokenRefused", "code": "invalid_token"},
    {"error": "MethodBlocked", "code": "OPERATION_TIME_LIMIT"},
]


def timer(chat: Conversation) -> CardToSend:
    """Return the event of the last timer that was set."""
    found = [one for one in chat.state_changes if isinstance(one, TimerSet)]
    assert found, "no timer was set"
    assert isinstance(found[-1].event, CardToSend)
    return found[-1].event


@pytest.mark.parametrize("told", ODD, ids=lambda told: "-".join(told.values()))
async def test_an_odd_refusal_is_not_the_end(told: dict[str, Any]) -> None:
    """A card that one odd refusal kept from a chat is sent again by a timer, as it was."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    assert await chat.failed(card, **told) == []
    (again,) = await chat.hear(timer(chat))
    assert isinstance(again, ShowCard)
    assert replace(again, attempt=0) == card
    assert await chat.done(again, 900) == []
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    assert text(edit).splitlines()[1:] == ["The text changed."]


async def test_a_card_is_tried_three_times_more() -> None:
    """After the last refusal only an edit of the post brings the card."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    for _ in range(3):
        await chat.failed(card)
        (card,) = await chat.hear(timer(chat))
    before = len(chat.state_changes)
    await chat.failed(card)
    assert not any(isinstance(one, TimerSet) for one in chat.state_changes[before:])
    chat.portal.posts[POST] = SECOND
    (shown,) = await chat.hear(updated())
    assert text(shown) == "News Feed: The coffee machine is broken again."


@pytest.mark.parametrize("error", ["Gone", "TooBig"])
async def test_what_would_be_refused_again_is_not_tried(error: str) -> None:
    """A chat that is gone, or a card that is too big, sets no timer."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    await chat.failed(card, error)
    assert not any(isinstance(one, TimerSet) for one in chat.state_changes)


@pytest.mark.parametrize("post", [SECOND, THIRD, replace(FIRST, important=True)], ids=["text", "title", "important"])
async def test_nobody_who_saw_nothing_is_told_of_a_change(post: Any) -> None:
    """The post is edited while its card is refused: the card shows the post, and says nothing of a change."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    await chat.failed(card)
    chat.portal.posts[POST] = post
    (shown,) = await chat.hear(updated())
    assert isinstance(shown, ShowCard)
    assert len(text(shown).splitlines()) == 1
    assert await chat.hear(timer(chat)) == []  # it was sent by then


@pytest.mark.parametrize("how", ["edited", "deleted", "narrowed", "unfollowed"])
async def test_a_card_is_sent_again_as_the_post_is_now(how: str) -> None:
    """The timer reads the post again: an edit is shown, and a post that is gone or not for the chat is not."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    await chat.failed(card)
    if how == "edited":
        chat.portal.posts[POST] = SECOND
        (shown,) = await chat.hear(timer(chat))
        assert text(shown) == "News Feed: The coffee machine is broken again."
        return
    if how == "deleted":
        await chat.hear(deleted())
    elif how == "narrowed":
        chat.portal.posts[POST] = replace(FIRST, for_all=False)
    else:
        chat.memory.following.clear()
    assert await chat.hear(timer(chat)) == []


async def test_a_confirmation_is_sent_again() -> None:
    """The confirmation of a post is a card too: after an odd refusal it comes with its words and buttons."""
    chat = talk()
    effects = await chat.done(publishing(), POST)
    (card,) = [one for one in effects if isinstance(one, ShowCard)]
    await chat.failed(card)
    (again,) = await chat.hear(timer(chat))
    assert isinstance(again, ShowCard)
    assert again.content == card.content


async def test_a_withheld_card_that_is_opened_speaks_of_no_change() -> None:
    """Readers who never saw the first text are not told that it changed when the post becomes theirs."""
    hidden = replace(FIRST, for_all=False)
    chat = talk(follow(PRIVATE), post=hidden)
    await stand(chat)
    chat.portal.not_in_feed.add((POST, 7))
    await chat.hear(updated())
    chat.portal.not_in_feed.clear()
    chat.portal.posts[POST] = replace(SECOND, for_all=False)
    (back,) = await chat.hear(updated())
    assert isinstance(back, EditCard)
    assert len(text(back).splitlines()) == 1


async def test_a_card_that_missed_an_edit_says_only_that_it_changed() -> None:
    """One chat missed the edit of the title: at the edit of the text it is not told that only the text changed."""
    titled = replace(FIRST, title="Coffee")
    chat = talk(follow(GROUP), follow(OTHER))
    await stand(chat)
    chat.portal.posts[POST] = titled
    first, _ = await chat.hear(updated())
    await chat.failed(first, "Refused")
    chat.portal.posts[POST] = replace(titled, text="Tea from now on.")
    here, there = await chat.hear(updated())
    assert text(here).splitlines()[1:] == ["It changed since it was published."]
    assert text(there).splitlines()[1:] == ["The text changed."]


WORLDS = list(product([0.0, 3600.0], [0.0, 3600.0], ["all", "important", "word:broken"], [FIRST, SECOND, THIRD]))


@pytest.mark.parametrize(("mine", "theirs", "topic", "first"), WORLDS)
async def test_what_others_follow_changes_nothing(mine: float, theirs: float, topic: str, first: Any) -> None:
    """A chat gets the same with and without another chat that follows, however old the post and the subscriptions."""
    told = []
    written = NOW - 1800
    for others in (False, True):
        chat = talk(post=replace(first, date="2025-06-15T14:36:40+00:00"))
        early = [replace(follow(GROUP, topic), since=NOW - mine)] if NOW - mine < written else []
        beside = [replace(follow(OTHER), since=NOW - theirs)] if others else []
        chat.memory.following = [*early, *[one for one in beside if one.since < written]]
        heard = [*await stand(chat)]
        chat.memory.following = [replace(follow(GROUP, topic), since=NOW - mine), *beside]
        for text_ in ("The coffee machine is broken again.", "It works.", "It is broken for good."):
            chat.portal.posts[POST] = replace(chat.portal.posts[POST], text=text_)
            for effect in await chat.hear(updated()):
                heard.append(effect)
                if isinstance(effect, ShowCard):
                    await chat.done(effect, 950 + len(heard))
        told.append([text(one) for one in heard if isinstance(one, ShowCard | EditCard) and one.dialog == GROUP])
        assert not any(isinstance(one, DeleteCard) for one in heard)
    assert told[0] == told[1]
