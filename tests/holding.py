"""Calls of a pretend portal that a test holds for as long as it likes, not for some milliseconds of a busy machine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from portal.engine.changes import WAIT_SECONDS
from portal.testing import RunningPortal


@dataclass(slots=True, kw_only=True)
class Authentication:
    """What the portal's `slow` rules meet: it stands here until the gate is opened."""

    held: int = 0
    _open: bool = False
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def pause(self, _seconds: float) -> None:
        """Stand here, whatever a rule says for how long."""
        async with self._moved:
            self.held += 1
            self._moved.notify_all()
            await self._moved.wait_for(lambda: self._open)

    async def holds(self, many: int = 1) -> None:
        """Return when so many calls have come to stand here."""
        async with asyncio.timeout(WAIT_SECONDS), self._moved:
            await self._moved.wait_for(lambda: self.held >= many)

    async def open(self) -> None:
        """Let all go on, and who comes later pass."""
        async with self._moved:
            self._open = True
            self._moved.notify_all()


def gate(p: RunningPortal, method: str, *, times: int | None = 1) -> Authentication:
    """Hold the next calls of a method; every rule of the portal so far is forgotten."""
    made = Authentication()
    p.emulator.faults.sleep = made.pause
    p.faults({"method": method, "kind": "slow", "times": times})
    return made
