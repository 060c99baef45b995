"""SQLite through aiosqlite: one connection writes, in group commits; another reads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import aiosql
import aiosqlite

from bot.errors import ConfigError
from bot.store import lock, reading

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]
InboxRow: TypeAlias = tuple[Any, ...]
"""Values of one row of the inbox, in the order of its statement."""
Job: TypeAlias = Callable[[aiosqlite.Connection], Awaitable[Any]]

CHECKED = 256 * 2**20
"""Bytes; a larger file is not read through at the start, which would take longer than a few seconds."""
APPLICATION_ID = 0x46424447
"""`FBDG` in the header of our files: nothing else is opened for writing."""
MOST_IN_A_COMMIT = 128
"""Requests that share one commit; more wait for the next, some milliseconds later."""
MOST_IN_A_STATEMENT = 128
"""Rows; with seven values each they stay below the 999 that an old SQLite takes in one statement."""
DAMAGED = "database disk image is malformed"
HINTS = {
    "unable to open": "; its folder must be there and be ours to write",
    DAMAGED: "; put back the last backup, or see `If the database is damaged` in docs/start/deploy.md",
}
"""What to do, by what SQLite says."""
ONE_ROW = "(?, ?, ?, ?, ?, ?, ?)"
BUSY_MS = 20_000
"""Milliseconds to wait for another program that holds the file: a portal tells an event once (reference: delivery), and
how long it waits for us it does not say."""


def load_queries() -> Any:
    """Every query by its name in queries/*.sql."""
    with resources.as_file(resources.files("bot.store").joinpath("queries")) as folder:
        return aiosql.from_path(folder, reading.WholeReads, mandatory_parameters=False)


def migrations() -> list[tuple[int, str, str]]:
    """(number, name, sql) of every migration, in order."""
    files = (entry for entry in resources.files("bot.store.migrations").iterdir() if entry.name.endswith(".sql"))
    return sorted((int(file.name[:4]), file.name, file.read_text("utf-8")) for file in files)


@dataclass(slots=True)
class _Request:
    done: asyncio.Future[Any]
    rows: Sequence[InboxRow] = ()
    job: Job | None = None


class Database:
    """The two connections and the group committer; `serve` must run while anything is written.

    `start` is another one each time: row numbers begin again where a backup is restored, but a portal still knows the
    keys that were made of them.
    """

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection, queries: Any, *, start: str) -> None:
        self.queries = queries
        self.start = start
        self.reader = reader
        self._writer = writer
        self._waiting: list[_Request] = []
        self._wake = asyncio.Event()
        self.on_commit: Callable[[int], None] = lambda _rows: None

    async def add(self, rows: Sequence[InboxRow]) -> None:
        """Store arrived events; returns when they are on disk. Requests that come together share one commit."""
        await self._request(_Request(done=asyncio.get_running_loop().create_future(), rows=rows))

    async def write(self, job: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        """Run one transaction; all of it is on disk when this returns, or none of it.

        Raises:
            StoreError: the database refused; the driver's error is the cause.
        """
        result: T = await self._request(_Request(done=asyncio.get_running_loop().create_future(), job=job))
        return result

    async def serve(self) -> None:
        """Commit what waits, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_IN_A_COMMIT], self._waiting[MOST_IN_A_COMMIT:]
                await self._commit(batch)

    async def close(self) -> None:
        """Close both connections; what waits is committed first."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._commit(batch)
        await self.reader.close()
        await self._writer.close()

    async def _request(self, request: _Request) -> Any:
        self._waiting.append(request)
        self._wake.set()
        return await request.done

    async def _commit(self, batch: list[_Request]) -> None:
        behind = len(self._waiting)
        try:
            results = await self._transaction(batch)
        except Exception as exc:  # noqa: BLE001 - whoever asked gets it, and the next batch gets its turn
            await self._roll_back()
            if len(batch) > 1 and not isinstance(exc, sqlite3.OperationalError):
                for request in batch:  # it is about the values of one of them: only that one is to fail
                    await self._commit([request])
                return
            if getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                batch = batch + self._waiting[:behind]  # they have waited as long, and are not to wait as long again
                self._waiting = self._waiting[behind:]
            results = [reading.refused(exc)] * len(batch)
        for request, result in zip(batch, results, strict=True):
            _settle(request, result)

    async def _transaction(self, batch: list[_Request]) -> list[Any]:
        rows = [row for request in batch for row in request.rows]
        if len(rows) <= MOST_IN_A_STATEMENT and not any(request.job for request in batch):
            await self._insert(rows)  # one statement is a transaction already
            results: list[Any] = [None] * len(batch)
        else:
            await self._writer.execute("BEGIN IMMEDIATE")
            for start in range(0, len(rows), MOST_IN_A_STATEMENT):
                await self._insert(rows[start : start + MOST_IN_A_STATEMENT])
            results = [await self._in_savepoint(request.job) if request.job else None for request in batch]
            await self._writer.commit()
        if rows:
            self.on_commit(len(rows))
        return results

    async def _insert(self, rows: Sequence[InboxRow]) -> None:
        """Insert rows with one statement: for each one sqlite3 lets go of the interpreter, and has to get it back."""
        if rows:
            statement = self.queries.inbox_add.sql.replace(ONE_ROW, ", ".join([ONE_ROW] * len(rows)))
            await self._writer.execute_fetchall(statement, [value for row in rows for value in row])

    async def _in_savepoint(self, job: Job) -> Any:
        """One job's result, or its exception: a job that fails takes nobody with it."""
        await self._writer.execute("SAVEPOINT job")
        try:
            result = await job(self._writer)
        except Exception as exc:  # noqa: BLE001 - whoever asked for this job gets its exception
            await self._writer.execute("ROLLBACK TO job")
            result = reading.refused(exc) if isinstance(exc, sqlite3.Error) else exc
        await self._writer.execute("RELEASE job")
        return result

    async def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one that counts
            await self._writer.rollback()


@contextlib.asynccontextmanager
async def open_database(path: Path | str) -> AsyncIterator[Database]:
    """Open (or make) a database of ours, up to date with all migrations.

    Raises:
        ConfigError: the file cannot be opened, is no database, belongs to another program, or another process uses it.
    """
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(os.close, await asyncio.to_thread(lock.take, path))
        try:
            # aiosqlite's thread outlives a connect that failed, and complains where the loop has closed meanwhile.
            await asyncio.to_thread(lambda: sqlite3.connect(path).close())
            writer = await stack.enter_async_context(
                aiosqlite.connect(path, isolation_level=None, cached_statements=2 * MOST_IN_A_STATEMENT)
            )
            await _prepare(writer, path)
            reader = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None))
            await reader.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            await reader.execute("PRAGMA query_only = ON")
        except sqlite3.Error as exc:
            hint = next((hint for words, hint in HINTS.items() if words in str(exc)), "")
            raise ConfigError(f"store.url: {path} cannot be used: {exc}{hint}") from exc
        writer.row_factory = reader.row_factory = sqlite3.Row
        database = Database(writer, reader, await asyncio.to_thread(load_queries), start=secrets.token_hex(8))
        yield database
        await database.close()


async def _prepare(conn: aiosqlite.Connection, path: Path | str) -> None:
    await conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    ours = (await _value(conn, "PRAGMA application_id")) == APPLICATION_ID
    if not ours and await _value(conn, "SELECT COUNT(*) FROM sqlite_master"):
        raise ConfigError(f"store.url: {path} is a database of another program; name a file of its own for Feedbridge")
    pages, size = await _value(conn, "PRAGMA page_count"), await _value(conn, "PRAGMA page_size")
    if pages * size <= CHECKED and (found := await _value(conn, "PRAGMA quick_check(1)")) != "ok":
        raise sqlite3.DatabaseError(f"{DAMAGED}: {found.splitlines()[-1]}")
    await conn.execute("PRAGMA journal_mode = WAL")
    await conn.execute("PRAGMA synchronous = FULL")  # what was answered with 200 survives a power cut as well
    await migrate(conn)


async def migrate(conn: aiosqlite.Connection) -> list[int]:
    """Apply the migrations that are missing; returns their numbers.

    Raises:
        ConfigError: the database was written by a newer version.
    """
    await conn.execute(
        "CREATE TABLE IF NOT EXISTS schema_version"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at REAL NOT NULL)"
    )
    await conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    at = int(await _value(conn, "SELECT COALESCE(MAX(version), 0) FROM schema_version"))
    known = await asyncio.to_thread(migrations)
    if at > known[-1][0]:
        raise ConfigError(
            f"store.url: written by a newer Feedbridge (schema {at}); this one knows up to {known[-1][0]}"
        )
    missing = [migration for migration in known if migration[0] > at]
    for number, name, sql in missing:
        record = f"INSERT INTO schema_version VALUES ({number}, '{name}', CAST(strftime('%s', 'now') AS REAL));"  # noqa: S608 - our own names
        await conn.executescript(f"BEGIN IMMEDIATE;\n{sql}\n{record}\nCOMMIT;")
    return [number for number, _, _ in missing]


async def _value(conn: aiosqlite.Connection, sql: str) -> Any:
    async with conn.execute(sql) as cursor:
        row = await cursor.fetchone()
    return row[0] if row else 0


def _settle(request: _Request, result: Any) -> None:
    if request.done.done():  # whoever asked has gone away (a cancelled request)
        return
    if isinstance(result, BaseException):
        request.done.set_exception(result)
    else:
        request.done.set_result(result)
