"""A disk that fails: the connections of a store raise SQLite's own errors, so many times or until it is mended."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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

    def __post_init__(self) -> None:
        """Put itself between the store and both connections."""
        for name, connection in (("reader", self.store.db.reader), ("writer", self.store.db._writer)):
            connection.execute = self._between(name, connection.execute)  # type: ignore[method-assign]
            connection.execute_fetchall = self._between(name, connection.execute_fetchall)  # type: ignore[method-assign]

    def fail(
        self, times: float, *, broken: tuple[str, ...] = ("reader", "writer"), error: sqlite3.Error = BUSY
    ) -> None:
        """Let so many of the next statements fail, on both connections or on one of them."""
        self._left, self._broken, self._error = times, broken, error

    def _between(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def execute(sql: str, *values: Any) -> Any:
            if self._left <= 0 or name not in self._broken:
                return call(sql, *values)
            self._left -= 1
            self.failures += 1
            return _Failure(self._error)

        return execute


class _Failure:
    """What a statement gives that fails when it is awaited or entered."""

    def __init__(self, error: sqlite3.Error) -> None:
        self._error = error

    def __await__(self) -> Any:
        raise type(self._error)(*self._error.args)

    async def __aenter__(self) -> Any:
        raise type(self._error)(*self._error.args)

    async def __aexit__(self, *_error: object) -> None:
        """Nothing was opened."""
