"""Makes the connections of a store raise SQLite's own errors, so many times or until the test ends it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, cast

from bot.store import Store

BUSY = sqlite3.OperationalError("disk I/O error")
"""What SQLite says of a disk that fails for a moment."""
RUINED = sqlite3.DatabaseError("database disk image is malformed")
"""What SQLite says of a file that no waiting mends."""


@dataclass(slots=True)
class Disk:
    """Breaks the statements of a store; `failures` counts those that failed."""

    store: Store
    failures: int = 0
    _left: float = 0.0
    _broken: tuple[str, ...] = ()
    _error: sqlite3.Error = BUSY
    _query: str = ""

    def __post_init__(self) -> None:
        """Put itself between the store and both connections."""
        for name, connection in (("reader", self.store.db.reader), ("writer", self.store.db._writer)):
            connection._connection = cast("sqlite3.Connection", _Between(self, name, connection._conn))

    def fail(
        self,
        times: float,
        *,
        broken: tuple[str, ...] = ("reader", "writer"),
        error: sqlite3.Error = BUSY,
        query: str = "",
    ) -> None:
        """Let so many of the next statements fail, on both connections or on one of them, or those of one query."""
        self._left, self._broken, self._error = times, broken, error
        self._query = self.store.db.queries[query].sql if query else ""

    def check(self, name: str, sql: str) -> None:
        """Raise SQLite's error while statements of a connection are to fail."""
        if self._left <= 0 or name not in self._broken or self._query not in sql:
            return
        self._left -= 1
        self.failures += 1
        error = type(self._error)(*self._error.args)
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR if self._error is BUSY else sqlite3.SQLITE_CORRUPT
        raise error


class _Between:
    """A connection whose statements may fail; it is used in the connection's own thread."""

    def __init__(self, disk: Disk, name: str, connection: sqlite3.Connection) -> None:
        self._disk, self._name, self._connection = disk, name, connection

    def __getattr__(self, name: str) -> Any:
        """Return anything else of the connection."""
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Execute a statement, or fail."""
        self._disk.check(self._name, sql)
        return self._connection.execute(sql, *values)

    def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Execute a statement for many rows, or fail."""
        self._disk.check(self._name, sql)
        return self._connection.executemany(sql, *values)
