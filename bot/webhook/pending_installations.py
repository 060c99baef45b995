"""Limits the installations that wait for confirmation, since each is stored and causes a request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class PendingInstallations:
    """A limit of `most` places; `waiting` counts the installations on disk."""

    most: int
    waiting: Callable[[], Awaitable[int]]
    _reserved: int = 0

    @asynccontextmanager
    async def reserve(self) -> AsyncIterator[bool]:
        """Reserve a place until the installation is on disk, and yield whether there was one."""
        self._reserved += 1
        try:
            yield await self.waiting() + self._reserved <= self.most
        finally:
            self._reserved -= 1
