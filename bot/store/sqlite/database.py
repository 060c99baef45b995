"""SQLite through aiosqlite's threads: one connection writes, in group commits; another reads."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import aiosqlite

from bot.store.sqlite import group_commit
from bot.store.sqlite.group_commit import Queries, refused
from bot.store.statements import Transaction

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]

MOST_IN_A_COMMIT = 128
"""Transactions that share one commit; more wait for the next, some milliseconds later."""


@dataclass(slots=True)
class _Request:
    done: asyncio.Future[Any]
    transaction: Transaction


class Database:
    """The two connections and the group committer; `serve` must run while anything is written.

    `start` is another one each time: row numbers begin again where a backup is restored, but a portal still knows the
    keys that were made of them.
    """

    def __init__(
        self, writer: aiosqlite.Connection, reader: aiosqlite.Connection, queries: Queries, *, start: str
    ) -> None:
        self.queries = queries
        self.start = start
        self.reader = reader
        self._writer = writer
        self._waiting: list[_Request] = []
        self._wake = asyncio.Event()
        self.on_commit: Callable[[int], None] = lambda _rows: None

    async def read(self, name: str, **values: Any) -> list[Row]:
        """Return every row of a query.

        Raises:
            StoreError: the database refused; the driver's error is the cause.
        """
        try:
            return list(await self.reader.execute_fetchall(self.queries[name].sql, values))  # type: ignore[arg-type]
        except sqlite3.Error as exc:
            raise refused(exc) from exc

    async def read_one(self, name: str, **values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        return next(iter(await self.read(name, **values)), None)

    async def read_value(self, name: str, **values: Any) -> Any:
        """Return the first value of the first row, or None."""
        row: Any = await self.read_one(name, **values)
        return row[0] if row else None

    async def write(self, transaction: Transaction) -> Any:
        """Commit one transaction, together with others that wait; returns the result of its statement that has one.

        All of it is on disk when this returns, or none of it.

        Raises:
            StoreError: the database refused; the driver's error is the cause.
        """
        request = _Request(done=asyncio.get_running_loop().create_future(), transaction=transaction)
        self._waiting.append(request)
        self._wake.set()
        return await request.done

    async def serve(self) -> None:
        """Commit what waits."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._commit()

    async def close(self) -> None:
        """Close both connections; what waits is committed first."""
        while self._waiting:
            await self._commit()
        await self.reader.close()
        await self._writer.close()

    async def _commit(self) -> None:
        group, self._waiting = self._waiting[:MOST_IN_A_COMMIT], self._waiting[MOST_IN_A_COMMIT:]
        behind = len(self._waiting)
        transactions = [request.transaction for request in group]
        results = await in_thread(self._writer, lambda conn: group_commit.commit(conn, self.queries, transactions))
        if _is_busy(results[0]):
            group += self._waiting[:behind]  # they have waited as long, and are not to wait as long again
            self._waiting = self._waiting[behind:]
            results = [results[0]] * len(group)
        if rows := _events(group, results):
            self.on_commit(rows)
        for request, result in zip(group, results, strict=True):
            _settle(request, result)


async def in_thread(conn: aiosqlite.Connection, function: Callable[[sqlite3.Connection], T]) -> T:
    """Run a function in a connection's thread: one hop there and back, however many statements it executes."""
    # aiosqlite offers only single statements in public; this is what each of its methods does.
    result: T = await conn._execute(function, conn._conn)  # type: ignore[no-untyped-call]  # noqa: SLF001
    return result


def _is_busy(result: Any) -> bool:
    cause = result.__cause__ if isinstance(result, BaseException) else None
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _events(group: Sequence[_Request], results: Sequence[Any]) -> int:
    """Count the events that were received with a commit."""
    return sum(
        len(request.transaction)
        for request, result in zip(group, results, strict=True)
        if not isinstance(result, BaseException) and request.transaction and request.transaction[0].name == "inbox_add"
    )


def _settle(request: _Request, result: Any) -> None:
    if request.done.done():  # whoever asked has gone away (a cancelled request)
        return
    if isinstance(result, BaseException):
        request.done.set_exception(result)
    else:
        request.done.set_result(result)
