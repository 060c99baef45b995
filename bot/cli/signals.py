"""Runs a coroutine until it ends or a signal stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence


def until_signal(work: Coroutine[object, object, None], *more: signal.Signals) -> None:
    """Run a coroutine until it ends, or until a signal (SIGTERM, SIGINT or one of `more`) cancels it."""
    asyncio.run(_until_cancelled(work, (signal.SIGTERM, signal.SIGINT, *more)))


async def _until_cancelled(work: Coroutine[object, object, None], signals: Sequence[signal.Signals]) -> None:
    stopped = False
    task = asyncio.ensure_future(work)

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
