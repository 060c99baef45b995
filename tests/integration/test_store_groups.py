"""Group commits: many transactions share one commit, and each fails by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from bot.errors import Overtaken, StoreError
from bot.model import state_changes
from bot.model.events import Dialog, PostId, UserId
from bot.model.queued import Outcome, WaitingEffect, WaitingEvent
from bot.store import Store
from bot.store.sqlite import database, group_commit
from bot.store.statements import Statement
from tests.rounds import rounds
from tests.storing import PORTAL, installed, one_event, opened, said, say

WORKS, FAILS = ("answer", "follow", "receive", "mark", "mark twice"), ("broken", "too big", "overtaken")
"""Kinds of transactions; those that fail have other statements too."""
FOLLOW = state_changes.Following(dialog=Dialog("chat1"), topic="all", owner=UserId(2), language="en")
BROKEN = state_changes.Following(dialog=None, topic="all", owner=UserId(2), language="en")  # type: ignore[arg-type]

TOO_BIG = state_changes.PostMarkedDeleted(post=PostId(10**30))
CARD = state_changes.CardMade(post=PostId(217), dialog=Dialog("chat1"), version="a")
OVERTAKEN = replace(CARD, version="c", over="b")


async def attempt(store: Store, kind: str, row: WaitingEvent, effect: WaitingEffect) -> None:
    """Ask for one transaction, about an event and an effect of its own."""
    number = row.id
    if kind == "receive":
        await store.receive([said(1000 * number + place) for place in range(2)], now=3.0)
    elif kind.startswith("mark"):
        await store.mark_sending([effect] * (2 if kind == "mark twice" else 1))  # only one row waits
    else:
        kinds: dict[str, list[state_changes.StateChange]] = {
            "follow": [FOLLOW],
            "broken": [FOLLOW, BROKEN],
            "too big": [FOLLOW, TOO_BIG],
            "overtaken": [FOLLOW, OVERTAKEN],
        }
        await store.commit_event(row, kinds.get(kind, []), [say(f"{number} a"), say(f"{number} b")], now=3.0)


async def column(store: Store, sql: str) -> list[Any]:
    """Return the only column of some rows."""
    return [row[0] for row in await store.db.reader.execute_fetchall(sql)]


async def check(kinds: Sequence[str], path: Path) -> None:
    """Commit a group, and compare what is there with what each of its transactions would have left by itself."""
    async with opened(path) as store:
        await installed(store)
        cause = await one_event(store, said(0))
        await store.commit_event(
            cause, [CARD], [say("wait", dialog=str(place)) for place in range(len(kinds))], now=2.0
        )
        await store.receive([said(place + 1) for place in range(len(kinds))], now=2.0)
        rows = await store.waiting_events(after=0, many=100)
        effects = await store.ready_effects(PORTAL, now=2.0, many=100)
        group = list(zip(kinds, rows, effects, strict=True))
        results = await asyncio.gather(*(attempt(store, *one) for one in group), return_exceptions=True)
        assert [isinstance(result, StoreError) for result in results] == [kind in FAILS for kind in kinds]
        overtaken = [kind for kind, result in zip(kinds, results, strict=True) if isinstance(result, Overtaken)]
        assert overtaken == [kind for kind in kinds if kind == "overtaken"]
        commits = [row.id for kind, row, _ in group if kind in ("answer", "follow")]
        texts = "SELECT json_extract(payload, '$.content.text') FROM outbox WHERE id > {} ORDER BY id"
        assert await column(store, texts.format(len(kinds))) == [f"{id_} {place}" for id_ in commits for place in "ab"]
        waits = [row.id for kind, row, _ in group if kind not in ("answer", "follow")]
        new = [1000 * row.id + place for kind, row, _ in group if kind == "receive" for place in range(2)]
        messages = "SELECT json_extract(payload, '$.message') FROM inbox WHERE id > {} ORDER BY id"
        assert await column(store, messages.format(rows[-1].id)) == new
        assert (await column(store, "SELECT id FROM inbox WHERE state = 0 ORDER BY id"))[: len(waits)] == waits
        marked = [effect.id for kind, _, effect in group if kind.startswith("mark")]
        assert await column(store, "SELECT id FROM outbox WHERE state = 1 ORDER BY id") == marked
        assert await column(store, "SELECT version FROM cards") == ["a"]
        assert await column(store, "SELECT COUNT(*) FROM follows") == [int("follow" in kinds)]


@hypothesis.settings(max_examples=rounds(20), deadline=None)
@hypothesis.given(st.lists(st.sampled_from(WORKS + FAILS), min_size=1, max_size=12))
def test_each_transaction_of_a_group_ends_as_if_alone(kinds: list[str]) -> None:
    """Valid transactions of a group are committed in their order, and only faulty ones fail."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check(kinds, Path(folder) / "feedbridge.db"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count the calls to a thread of the database from now on."""
    calls: list[object] = []
    in_thread = database.in_thread

    async def count(*args: Any) -> Any:
        calls.append(args)
        return await in_thread(*args)

    monkeypatch.setattr(database, "in_thread", count)
    return calls


async def test_a_group_is_one_call_of_the_writer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred waiting transactions of all kinds are one call of the writer's thread."""
    await store.receive([said(number) for number in range(50)], now=1.0)
    rows = await store.waiting_events(after=0, many=50)
    await store.commit_event(rows[0], [], [say("hi", dialog=str(number)) for number in range(20)], now=2.0)
    effects = await store.ready_effects(PORTAL, now=2.0, many=20)
    await store.mark_sending(effects)
    calls = counted(monkeypatch)
    await asyncio.gather(
        *(store.commit_event(row, [FOLLOW], [say("hello")], now=3.0) for row in rows[1:]),
        *(store.receive([said(1000 + number)], now=3.0) for number in range(30)),
        *(store.settle([Outcome(row=effect, state="done", result=1)], now=3.0) for effect in effects),
    )
    assert len(calls) == 1


async def test_a_failing_member_costs_no_second_call(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision to run a group one by one is made in the writer's thread too."""
    await store.receive([said(number) for number in range(20)], now=1.0)
    rows = await store.waiting_events(after=0, many=20)
    calls = counted(monkeypatch)
    commits = (store.commit_event(row, [BROKEN] if row is rows[3] else [], [say("hi")], now=2.0) for row in rows)
    results = await asyncio.gather(*commits, return_exceptions=True)
    assert [place for place, result in enumerate(results) if result] == [3]
    assert len(calls) == 1


async def test_events_that_come_together_are_one_statement(store: Store) -> None:
    """Forty received and forty handled events are three statements, not 120."""
    await store.receive([said(number) for number in range(40)], now=1.0)
    rows = await store.waiting_events(after=0, many=40)
    statements: list[str] = []
    await store.db._writer.set_trace_callback(statements.append)
    await asyncio.gather(
        *(store.receive([said(1000 + number)], now=3.0) for number in range(40)),
        *(store.commit_event(row, [], [say("hello")], now=3.0) for row in rows),
    )
    assert [sql.split()[0] for sql in statements] == ["BEGIN", "INSERT", "INSERT", "UPDATE", "COMMIT"]


async def test_reads_that_wait_together_are_one_call_of_the_reader(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queries that wait at the same time are one call of the reader's thread, each with its own rows."""
    calls = counted(monkeypatch)
    found = await asyncio.gather(*(store.portal(PORTAL) for _ in range(20)), store.oldest_event(), store.dead_letters())
    assert [one.domain for one in found[:20]] == ["one.example"] * 20  # type: ignore[union-attr]
    assert len(calls) == 2  # the dead letters of the outbox are asked for after those of the inbox


def test_a_rollback_by_sqlite_fails_the_whole_group() -> None:
    """If SQLite itself rolls back, every transaction of the group fails, and nothing is stored."""
    queries = {
        "put": group_commit.Query(sql="INSERT INTO t VALUES (?)"),
        "fail": group_commit.Query(sql="INSERT OR ROLLBACK INTO t VALUES (:value)"),
    }
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.execute("CREATE TABLE t (value INTEGER PRIMARY KEY)")
    conn.execute("INSERT INTO t VALUES (1)")
    group = [[Statement(name="put", values=(2,))], [Statement(name="fail", values={"value": 1})]]
    results = group_commit.commit(conn, queries, group)
    assert [type(result) for result in results] == [StoreError, StoreError]
    assert conn.execute("SELECT value FROM t").fetchall() == [(1,)]
    conn.close()
