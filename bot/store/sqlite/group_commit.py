"""Commits a group of transactions in one call, in the thread of the writing connection."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from bot.errors import StoreError
from bot.store.statements import Result, Run, Transaction, plan

MOST_VALUES = 900
"""The most parameters of one statement; old versions of SQLite accept 999."""
ONE_ROW = re.compile(r"(?<=VALUES )\((\?(?:, \?)*)\)")
"""The row of question marks in a query."""
FOR_ALL = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM,
    }
)  # fmt: skip
"""Error codes with which SQLite would refuse every transaction, so that it is useless to try them one by one."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """Holds the SQL of one query; if it has a row of question marks, one SQL statement can take many rows.

    Few SQL statements are faster, because for each one sqlite3 releases the interpreter lock and must get it back from
    the busy event loop.
    """

    sql: str

    @cached_property
    def width(self) -> int:
        """Return the number of values in the query's row of question marks; 0 if its parameters have names."""
        found = ONE_ROW.search(self.sql)
        return found[1].count("?") if found else 0

    def of_rows(self, many: int) -> str:
        """Return the SQL for `many` rows in one statement."""
        return ONE_ROW.sub(lambda found: ", ".join([found[0]] * many), self.sql) if many > 1 else self.sql


Queries = Mapping[str, Query]


def refused(error: Exception) -> StoreError:
    """Make a StoreError from an error of the driver; a StoreError is returned unchanged."""
    if isinstance(error, StoreError):
        return error
    ours = StoreError(f"the database refused: {error}", passing=isinstance(error, sqlite3.OperationalError))
    ours.__cause__ = error
    return ours


def commit(conn: sqlite3.Connection, queries: Queries, group: Sequence[Transaction]) -> list[Any]:
    """Commit a group of transactions together, and return the result or the StoreError of each.

    If one transaction fails, all are rolled back and executed one by one, still in one commit, so that only the faulty
    transaction fails.
    """
    try:
        return _together(conn, queries, group)
    except Exception as exc:  # noqa: BLE001 - the caller of each transaction gets it
        _roll_back(conn)
        if len(group) == 1 or _is_for_all(exc):
            return [refused(exc)] * len(group)
    try:
        return _one_by_one(conn, queries, group)
    except Exception as exc:  # noqa: BLE001 - the commit itself failed
        _roll_back(conn)
        return [refused(exc)] * len(group)


def _together(conn: sqlite3.Connection, queries: Queries, group: Sequence[Transaction]) -> list[Any]:
    runs = plan(group)
    if len(runs) == 1 and not runs[0].statements[0].guard and _steps(queries[runs[0].name], runs[0]) == 1:
        return _execute_all(conn, queries, runs, len(group))  # a single statement is a transaction by itself
    conn.execute("BEGIN IMMEDIATE")
    results = _execute_all(conn, queries, runs, len(group))
    conn.execute("COMMIT")
    return results


def _one_by_one(conn: sqlite3.Connection, queries: Queries, group: Sequence[Transaction]) -> list[Any]:
    results: list[Any] = []
    conn.execute("BEGIN IMMEDIATE")
    for transaction in group:
        conn.execute("SAVEPOINT one")
        try:
            results += _execute_all(conn, queries, plan([transaction]), 1)
        except Exception as exc:
            if not conn.in_transaction:  # SQLite has rolled back all of them by itself
                raise
            conn.execute("ROLLBACK TO one")
            results.append(refused(exc))
        conn.execute("RELEASE one")
    conn.execute("COMMIT")
    return results


def _execute_all(conn: sqlite3.Connection, queries: Queries, runs: Sequence[Run], transactions: int) -> list[Any]:
    results: list[Any] = [None] * transactions
    for run in runs:
        found = _execute(conn, queries[run.name], run)
        if run.result is not Result.NOTHING:
            results[run.number] = found
    return results


def _execute(conn: sqlite3.Connection, query: Query, run: Run) -> Any:
    """Execute one run, and return the rows that it read or the number of rows that it changed."""
    if run.result is Result.ROWS:
        return conn.execute(query.sql, run.values[0]).fetchall()
    changed = _execute_rows(conn, query, run.values) if query.width else _execute_each(conn, query, run.values)
    if refusal := run.refusal(changed):
        raise refusal
    return changed


def _execute_rows(conn: sqlite3.Connection, query: Query, rows: Sequence[Any]) -> int:
    most, changed = MOST_VALUES // query.width, 0
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        changed += conn.execute(query.of_rows(len(some)), list(chain.from_iterable(some))).rowcount
    return changed


def _execute_each(conn: sqlite3.Connection, query: Query, values: Sequence[Any]) -> int:
    return (conn.execute(query.sql, values[0]) if len(values) == 1 else conn.executemany(query.sql, values)).rowcount


def _steps(query: Query, run: Run) -> int:
    """Return the number of SQL statements that are executed for a run."""
    return -(-len(run.statements) * query.width // MOST_VALUES) if query.width else len(run.statements)


def _is_for_all(error: Exception) -> bool:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in FOR_ALL  # the low byte of an extended error code is the primary one


def _roll_back(conn: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # the callers get the first error
        conn.rollback()
