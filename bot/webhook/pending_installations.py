"""Limits the installations that wait for confirmation, because each is stored and causes a request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class PendingInstallations:
    """A limit of `most` unconfirmed installations; `waiting` counts those that are on disk."""

    most: int
    waiting: Callable[[], Awaitable[int]]
    _reserved: int = 0

    @asynccontextmanager
    async def reserve(self) -> AsyncIterator[bool]:
        """Reserve a place while this context is open, and yield whether there is one.

        The caller stores the installation inside of the context.
        """
        self._reserved += 1
        try:
            yield await self.waiting() + self._reserved <= self.most
        finally:
            self._reserved -= 1
