"""How long each kind of data is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.model import state_changes
from bot.model.events import Dialog, EventTokens, MessageId, PostId, UserId
from bot.store import Store, StoredMemory
from tests.storing import PORTAL, installed, known, one_event, opened, said, say

DAY = 86_400.0
NOW = 1_000 * DAY


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


async def column(store: Store, sql: str) -> list[Any]:
    """Return the first column of a query."""
    return [row[0] for row in await store.db.reader.execute_fetchall(sql)]


async def add_dead_letters(store: Store, number: int, *, at: float) -> None:
    """Add an event with a token and an effect, both dead letters."""
    arrived = said(number, event_tokens=EventTokens(access_token="t", user=UserId(2), expires=int(at)))
    await store.receive([arrived], now=at)
    [row] = await store.waiting_events(after=0, many=10)
    await store.park_event(row, [], [say("sorry", dialog=str(number))], error="x", now=at)
    await store.db._writer.execute("UPDATE outbox SET state = 3")


@pytest.mark.parametrize(("age", "left"), [(27.9, 1), (28.1, 0)], ids=["four weeks", "more"])
async def test_dead_letters_stay_for_four_weeks(store: Store, age: float, left: int) -> None:
    """Dead letters, events and effects, are deleted after four weeks."""
    await add_dead_letters(store, 1, at=NOW - age * DAY)
    await store.forget_old(NOW)
    assert await store.dead_letters() == (left, left)


@pytest.mark.parametrize(("age", "left"), [(2.9, [True]), (3.1, [False])], ids=["three days", "more"])
async def test_the_token_of_a_dead_letter_is_deleted_first(store: Store, age: float, left: list[bool]) -> None:
    """A dead letter keeps its token for three days, so that it can be replayed; then the token is deleted."""
    await add_dead_letters(store, 1, at=NOW - age * DAY)
    await store.forget_old(NOW)
    assert await column(store, "SELECT event_tokens IS NOT NULL FROM inbox WHERE state = 3") == left


async def shown(store: Store, post: int, *dialogs: str, seen: float, made: float) -> None:
    """Add a post that was read at a time, and cards that were made at another time."""
    state_change = state_changes.PostSeen(
        post=PostId(post), author=UserId(2), version="v", title="", digest="", important=False, for_all=True
    )
    cards = [
        state_changes.CardMade(post=PostId(post), dialog=Dialog(dialog), version="v", message=MessageId(post))
        for dialog in dialogs
    ]
    await store.commit_event(await one_event(store, said(post)), [state_change], [], now=seen)
    await store.commit_event(await one_event(store, said(1_000 + post)), cards, [], now=made)


async def test_posts_and_their_cards_stay_for_half_a_year(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A post and its cards are deleted half a year after it was last read, unless a card is younger."""
    monkeypatch.setattr("bot.store.store.SLICE", 2)
    old, young = NOW - 183 * DAY, NOW - 181 * DAY
    for post in range(1, 6):
        await shown(store, post, "chat1", "chat2", seen=old, made=old)
    await shown(store, 7, "chat1", seen=young, made=young)
    await shown(store, 8, "chat1", seen=old, made=NOW - DAY)
    await store.forget_old(NOW)
    memory = StoredMemory(store, PORTAL)
    assert await column(store, "SELECT post FROM posts ORDER BY post") == [7, 8]
    assert await column(store, "SELECT post FROM cards ORDER BY post") == [7, 8]
    assert await memory.post(PostId(8))


@pytest.mark.parametrize("how", ["forgotten", "installed again"])
async def test_deleted_tokens_are_stored_again_with_the_next_event(store: Store, how: str) -> None:
    """Equal tokens of a user's events are stored once, and again after they were deleted."""
    tokens = EventTokens(access_token="t", user=UserId(2), expires=5)
    await store.commit_event(await one_event(store, said(1, event_tokens=tokens)), [], [], now=2.0)
    if how == "forgotten":
        await store.forget_old(NOW)
    else:
        await store.commit_event(await one_event(store, said(2)), [state_changes.PortalGone(clean=False)], [], now=3.0)
        await store.commit_event(await one_event(store, said(3)), [known()], [], now=4.0)
    assert await store.token_pair(PORTAL, "user:2") is None
    await store.commit_event(await one_event(store, said(4, event_tokens=tokens)), [], [], now=5.0)
    assert await store.token_pair(PORTAL, "user:2") is not None


async def test_the_same_tokens_are_stored_once(store: Store) -> None:
    """An event with the stored tokens writes none; an event with newer tokens does."""
    written: list[str] = []
    await store.db._writer.set_trace_callback(lambda sql: written.append(sql) if "INTO tokens" in sql else None)
    for number, expires in enumerate((5, 5, 6)):
        tokens = EventTokens(access_token=f"t{expires}", user=UserId(2), expires=expires)
        await store.commit_event(await one_event(store, said(number, event_tokens=tokens)), [], [], now=2.0)
    assert len(written) == 2
    kept = await store.token_pair(PORTAL, "user:2")
    assert kept is not None
    assert kept.access_token == "t6"


async def test_the_newest_tokens_stay_as_spares(store: Store) -> None:
    """Of expired tokens that can be refreshed the newest three stay, for the bot; those of others go."""
    for user in range(2, 8):
        refresh = "" if user == 7 else "r"
        tokens = EventTokens(access_token="t", refresh_token=refresh, user=UserId(user), expires=user)
        await store.commit_event(await one_event(store, said(user, event_tokens=tokens)), [], [], now=2.0)
    await store.forget_old(NOW)
    owners = await column(store, "SELECT token_owner FROM tokens WHERE token_owner LIKE 'user:%' ORDER BY 1")
    assert owners == ["user:4", "user:5", "user:6"]
