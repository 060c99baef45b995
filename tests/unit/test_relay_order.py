"""The relay: one card per post and dialog, in any order of events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import PortalDown
from bot.feed.relay import cards, changes, readers
from bot.model.effects import Answers, EditCard, Effect, Publish, ShowCard
from bot.model.events import CommandId, Dialog, Event, MessageId, PostAdded, PostId, PostToCheck, UserId
from bot.model.records import Post
from tests.feeding import (
    AUTHOR,
    FIRST,
    OTHER,
    POST,
    SECOND,
    THIRD,
    added,
    deleted,
    follow,
    publishing,
    talk,
    updated,
)
from tests.rounds import rounds
from tests.stand_ins import GROUP, NOW, PORTAL, PRIVATE, Conversation

# --- Published from this very dialog -------------------------------------------------------------------


async def test_added_before_published() -> None:
    """Added, then Done(Publish): others get their card at once, the dialog gets its own from the command."""
    chat = talk(follow(GROUP), follow(OTHER))
    chat.memory.leaving = [publishing()]
    (card,) = await chat.hear(added())
    assert isinstance(card, ShowCard)
    assert card.dialog == OTHER
    (own,) = await chat.done(publishing(), POST)
    assert isinstance(own, ShowCard)
    assert own.dialog == GROUP


async def test_published_before_added() -> None:
    """Done(Publish), then Added: the dialog's own card is known, only others get one."""
    chat = talk(follow(GROUP), follow(OTHER))
    chat.memory.leaving = [publishing()]
    (own,) = await chat.done(publishing(), POST)
    assert isinstance(own, ShowCard)
    shown = await chat.hear(added())
    assert [card.dialog for card in shown if isinstance(card, ShowCard)] == [OTHER]
    assert await chat.hear(updated()) == []


async def test_edited_between_added_and_published() -> None:
    """Added, Updated, Done(Publish): the post is recognised by its first version, and shown once, as it is now."""
    chat = talk(follow(GROUP))
    chat.memory.leaving = [publishing()]
    assert await chat.hear(added()) == []
    chat.portal.posts[POST] = SECOND
    assert await chat.hear(updated()) == []
    (own,) = await chat.done(publishing(), POST)
    assert isinstance(own, ShowCard)
    assert cards.base(own.version) == changes.version(SECOND)


async def test_edited_beyond_recognition_before_published() -> None:
    """A post edited before we saw it gets its card from the relay; the command makes no second one."""
    chat = talk(follow(GROUP))
    chat.memory.leaving = [publishing()]
    chat.portal.posts[POST] = THIRD
    (card,) = await chat.hear(updated())
    assert isinstance(card, ShowCard)
    assert not any(isinstance(effect, ShowCard) for effect in await chat.done(publishing(), POST))


@pytest.mark.parametrize("dialog", [GROUP, PRIVATE], ids=["group", "private"])
async def test_our_own_post_is_not_read_again(dialog: Dialog) -> None:
    """Done(Publish), then Added, and no other followers: a post that was just shown is not read."""
    chat = talk(follow(dialog))
    chat.memory.leaving, chat.memory.published = [publishing(dialog)], {POST}
    await chat.done(publishing(dialog), POST)
    chat.portal.error = PortalDown("nothing is to be asked", outcome_unknown=False)
    assert await chat.hear(added()) == []


@pytest.mark.parametrize(
    "change",
    ["somebody else follows", "half a minute passed", "published by others", "it was edited"],
)
async def test_our_own_post_is_read_if_its_card_may_be_outdated(change: str) -> None:
    """If the shown text may be incomplete or outdated, the event of our own post is handled like any other."""
    chat = talk(follow(GROUP), *([follow(OTHER)] if change == "somebody else follows" else []))
    chat.memory.leaving, chat.memory.published = [publishing()], {POST}
    await chat.done(publishing(), POST)
    chat.now += readers.CHECK_OTHERS_AFTER if change == "half a minute passed" else 0
    chat.memory.published = set() if change == "published by others" else {POST}
    chat.portal.error = PortalDown("it is asked", outcome_unknown=False)
    with pytest.raises(PortalDown):
        await chat.hear(updated() if change == "it was edited" else added())


@pytest.mark.parametrize(
    ("event", "said"), [(updated(), ["The text changed."]), (PostToCheck(portal=PORTAL, post=POST), [])]
)
async def test_a_text_that_the_portal_changed_is_no_edit(event: Event, said: list[str]) -> None:
    """A difference between a post and the sent text is corrected without a notice, unless somebody edited it."""
    chat = talk(follow(PRIVATE))
    chat.memory.leaving, chat.memory.published = [publishing(PRIVATE)], {POST}
    (card,) = await chat.done(publishing(PRIVATE), POST)
    await chat.done(card, 900)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(event)
    assert isinstance(edit, EditCard)
    assert cards.base(edit.version) == changes.version(SECOND)
    assert edit.content.text.splitlines()[1:] == said


@pytest.mark.parametrize(
    "other",
    [
        publishing(post=SECOND),
        publishing(post=replace(FIRST, title="Tea")),
        replace(publishing(), user=UserId(8)),
        replace(publishing(), since=int(NOW) - 7200),
        replace(publishing(), answers=Answers(command=CommandId(3), message=MessageId(500), asker=AUTHOR)),
    ],
    ids=["another text", "another title", "another author", "long ago", "typed where the bot is no member"],
)
async def test_only_our_own_new_post_is_left_to_its_command(other: Publish) -> None:
    """Only this very post, just published by the same user, is left to its command."""
    chat = talk(follow(GROUP))
    chat.memory.leaving = [other]
    assert [type(effect) for effect in await chat.hear(added())] == [ShowCard]


async def test_the_same_words_published_again_are_another_post() -> None:
    """A post with the same words as one that was published from a dialog gets its own card there."""
    chat, again = talk(follow(GROUP)), PostId(POST + 1)
    chat.memory.leaving, chat.memory.published = [publishing()], {POST}
    await chat.done(publishing(), POST)
    chat.portal.posts[again] = replace(FIRST, id=again)
    (card,) = await chat.hear(PostAdded(portal=PORTAL, post=again))
    assert isinstance(card, ShowCard)
    assert (card.dialog, card.post) == (GROUP, again)


# --- Every order ---------------------------------------------------------------------------------------


class Move:
    """Change or delete the post in the feed."""


@dataclass(slots=True)
class World:
    """A portal where a user published a post from GROUP; messages and events may be delayed.

    `feed` are the future versions of the post, in order; `todo` is what waits to happen, each with its number.
    """

    chat: Conversation
    feed: list[Post | None]
    todo: list[tuple[int, Event | Effect | Move]] = field(default_factory=list)
    messages: dict[tuple[Dialog, int], str] = field(default_factory=dict)
    made: list[Dialog] = field(default_factory=list)
    placed: int = 0

    def wait_for(self, *things: Event | Effect | Move) -> None:
        """Add things to what waits."""
        for thing in things:
            self.todo.append((self.placed, thing))
            self.placed += 1

    async def take(self, at: int) -> None:
        """Let one of the waiting things happen."""
        _, thing = self.todo.pop(at)
        if isinstance(thing, Move):
            self.move()
        elif isinstance(thing, Event):
            self.send(await self.chat.hear(thing))
        elif isinstance(thing, ShowCard):
            self.made.append(thing.dialog)
            self.messages[thing.dialog, 900 + len(self.made)] = thing.version
            self.send(await self.chat.done(thing, 900 + len(self.made)))
        else:
            self.send(await self.chat.done(thing, POST))

    def move(self) -> None:
        """Change the feed before its event is sent."""
        post = self.feed.pop(0)
        self.chat.portal.posts = {POST: post} if post else {}
        self.wait_for(updated() if post else deleted())

    def send(self, out: list[Effect]) -> None:
        """Send effects: edits work at once without a result; a card may take time."""
        for effect in out:
            if isinstance(effect, EditCard):
                assert (effect.dialog, effect.message) in self.messages, "an edit of a message that is not there"
                self.messages[effect.dialog, effect.message] = effect.version
            elif isinstance(effect, ShowCard):
                self.wait_for(effect)


@settings(max_examples=rounds(150))
@given(
    places=st.permutations(range(16)),
    delete=st.booleans(),
    repeat=st.booleans(),
    where=st.sampled_from([GROUP, PRIVATE]),
)
async def test_every_order_of_events(*, places: list[int], delete: bool, repeat: bool, where: Dialog) -> None:
    """Added, Updated, Deleted, Done(Publish), Done(ShowCard) in any order give one card per dialog, the last version.

    The feed changes before its events, as on a portal: at three moments the post is edited, edited again and deleted.
    """
    chat = talk(follow(GROUP), follow(OTHER), follow(PRIVATE))
    chat.memory.leaving, chat.memory.published = [publishing(where)], {POST}
    world = World(chat=chat, feed=[SECOND, THIRD, *([None] if delete else [])])
    world.wait_for(added(), updated(), publishing(where), *([added()] if repeat else []), *(Move() for _ in world.feed))
    for _ in range(len(places)):
        if world.todo:
            await world.take(min(range(len(world.todo)), key=lambda at: places[world.todo[at][0]]))
    assert world.todo == []
    assert len(world.made) == len(set(world.made)), "two cards in one dialog"
    assert delete or set(world.made) == {GROUP, OTHER, PRIVATE}
    expected = cards.GONE if delete else changes.version(THIRD)
    assert {cards.base(version) for version in world.messages.values()} <= {expected}
    remembered = {card.dialog: card.version for card in chat.memory.shown}
    assert remembered == {dialog: version for (dialog, _), version in world.messages.items()}
