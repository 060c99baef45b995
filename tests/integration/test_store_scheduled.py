"""Scheduled posts in the store: each step of one happens once, and they end with their user, chat and portal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import Overtaken
from bot.model.events import Dialog, PortalId, UserId
from bot.model.records import Template, TokenPair
from bot.model.state_changes import ChatLeft, PortalGone, PostScheduled, PostUnscheduled, StateChange, TemplateSaved
from bot.store import Store, StoredMemory
from tests.storing import PORTAL, installed, known, one_event, opened, said, scheduled
from tests.timing import Stage

ANNA, BORIS = UserId(2), UserId(3)
GROUP = Dialog("chat1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


async def handle(store: Store, number: int, *wanted: StateChange) -> None:
    """Commit what a handler stored, together with its event."""
    await store.commit_event(await one_event(store, said(number)), wanted, [], now=2.0)


async def test_a_post_is_read_back_as_it_was_stored(store: Store) -> None:
    """The posts of a user are listed, the next one first, and those of other users are not."""
    memory, late = StoredMemory(store, PORTAL), scheduled(user=ANNA, at=500.0, weekday=0, minute=540)
    soon = scheduled(user=ANNA, number=2, at=200.0)
    await handle(store, 1, PostScheduled(post=late), PostScheduled(post=soon))
    await handle(store, 2, PostScheduled(post=scheduled(user=BORIS)))
    assert await memory.scheduled(ANNA) == [soon, late]
    assert await memory.scheduled_post(ANNA, 1) == late
    assert await memory.scheduled_post(ANNA, 3) is None


@pytest.mark.parametrize("first", ["moved", "ended"])
async def test_two_events_do_not_both_take_one_post(store: Store, first: str) -> None:
    """A timer and a press that read the same post: the later one is refused as a whole, so it publishes nothing."""
    post = scheduled(user=ANNA)
    await handle(store, 1, PostScheduled(post=post))
    moved = PostScheduled(post=replace(post, revision=2), over=1)
    ended = PostUnscheduled(user=ANNA, number=1, over=1)
    await handle(store, 2, moved if first == "moved" else ended)
    for number, second in ((3, ended), (4, moved)):
        with pytest.raises(Overtaken):
            await handle(store, number, second, PostScheduled(post=scheduled(user=BORIS)))
    assert await StoredMemory(store, PORTAL).scheduled(BORIS) == []


async def test_two_posts_do_not_get_the_same_number(store: Store) -> None:
    """A number that another event took meanwhile is refused, so that no post replaces another."""
    await handle(store, 1, PostScheduled(post=scheduled(user=ANNA)))
    with pytest.raises(Overtaken):
        await handle(store, 2, PostScheduled(post=scheduled(user=ANNA, at=300.0)))
    (left,) = await StoredMemory(store, PORTAL).scheduled(ANNA)
    assert left.at == 100.0


async def test_the_token_of_the_author_is_kept_while_a_post_waits(store: Store) -> None:
    """An expired token stays as long as it is needed to publish; without a post it is deleted."""
    pair = TokenPair(access_token="t", refresh_token="", expires=5)
    for user in (ANNA, BORIS):
        await store.put_token_pair(PORTAL, f"user:{user}", pair)
    await handle(store, 1, PostScheduled(post=scheduled(user=ANNA, at=2e9)))
    await store.forget_old(now=1e9)
    assert await store.token_pair(PORTAL, f"user:{ANNA}") == pair
    assert await store.token_pair(PORTAL, f"user:{BORIS}") is None
    await handle(store, 2, PostUnscheduled(user=ANNA, number=1, over=1))
    await store.forget_old(now=1e9)
    assert await store.token_pair(PORTAL, f"user:{ANNA}") is None


@pytest.mark.parametrize("clean", [True, False])
async def test_a_removal_ends_what_waits(store: Store, *, clean: bool) -> None:
    """Without tokens nothing can be published, so every removal deletes scheduled posts; other portals keep theirs."""
    stage, other = Stage(store=store), PortalId("m-two")
    saved = TemplateSaved(user=ANNA, key="weekly", name="Weekly", text="Report")
    await stage.handle(known(), PostScheduled(post=scheduled(user=ANNA)), saved, portal=other)
    await handle(store, 100, PostScheduled(post=scheduled(user=ANNA)))
    await stage.handle(PortalGone(clean=clean), portal=other)
    gone = StoredMemory(store, other)
    assert await gone.scheduled(ANNA) == []
    assert len(await gone.templates(user=ANNA, dialog=GROUP)) == (0 if clean else 1)
    assert len(await StoredMemory(store, PORTAL).scheduled(ANNA)) == 1


async def test_the_templates_of_a_chat_end_with_it(store: Store) -> None:
    """When the bot leaves a chat, the templates of the chat are deleted, and those of people stay."""
    memory = StoredMemory(store, PORTAL)
    of_chat = TemplateSaved(dialog=GROUP, key="weekly", name="Weekly", text="Ours")
    await handle(store, 1, of_chat, TemplateSaved(user=ANNA, key="weekly", name="Weekly", text="Mine"))
    mine, ours = Template(name="Weekly", text="Mine"), Template(name="Weekly", text="Ours", chat=True)
    assert await memory.templates(user=ANNA, dialog=GROUP) == [mine, ours]
    await handle(store, 2, ChatLeft(dialog=GROUP))
    assert await memory.templates(user=ANNA, dialog=GROUP) == [mine]
