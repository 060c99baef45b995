"""How many installations may wait that nobody has confirmed yet: each is kept, and makes us ask somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class PendingInstallations:
    """Room for at most so many; `waiting` tells how many are on disk."""

    most: int
    waiting: Callable[[], Awaitable[int]]
    _coming: int = 0

    @asynccontextmanager
    async def room(self) -> AsyncIterator[bool]:
        """Whether there is room for one more, which it holds until it is on disk itself."""
        self._coming += 1
        try:
            yield await self.waiting() + self._coming <= self.most
        finally:
            self._coming -= 1
