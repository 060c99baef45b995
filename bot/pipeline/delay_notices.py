"""Whoever waits long for a deed of theirs is told once: an event for each deed that is still to be done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.pipeline import outcomes
from bot.pipeline.outages import Outages
from bot.store import Store

LOOK_EVERY = 1.0


@dataclass(slots=True, kw_only=True)
class DelayNotices:
    """Looks for what people wait for, however it comes that it waits: put off, behind another, or a bucket is full."""

    store: Store
    outages: Outages
    clock: Clock
    after: float
    every: float = LOOK_EVERY
    on_event: Callable[[], None] = lambda: None

    async def serve(self) -> None:
        """Look, for ever."""
        while True:
            await self.outages.outlast("delay notices", self.look)
            await asyncio.sleep(self.every)

    async def look(self) -> None:
        """Put an event into the inbox for each late deed that has none yet."""
        now = self.clock.wall()
        if late := await self.store.late_user_actions(before=now - self.after):
            await self.store.receive([outcomes.late(row) for row in late], now)
            self.on_event()
