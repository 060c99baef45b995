"""Requests for an approval in the store: each is decided once, numbers are not used twice, and tokens stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import Overtaken
from bot.model.approvals import ApprovalState
from bot.model.events import PortalId, UserId
from bot.model.records import TokenPair
from bot.model.state_changes import ApprovalKept, PortalGone, StateChange
from bot.store import Store, StoredMemory
from bot.store.store import KEEP_DEAD
from tests.storing import PORTAL, approval, installed, known, one_event, opened, said
from tests.timing import Stage

ANNA, BORIS = UserId(2), UserId(3)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


async def handle(store: Store, number: int, *wanted: StateChange) -> None:
    """Commit what a handler stored, together with its event."""
    await store.commit_event(await one_event(store, said(number)), wanted, [], now=2.0)


async def test_a_request_is_read_back_as_it_was_stored(store: Store) -> None:
    """Those that wait are listed, the oldest first; decided and expired ones are only found by their number."""
    memory = StoredMemory(store, PORTAL)
    assert (await memory.last_approval(), await memory.approval(1)) == (0, None)
    first, second = approval(user=ANNA), approval(user=BORIS, number=2, expires_at=50.0)
    await handle(store, 1, ApprovalKept(approval=second), ApprovalKept(approval=first))
    assert await memory.approvals(now=10.0) == [first, second]
    assert await memory.approvals(now=60.0) == [first]
    done = replace(first, state=ApprovalState.APPROVED, revision=2)
    await handle(store, 2, ApprovalKept(approval=done, over=1))
    assert await memory.approvals(now=10.0) == [second]
    assert await memory.approval(1) == done
    assert done.action.user == done.author == ANNA
    assert await memory.last_approval() == 2


async def test_two_presses_do_not_both_decide(store: Store) -> None:
    """A press that read the request before another one decided it is refused as a whole, so it publishes nothing."""
    first = approval(user=ANNA)
    await handle(store, 1, ApprovalKept(approval=first))
    for number, state in ((2, ApprovalState.APPROVED), (3, ApprovalState.REFUSED)):
        change = ApprovalKept(approval=replace(first, state=state, revision=2), over=1)
        other = ApprovalKept(approval=approval(user=BORIS, number=number))
        if number == 2:
            await handle(store, number, change)
            continue
        with pytest.raises(Overtaken):
            await handle(store, number, other, change)
    found = await StoredMemory(store, PORTAL).approval(1)
    assert found is not None
    assert found.state is ApprovalState.APPROVED
    assert await StoredMemory(store, PORTAL).last_approval() == 1


async def test_two_people_do_not_get_one_number(store: Store) -> None:
    """Two requests of one moment take the same number: the later one is refused, and its handler runs again."""
    await handle(store, 1, ApprovalKept(approval=approval(user=ANNA)))
    with pytest.raises(Overtaken):
        await handle(store, 2, ApprovalKept(approval=approval(user=BORIS)))


async def test_the_token_of_an_author_stays_while_a_request_waits(store: Store) -> None:
    """An expired token, which can be refreshed, is needed when the request is approved days later."""
    await handle(store, 1, ApprovalKept(approval=approval(user=ANNA, expires_at=1e6)))
    for user in (ANNA, *range(20, 26)):
        pair = TokenPair(access_token="t", refresh_token="r", expires=5 if user == ANNA else 900)
        await store.put_token_pair(PORTAL, f"user:{user}", pair)
    await store.forget_old(now=1e3)
    assert await store.token_pair(PORTAL, "user:2") is not None
    done = replace(approval(user=ANNA, expires_at=1e6), state=ApprovalState.REFUSED, revision=2)
    await handle(store, 2, ApprovalKept(approval=done, over=1))
    await store.forget_old(now=1e3)
    assert await store.token_pair(PORTAL, "user:2") is None


async def test_old_requests_are_forgotten(store: Store) -> None:
    """A request is kept for some weeks after its end, so that its buttons say how it ended."""
    await handle(store, 1, ApprovalKept(approval=approval(user=ANNA, expires_at=100.0)))
    await store.forget_old(now=100.0 + KEEP_DEAD - 1)
    assert await StoredMemory(store, PORTAL).approval(1) is not None
    await store.forget_old(now=101.0 + KEEP_DEAD)
    assert await StoredMemory(store, PORTAL).approval(1) is None


@pytest.mark.parametrize("clean", [True, False])
async def test_requests_end_with_their_portal(store: Store, *, clean: bool) -> None:
    """When the application is removed its tokens end, so its requests do; those of another portal stay."""
    stage, other = Stage(store=store), PortalId("m-two")
    await stage.handle(known(), ApprovalKept(approval=approval(user=ANNA)), portal=other)
    await handle(store, 100, ApprovalKept(approval=approval(user=ANNA)))
    await stage.handle(PortalGone(clean=clean), portal=other)
    assert await StoredMemory(store, other).approval(1) is None
    assert await StoredMemory(store, PORTAL).approval(1) is not None
