"""Opens a database: locks it, opens two connections, and applies migrations."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import aiosql
import aiosqlite
import structlog

from bot.errors import ConfigError
from bot.store.sqlite import lock
from bot.store.sqlite.database import Database
from bot.store.sqlite.group_commit import Queries, Query

CHECKED = 256 * 2**20
"""The largest file in bytes whose content is checked at the start; a larger one would take too many seconds."""
APPLICATION_ID = 0x46424447
"""`FBDG` in the header of our files, so that no file of another program is written to."""
DAMAGED = "database disk image is malformed"
"""The message of SQLite about a damaged file."""
HINTS = {
    "unable to open": "; its folder must be there and be ours to write",
    DAMAGED: "; put back the last backup, or see `If the database is damaged` in docs/start/deploy.md",
}
"""Advice for the operator, by a part of SQLite's message."""
BUSY_MS = 20_000
"""Milliseconds to wait while another program locks the file.

Long, because a portal sends an event once (reference: delivery), and does not say how long it waits for the answer.
"""
PRIVATE, OTHERS = 0o600, 0o077
"""The mode of our files, and the bits that no file of ours has."""
BESIDE = ("-wal", "-shm", "-journal", ".lock")
"""The suffixes of files beside a database: those of SQLite, which contain rows of it too, and our lock."""
STATEMENTS = 256
"""The number of prepared statements that are kept; a query of rows has one for each number of rows."""


log = structlog.get_logger(__name__)


@cache
def load_queries() -> Queries:
    """Return all queries of queries/*.sql by their names."""
    with resources.as_file(resources.files("bot.store").joinpath("queries")) as folder:
        found = aiosql.from_path(folder, "sqlite3", mandatory_parameters=False)
    names = (name for name in found.available_queries if not name.endswith("_cursor"))
    return {name: Query(sql=getattr(found, name).sql) for name in names}


def migrations() -> list[tuple[int, str, str]]:
    """Return the number, the name and the SQL of each migration, in order."""
    files = (entry for entry in resources.files("bot.store.migrations").iterdir() if entry.name.endswith(".sql"))
    return sorted((int(file.name[:4]), file.name, file.read_text("utf-8")) for file in files)


@contextlib.asynccontextmanager
async def open_database(path: Path | str) -> AsyncIterator[Database]:
    """Open a database, or create it, apply missing migrations, and yield it; close it at the end.

    Raises:
        ConfigError: the file cannot be opened, is no database, belongs to another program or to a newer version, or
            another process uses it.
    """
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(os.close, await asyncio.to_thread(lock.take, path))
        await asyncio.to_thread(_keep_private, path)
        try:
            # Try once without aiosqlite: its thread would outlive a failed connect, and fail later on a closed loop.
            await asyncio.to_thread(lambda: sqlite3.connect(path).close())
            writer = await stack.enter_async_context(
                aiosqlite.connect(path, isolation_level=None, cached_statements=STATEMENTS)
            )
            await _prepare(writer, path)
            reader = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None))
            await reader.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            await reader.execute("PRAGMA query_only = ON")
        except sqlite3.Error as exc:
            raise ConfigError(f"store.url: {path} cannot be used: {exc}{_hint(exc)}") from exc
        writer.row_factory = reader.row_factory = sqlite3.Row
        database = Database(writer, reader, await asyncio.to_thread(load_queries), start=secrets.token_hex(8))
        yield database
        await database.close()


@contextlib.asynccontextmanager
async def open_to_read(path: Path | str) -> AsyncIterator[Database]:
    """Open a database that another process may be using, and yield it; it can only be read.

    Raises:
        ConfigError: there is no such database, it is of another program, or of another version of the service.
    """
    try:
        address = await asyncio.to_thread(_address_to_read, path)
        async with aiosqlite.connect(address, uri=True, isolation_level=None) as reader:
            await reader.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            if await _value(reader, "PRAGMA application_id") != APPLICATION_ID:
                raise ConfigError(f"store.url: {path} is not a database of Feedbridge")
            at, known = await _version(reader), (await asyncio.to_thread(migrations))[-1][0]
            if at != known:
                raise ConfigError(f"store.url: {path} has schema {at}; this Feedbridge knows {known}. Start it once")
            reader.row_factory = sqlite3.Row
            yield Database(reader, reader, await asyncio.to_thread(load_queries), start="")
    except sqlite3.Error as exc:
        raise ConfigError(f"store.url: {path} cannot be read: {exc}{_hint(exc)}") from exc


def _address_to_read(path: Path | str) -> str:
    """Return the address with which SQLite only reads a database, after trying it once."""
    address = f"{Path(path).absolute().as_uri()}?mode=ro"
    sqlite3.connect(address, uri=True).close()
    return address


def _keep_private(path: Path | str) -> None:
    """Let only our user read the database and the files that SQLite writes beside it, whatever the umask is.

    SQLite gives its other files the mode of the database file, so that file is created first. An error is not raised
    here: SQLite explains it when it opens the file.
    """
    path = os.path.realpath(path)
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        os.fchmod(handle, PRIVATE)
        os.close(handle)
    for name in (Path(path), *(Path(f"{path}{suffix}") for suffix in BESIDE)):
        try:
            if (mode := name.stat().st_mode) & OTHERS:
                name.chmod(mode & ~OTHERS & 0o777)
        except FileNotFoundError:
            continue
        except OSError as exc:
            log.warning("store.readable_by_others", file=str(name), error=exc.strerror, do=f"chmod 600 {name}")


async def _prepare(conn: aiosqlite.Connection, path: Path | str) -> None:
    await conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    ours = (await _value(conn, "PRAGMA application_id")) == APPLICATION_ID
    if not ours and await _value(conn, "SELECT COUNT(*) FROM sqlite_master"):
        raise ConfigError(f"store.url: {path} is a database of another program; name a file of its own for Feedbridge")
    pages, size = await _value(conn, "PRAGMA page_count"), await _value(conn, "PRAGMA page_size")
    if pages * size <= CHECKED and (found := await _value(conn, "PRAGMA quick_check(1)")) != "ok":
        raise sqlite3.DatabaseError(f"{DAMAGED}: {found.splitlines()[-1]}")
    await conn.execute("PRAGMA journal_mode = WAL")
    await conn.execute("PRAGMA synchronous = FULL")  # events that were answered with 200 must survive a power cut
    await migrate(conn)


async def migrate(conn: aiosqlite.Connection) -> list[int]:
    """Apply the migrations that this database lacks, and return their numbers.

    Raises:
        ConfigError: a newer version of the service wrote the database.
    """
    await conn.execute(
        "CREATE TABLE IF NOT EXISTS schema_version"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at REAL NOT NULL)"
    )
    await conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    at = await _version(conn)
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


def _hint(error: sqlite3.Error) -> str:
    return next((hint for words, hint in HINTS.items() if words in str(error)), "")


async def _version(conn: aiosqlite.Connection) -> int:
    return int(await _value(conn, "SELECT COALESCE(MAX(version), 0) FROM schema_version"))


async def _value(conn: aiosqlite.Connection, sql: str) -> Any:
    async with conn.execute(sql) as cursor:
        row = await cursor.fetchone()
    return row[0] if row else 0
