"""The query plans of SQLite: no statement scans a table that grows; and some results."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import strategies as st

from bot.store.sqlite import load_queries, migrations

QUERIES = load_queries()
NAMES = sorted(QUERIES)
MAY_LOOK_AT_ALL = {
    "inbox_dead_count": "an index that holds nothing else",
    "outbox_dead_count": "an index that holds nothing else",
    "inbox_oldest": "an index of what waits, and it stops at the first row",
    "outbox_oldest": "an index of what is unfinished, and it stops at the first row",
    "timers_next_due": "an index by time, and it stops at the first row of a portal",
    "outbox_interrupted": "an index of what is unfinished, once at the start",
    "portal_secrets": "it is about every portal, once at the start",
    "tokens_forget": "users' tokens, once in an hour",
    "portals_not_with_installer": "one row a portal, when somebody looks at a page for administrators",
    "portals_with_relay": "one row a portal, every few minutes",
    "status_portals": "one row a portal, when somebody asks for the state",
    "status_events": "an index of what waits, when somebody asks for the state",
    "status_effects": "an index of what is unfinished, when somebody asks for the state",
    "status_dead_events": "an index of dead letters, when somebody asks for the state",
    "status_dead_effects": "an index of dead letters, when somebody asks for the state",
    "status_event_errors": "an index of what failed, when somebody asks for the state",
    "status_effect_errors": "an index of what failed, when somebody asks for the state",
    "portals_in_trouble": "one row a portal, when metrics are read",
}
"""Statements that look at every row, and of what."""
OF_THE_STATEMENT = (
    "SCAN found", "SCAN w", "SCAN keys", "SCAN c", "SCAN CONSTANT ROW", "SCAN (subquery", "SCAN one", "SCAN json_each",
)  # fmt: skip
"""What a statement made itself or was given, and looks through."""


class Ones(dict[str, int]):
    """A value for every parameter."""

    def __missing__(self, key: str) -> int:
        return 1


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    """Open an empty database with all migrations."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        for _, _, sql in migrations():
            database.executescript(sql)
        yield database


def plan(database: sqlite3.Connection, name: str) -> list[str]:
    """Return the plan of SQLite for a statement, line by line."""
    sql = QUERIES[name].sql
    values = [1] * sql.count("?") if "?" in sql else Ones()
    return [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


@pytest.mark.parametrize("name", NAMES)
def test_no_statement_scans_a_large_table(database: sqlite3.Connection, name: str) -> None:
    """Each statement uses an index, except a few that scan a small one."""
    lines = plan(database, name)
    scans = [line for line in lines if line.startswith("SCAN") and not line.startswith(OF_THE_STATEMENT)]
    assert not scans or name in MAY_LOOK_AT_ALL, lines


@pytest.mark.parametrize(
    ("name", "index"),
    [
        pytest.param("outbox_next_due", "outbox_due (portal=? AND due_at>?)", id="next due"),
        pytest.param("outbox_forget", "outbox_age (created_at<?)", id="forgotten effects"),
        pytest.param("outbox_portals", "outbox_due (portal>?)", id="portals with work"),
        pytest.param("outbox_interrupted", "outbox_token_owner", id="interrupted"),
        pytest.param("outbox_ready", "USING COVERING INDEX outbox_waiting (portal=?)", id="keys"),
        pytest.param(
            "outbox_ready", "USING COVERING INDEX outbox_waiting (portal=? AND ordering_key=?)", id="of a key"
        ),
        pytest.param("tokens_forget", "outbox_token_owner (portal=? AND token_owner=?", id="tokens that are needed"),
        pytest.param("tokens_forget", "(portal=? AND dialog=?)", id="tokens of those who follow"),
    ],
)
def test_frequent_statements_do_not_read_done_rows(database: sqlite3.Connection, name: str, index: str) -> None:
    """Frequent statements, and those of the webhook, read only the rows that they need."""
    assert any(index in line for line in plan(database, name)), plan(database, name)


WAITING = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),  # ordering_key
        st.integers(0, 2),  # priority
        st.integers(0, 6),  # created_at
        st.sampled_from([0, 0, 3, 9, 10, 99]),  # due_at
        st.sampled_from([0, 0, 0, 0, 1, 2]),  # state
    ),
    max_size=40,
)


@hypothesis.given(rows=WAITING, many=st.integers(1, 12), per_key=st.integers(1, 4))
def test_sendable_keys_are_returned_in_order(
    rows: list[tuple[str, int, int, int, int]], many: int, per_key: int
) -> None:
    """The most urgent ordering key comes first, then the one due longest; of each the first effects."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        for _, _, sql in migrations():
            database.executescript(sql)
        database.executemany(
            "INSERT INTO outbox"
            " (id, ordering_key, priority, created_at, due_at, state, portal, kind, key, token_owner, payload)"
            " VALUES (?, ?, ?, ?, ?, ?, 'p', 'Say', ?, 'install', '{}')",
            [(number, *row, number) for number, row in enumerate(rows)],
        )
        now, beyond = 9, 90
        asked = {"portal": "p", "now": now, "many": many, "per_key": per_key, "beyond": beyond}
        found = [row[0] for row in database.execute(QUERIES["outbox_ready"].sql, asked)]
    queues: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        if row[4] == 0:
            queues.setdefault(row[0], []).append(number)
    due = [
        ordering_key
        for ordering_key in queues.values()
        if rows[ordering_key[0]][3] <= now or rows[ordering_key[0]][3] > beyond
    ]
    due.sort(
        key=lambda ordering_key: (
            min(rows[one][1] for one in ordering_key),
            max(rows[ordering_key[0]][2:4]),
            ordering_key[0],
        )
    )
    assert found == [one for ordering_key in due for one in ordering_key[:per_key]][:many]
