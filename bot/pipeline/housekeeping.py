"""Delete old rows from the store once an hour."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from bot.errors import StoreError
from bot.store import Store

INTERVAL = 3600.0
"""Seconds between two rounds."""


async def housekeeping(store: Store, now: Callable[[], float]) -> None:
    """Delete old rows every hour until cancelled."""
    while True:
        with contextlib.suppress(StoreError):  # the next round tries again
            await store.forget_old(now())
        await asyncio.sleep(INTERVAL)
