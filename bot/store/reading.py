"""How queries run on a connection that many share: each is read whole before another begins."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from typing import Any

import aiosqlite
from aiosql.adapters.aiosqlite import AioSQLiteAdapter

from bot.errors import StoreError


def refused(error: Exception) -> StoreError:
    """What the driver says of a database that cannot be read or written, as an error of ours."""
    ours = StoreError(f"the database refused: {error}", passing=isinstance(error, sqlite3.OperationalError))
    ours.__cause__ = error
    return ours


class WholeReads(AioSQLiteAdapter):
    """The driver's adapter, but no statement stays open between two steps of the loop.

    While one does, the connection keeps the picture of the database it began with, and whoever reads beside it does not
    see what was committed since (SQLite, "Isolation": a read transaction ends with its last open statement).
    """

    async def select(
        self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> AsyncGenerator[Any, None]:
        """Every row."""
        del query_name, record_class  # we have no use for what the protocol gives
        for row in await _rows(conn, sql, parameters):
            yield row

    async def select_one(
        self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Any:
        """The first row, or None."""
        del query_name, record_class
        return next(iter(await _rows(conn, sql, parameters)), None)

    async def select_value(self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any) -> Any:
        """The first value of the first row, or None."""
        row = await self.select_one(conn, query_name, sql, parameters)
        return row[0] if row else None


async def _rows(conn: aiosqlite.Connection, sql: str, parameters: Any) -> list[Any]:
    try:
        return list(await conn.execute_fetchall(sql, parameters))
    except sqlite3.Error as exc:
        raise refused(exc) from exc
