"""A portal that is not installed (any more): only installations and removals are stored for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.model import events, state_changes
from bot.model.events import Dialog, EventTokens, PortalId, UserId
from bot.model.ordering import INSTALL
from bot.model.queued import IncomingEvent, WaitingEvent
from bot.model.records import TokenPair
from bot.store import Store
from tests.storing import PORTAL, installed, known, one_event, opened, said, say

TOKEN = EventTokens(access_token="a-token", refresh_token="r", user=UserId(2), expires=9)
TABLES = ("tokens", "chats", "follows", "posts", "cards", "outbox", "portals", "timers", "conversations", "languages")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


async def remove_application(store: Store, *, clean: bool) -> None:
    """Remove the application; earlier events in the inbox are not handled yet."""
    arrived = IncomingEvent(event=events.Uninstalled(portal=PORTAL, clean=clean), key="bye", ordering_key="portal")
    row = await one_event(store, arrived)
    await store.commit_event(row, [state_changes.PortalGone(clean=clean)], [], now=3.0)


async def waiting(store: Store, number: int = 1) -> WaitingEvent:
    """Add an event with a token that will be handled late."""
    return await one_event(store, said(number, event_tokens=TOKEN))


async def everything(store: Store) -> dict[str, int]:
    """Return the number of rows of each kind, without empty kinds."""
    counts: dict[str, int] = {}
    for table in TABLES:
        [row] = await store.db.reader.execute_fetchall(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 - ours
        counts |= {table: row[0]} if row[0] else {}
    return counts


def learnt() -> list[state_changes.StateChange]:
    """Return state changes of all kinds that handlers may store."""
    return [
        state_changes.ChatJoined(dialog=Dialog("chat1"), title="Team"),
        state_changes.Following(dialog=Dialog("chat1"), topic="all", owner=UserId(2), language="en"),
        state_changes.TimerSet(key="later", at=9.0, event=said(1).event, ordering_key="later"),
        state_changes.ConversationState(dialog=Dialog("chat1"), user=UserId(2), state=TOKEN, expires_at=9.0),
        state_changes.LanguageRecognised(user=UserId(2), language="ru"),
        state_changes.LanguageChosen(user=UserId(2), language="de"),
    ]


@pytest.mark.parametrize(("clean", "left"), [(True, {}), (False, {"portals": 1})], ids=["clean", "kept"])
async def test_an_event_behind_a_removal_stores_nothing(store: Store, *, clean: bool, left: dict[str, int]) -> None:
    """Its tokens, its handlers' state changes and effects, and its payload are not stored."""
    late, broken = await waiting(store, 1), await waiting(store, 2)
    await remove_application(store, clean=clean)
    await store.commit_event(late, learnt(), [say("hi")], now=4.0)
    await store.park_event(broken, learnt(), [say("sorry")], error="x", now=4.0)
    assert await everything(store) == left
    assert await store.dead_letters() == (0, 0)
    rows = await store.db.reader.execute_fetchall("SELECT payload, event_tokens, state FROM inbox WHERE kind = 'Said'")
    assert [tuple(row) for row in rows] == [("{}", None, 2)] * 2


@pytest.mark.parametrize("clean", [True, False])
async def test_tokens_of_a_late_refresh_are_not_stored(store: Store, *, clean: bool) -> None:
    """A refresh that ran while the application was removed stores no tokens."""
    await remove_application(store, clean=clean)
    for token_owner in (INSTALL, "user:2"):
        await store.put_token_pair(PORTAL, token_owner, TokenPair(access_token="late", refresh_token="late", expires=9))
        assert await store.token_pair(PORTAL, token_owner) is None
    await store.put_token_pair(PortalId("nobody"), INSTALL, TokenPair(access_token="x", refresh_token="", expires=9))
    assert "tokens" not in await everything(store)


async def test_a_portal_can_be_installed_again(store: Store) -> None:
    """After a removal and a new installation everything is stored as before."""
    await remove_application(store, clean=False)
    row = await waiting(store)
    await store.commit_event(row, [known(), *learnt()], [say("hi")], now=4.0)
    found = await everything(store)
    kept = {"chats": 1, "follows": 1, "timers": 1, "conversations": 1, "languages": 1}
    assert found == {"tokens": 1, "outbox": 1, "portals": 1} | kept


@pytest.mark.parametrize("clean", [True, False], ids=["clean", "kept"])
async def test_data_is_deleted_if_the_user_chose_so(store: Store, *, clean: bool) -> None:
    """Chats, subscriptions, timers, conversations and languages are kept, or deleted with the portal."""
    await store.commit_event(await waiting(store), learnt(), [say("hi")], now=2.0)
    await remove_application(store, clean=clean)
    kept = {"portals": 1, "chats": 1, "follows": 1, "timers": 1, "conversations": 1, "languages": 1}
    assert await everything(store) == ({} if clean else kept)


async def test_an_unconfirmed_installation_keeps_its_row(store: Store) -> None:
    """The installation of an unknown portal can be looked at, done or dead."""
    stranger = PortalId("stranger")
    for number, park in enumerate((False, True)):
        event = events.Installed(portal=stranger, endpoint=f"https://x{number}.example/rest/")
        row = await one_event(store, IncomingEvent(event=event, key=str(number), ordering_key="portal"))
        if park:
            await store.park_event(row, [], [], error="x", now=2.0)
        else:
            await store.commit_event(row, [], [], now=2.0)
    rows: list[Any] = list(
        await store.db.reader.execute_fetchall("SELECT state, payload FROM inbox WHERE portal = 'stranger'")
    )
    assert [(row[0], "example" in row[1]) for row in rows] == [(2, True), (3, True)]
