"""Holds calls of an emulated portal as long as a test needs, so that no test depends on times."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from portal.engine.changes import WAIT_SECONDS
from portal.testing import RunningPortal


@dataclass(slots=True, kw_only=True)
class Barrier:
    """Replaces the sleep of the portal's `slow` rules: calls wait here until the barrier is opened."""

    held: int = 0
    _open: bool = False
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def pause(self, _seconds: float) -> None:
        """Wait until the barrier is open, and ignore the seconds of the rule."""
        async with self._moved:
            self.held += 1
            self._moved.notify_all()
            await self._moved.wait_for(lambda: self._open)

    async def holds(self, many: int = 1) -> None:
        """Wait until so many calls are held."""
        async with asyncio.timeout(WAIT_SECONDS), self._moved:
            await self._moved.wait_for(lambda: self.held >= many)

    async def open(self) -> None:
        """Let the held calls continue, and later calls pass."""
        async with self._moved:
            self._open = True
            self._moved.notify_all()


def barrier(p: RunningPortal, method: str, *, times: int | None = 1) -> Barrier:
    """Hold the next calls of a method; this replaces earlier rules of the portal."""
    made = Barrier()
    p.emulator.faults.sleep = made.pause
    p.faults({"method": method, "kind": "slow", "times": times})
    return made
