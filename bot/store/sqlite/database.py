"""Runs SQLite in the threads of aiosqlite: one connection writes in group commits, another one reads."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

import aiosqlite

from bot.errors import StoreError
from bot.store.sqlite import group_commit
from bot.store.sqlite.group_commit import Queries, refused
from bot.store.statements import Transaction

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]

MOST_IN_A_COMMIT = 128
"""The most transactions of one commit; the others wait some milliseconds for the next one."""


@dataclass(slots=True)
class _Request:
    done: asyncio.Future[Any]
    transaction: Transaction


@dataclass(slots=True)
class _Read:
    done: asyncio.Future[Any]
    sql: str
    values: Mapping[str, Any]


class Database:
    """Reads and writes through two connections; `serve` must run for `write` to return.

    `start` is a random text, new at each start of the process, which becomes a part of idempotency keys that contain
    row ids. After a backup is restored the ids repeat, and without this text the portal would take a new effect for a
    duplicate of an old effect.
    """

    def __init__(
        self, writer: aiosqlite.Connection, reader: aiosqlite.Connection, queries: Queries, *, start: str
    ) -> None:
        self.queries = queries
        self.start = start
        self.reader = reader
        self._writer = writer
        self._waiting: list[_Request] = []
        self._reads: list[_Read] = []
        self._reading: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self.on_commit: Callable[[int], None] = lambda _rows: None

    async def read(self, name: str, **values: Any) -> list[Row]:
        """Return all rows of a query; `values` are its parameters.

        Queries that wait at the same time share one call to the thread of the reading connection.

        Raises:
            StoreError: the database refused; `__cause__` is the driver's error.
        """
        done: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self._reads.append(_Read(done=done, sql=self.queries[name].sql, values=values))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_all())
        return await done

    async def read_one(self, name: str, **values: Any) -> Row | None:
        """Return the first row of a query; None if it has no rows. Raises as `read` does."""
        return next(iter(await self.read(name, **values)), None)

    async def read_value(self, name: str, **values: Any) -> Any:
        """Return the first column of the first row of a query; None if it has no rows. Raises as `read` does."""
        row: Any = await self.read_one(name, **values)
        return row[0] if row else None

    async def write(self, transaction: Transaction) -> Any:
        """Commit one transaction, together with others that wait, and return the result of its statement that has one.

        On return the whole transaction is on disk; after an error, no part of it is.

        Raises:
            StoreError: the database or a guard refused; `__cause__` is the driver's error, if there is one.
        """
        request = _Request(done=asyncio.get_running_loop().create_future(), transaction=transaction)
        self._waiting.append(request)
        self._wake.set()
        return await request.done

    async def serve(self) -> None:
        """Commit waiting transactions until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._commit()

    async def close(self) -> None:
        """Commit waiting transactions, then close both connections."""
        while self._waiting:
            await self._commit()
        await self.reader.close()
        await self._writer.close()

    async def _read_all(self) -> None:
        while self._reads:
            reads, self._reads = self._reads, []
            results = await self._results(self.reader, partial(_read_each, reads), len(reads))
            for read, result in zip(reads, results, strict=True):
                _settle(read.done, result)
        self._reading = None

    async def _results(
        self, conn: aiosqlite.Connection, function: Callable[[sqlite3.Connection], list[Any]], many: int
    ) -> list[Any]:
        """Run a function in the thread of a connection, and return its `many` results.

        If the function raises, the list has its error `many` times.
        """
        try:
            return await in_thread(conn, function)
        except Exception as exc:  # noqa: BLE001 - each of them gets it
            return [refused(exc)] * many

    async def _commit(self) -> None:
        group, self._waiting = self._waiting[:MOST_IN_A_COMMIT], self._waiting[MOST_IN_A_COMMIT:]
        behind = len(self._waiting)
        transactions = [request.transaction for request in group]
        commit = partial(group_commit.commit, queries=self.queries, group=transactions)
        results = await self._results(self._writer, commit, len(group))
        if _is_busy(results[0]):
            # Those behind have waited for the locked file just as long; they must not wait for it a second time.
            group += self._waiting[:behind]
            self._waiting = self._waiting[behind:]
            results = [results[0]] * len(group)
        if rows := _events(group, results):
            self.on_commit(rows)
        for request, result in zip(group, results, strict=True):
            _settle(request.done, result)


async def in_thread(conn: aiosqlite.Connection, function: Callable[[sqlite3.Connection], T]) -> T:
    """Run a function in the thread of a connection, as one call for all its statements, and return its result."""
    # aiosqlite offers only single statements in public; this is what each of its methods does.
    result: T = await conn._execute(function, conn._conn)  # type: ignore[no-untyped-call]  # noqa: SLF001
    return result


def _is_busy(result: Any) -> bool:
    cause = result.__cause__ if isinstance(result, BaseException) else None
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _events(group: Sequence[_Request], results: Sequence[Any]) -> int:
    """Count the events that a group commit put into the inbox."""
    return sum(
        len(request.transaction)
        for request, result in zip(group, results, strict=True)
        if not isinstance(result, BaseException) and request.transaction and request.transaction[0].name == "inbox_add"
    )


def _read_each(reads: Sequence[_Read], conn: sqlite3.Connection) -> list[list[Row] | StoreError]:
    return [_rows(conn, read) for read in reads]


def _rows(conn: sqlite3.Connection, read: _Read) -> list[Row] | StoreError:
    try:
        return conn.execute(read.sql, read.values).fetchall()
    except Exception as exc:  # noqa: BLE001 - only the caller of this query gets it
        return refused(exc)


def _settle(done: asyncio.Future[Any], result: Any) -> None:
    if done.done():  # the caller was cancelled
        return
    if isinstance(result, BaseException):
        done.set_exception(result)
    else:
        done.set_result(result)
