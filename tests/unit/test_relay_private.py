"""A private chat is not told of posts that its person may not read, on any path."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bot.model.effects import Effect, Share, ShowCard
from bot.model.events import Dialog, Event, PostDeleted, PostToCheck, QuietToSay, UserId
from bot.model.state_changes import QuietPost, TimerSet
from tests.feeding import FIRST, OTHER, POST, SECOND, added, deleted, follow, talk, text, updated
from tests.stand_ins import PORTAL, PRIVATE, Conversation

TOPICS = ["all", "important", "from:7", "word:coffee"]
HIDDEN = replace(FIRST, for_all=False, important=True)
EVENTS: list[Event] = [
    updated(),
    PostToCheck(portal=PORTAL, post=POST),
    QuietToSay(portal=PORTAL, dialog=PRIVATE, day=20250615),
    deleted(),
    PostDeleted(portal=PORTAL, post=POST),
]


def hidden(topic: str, *others: Dialog) -> Conversation:
    """Make a private dialog that follows, and a post that its person may not read; others follow everything."""
    chat = talk(follow(PRIVATE, topic), *map(follow, others), post=HIDDEN)
    chat.portal.not_in_feed.add((POST, 7))
    chat.portal.grouped.add(POST)
    return chat


def told(effects: list[Effect], dialog: Dialog) -> list[Effect]:
    """Return the effects in one dialog."""
    return [one for one in effects if getattr(one, "dialog", None) == dialog]


@pytest.mark.parametrize(("topic", "others"), list(product(TOPICS, [(), (OTHER,)])))
async def test_nothing_comes_of_any_event(topic: str, others: tuple[Dialog, ...]) -> None:
    """New, edited, checked, counted, deleted: the dialog gets no card, line or timer, also if others follow."""
    chat = hidden(topic, *others)
    heard = await chat.hear(added())
    for number, card in enumerate(one for one in heard if isinstance(one, ShowCard)):
        heard += await chat.done(card, 900 + number)
    for text_, event in product(["The coffee is cold.", "Coffee again."], EVENTS[:3]):
        chat.portal.posts[POST] = replace(HIDDEN, text=text_)
        heard += await chat.hear(event)
    for event in EVENTS[3:]:
        heard += await chat.hear(event)
    assert told(heard, PRIVATE) == []
    noted = [one for one in chat.state_changes if isinstance(one, QuietPost) and one.dialog == PRIVATE]
    timers = [one for one in chat.state_changes if isinstance(one, TimerSet) and PRIVATE in one.key.split(":")]
    assert (noted, timers) == ([], [])


async def test_a_share_with_others_tells_it_nothing() -> None:
    """When the post gets more recipients who are not this person, their dialog hears nothing."""
    chat = hidden("all")
    await chat.hear(added())
    share = Share(dialog=OTHER, user=UserId(9), post=POST, dest=["U9"], report=True)
    assert told(await chat.done(share), PRIVATE) == []


async def test_a_post_that_becomes_readable_comes_as_new() -> None:
    """When the person becomes a reader, the first card shows the post and speaks of no change."""
    chat = hidden("all")
    await chat.hear(added())
    chat.portal.not_in_feed.clear()
    chat.portal.posts[POST] = replace(SECOND, for_all=False)
    (card,) = told(await chat.hear(updated()), PRIVATE)
    assert text(card) == "News Feed: The coffee machine is broken again."


async def test_a_refused_card_is_not_sent_to_a_person_who_lost_the_right() -> None:
    """Between a refusal and the next attempt the person is taken off the recipients: nothing is sent."""
    chat = talk(follow(PRIVATE), post=HIDDEN)
    (card,) = await chat.hear(added())
    await chat.failed(card)
    [timer] = [one for one in chat.state_changes if isinstance(one, TimerSet)]
    chat.portal.not_in_feed.add((POST, 7))
    assert await chat.hear(timer.event) == []


async def test_a_question_without_an_answer_is_a_no() -> None:
    """Where the portal does not say whether the person may read a post, the dialog is not told of it."""
    chat = talk(follow(PRIVATE), post=HIDDEN)
    chat.portal.posts[POST] = HIDDEN
    chat.portal.hidden_from.add((POST, 7))
    assert told(await chat.hear(added()), PRIVATE) == []
