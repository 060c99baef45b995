"""Rows that cannot be decoded, for example of another version: each is parked and stops no other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.store import Store
from tests.storing import PORTAL, installed, one_event, opened, said, say

STRANGE = {
    "a kind of a newer version": ("Sing", "{}"),
    "a field is missing": (None, "{}"),
    "a field is of another type": (None, '{"portal": 5, "dialog": 7, "content": []}'),
    "no JSON": (None, "what is this"),
    "no text": (None, b"\xff\xfe"),
}


EVENT = "INSERT INTO inbox (portal, kind, key, ordering_key, payload, received_at) VALUES (?, ?, ?, ?, ?, 1.0)"
EFFECT = (
    "INSERT INTO outbox (portal, ordering_key, kind, key, payload, token_owner, priority, created_at)"
    " VALUES (?, ?, ?, ?, ?, 'install', 0, 1.0)"
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


async def put(store: Store, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Put rows into the database as they are."""
    await store.db._writer.executemany(sql, rows)


async def parked(store: Store, table: str) -> list[tuple[str, str]]:
    """Return kind and error of the dead letters of a table."""
    sql = f"SELECT kind, error FROM {table} WHERE state = 3 ORDER BY id"  # noqa: S608 - ours
    return [(row[0], row[1]) for row in await store.db.reader.execute_fetchall(sql)]


@pytest.mark.parametrize(("kind", "payload"), STRANGE.values(), ids=STRANGE)
async def test_an_event_that_cannot_be_read_is_parked(store: Store, kind: str | None, payload: str | bytes) -> None:
    """It becomes a dead letter with a reason and a log line; events before and after it are returned."""
    await store.receive([said(1)], now=1.0)
    await put(store, EVENT, [(PORTAL, kind or "Said", "k", "l", payload)])
    await store.receive([said(2)], now=1.0)
    with capture_logs() as lines:
        for _ in range(2):
            assert [row.event for row in await store.waiting_events(after=0, many=10)] == [said(1).event, said(2).event]
    assert [line["log_level"] for line in lines] == ["error"]
    [(found, error)] = await parked(store, "inbox")
    assert (found, error.startswith("it cannot be read: ")) == (kind or "Said", True)


@pytest.mark.parametrize(("kind", "payload"), STRANGE.values(), ids=STRANGE)
async def test_an_effect_that_cannot_be_read_is_parked(store: Store, kind: str | None, payload: str | bytes) -> None:
    """The same for effects; later ones with its ordering key are sent."""
    message = (PORTAL, "dialog:chat1", kind or "Say", "message", payload)
    action = (PORTAL, "action:2:chat1", kind or "Share", "action", payload)
    await put(store, EFFECT, [message, action])
    await store.commit_event(await one_event(store, said(1)), [], [say("hi")], now=2.0)
    with capture_logs() as lines:
        for _ in range(2):
            assert [row.effect for row in await store.ready_effects(PORTAL, now=3.0, many=10)] == [say("hi")]
    assert [line["log_level"] for line in lines] == ["error"] * 2
    assert len(await parked(store, "outbox")) == 2


async def test_readable_rows_are_found_behind_unreadable_ones(store: Store) -> None:
    """However small the limit, readable rows behind unreadable ones are returned."""
    await put(store, EVENT, [(PORTAL, "Sing", str(number), "l", "{}") for number in range(9)])
    await put(store, EFFECT, [(PORTAL, "l", "Sing", str(number), "{}") for number in range(9)])
    await store.receive([said(1)], now=1.0)
    [row] = await store.waiting_events(after=0, many=2)
    await store.commit_event(row, [], [say("hi")], now=2.0)
    assert [row.effect for row in await store.ready_effects(PORTAL, now=3.0, many=2)] == [say("hi")]
    assert await store.dead_letters() == (9, 9)


async def test_an_unreadable_row_that_cannot_be_parked_is_skipped(store: Store) -> None:
    """While the database refuses writes, an unreadable row is skipped, and parked later."""
    await put(store, EFFECT, [(PORTAL, "l", "Sing", "k", "{}")])
    await store.db._writer.execute("PRAGMA query_only = ON")
    assert await store.ready_effects(PORTAL, now=3.0, many=10) == []
    await store.db._writer.execute("PRAGMA query_only = OFF")
    assert await store.ready_effects(PORTAL, now=3.0, many=10) == []
    assert await store.dead_letters() == (0, 1)
