"""Run `feedbridge run` and kill it at a crash point of the event after SIGUSR1: tests.crashing CONFIG POINT."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot import app, config
from bot.crash_points import CrashPoint
from bot.observability import log

if __name__ == "__main__":
    settings = config.load(Path(sys.argv[1]), os.environ)
    log.setup(level=settings.log.level, style=settings.log.format)
    end = CrashPoint[sys.argv[2]]

    told, armed = set[int](), set[CrashPoint]()
    signal.signal(signal.SIGUSR1, lambda number, _frame: told.add(number))

    def die(point: CrashPoint) -> None:
        """Exit at once, as with kill -9, but only after an event was received."""
        if told:
            armed.update({point} & {CrashPoint.STORED})
        if point is end and armed:
            os.kill(os.getpid(), signal.SIGKILL)

    def ready(address: str) -> None:
        """Tell the test that the service is ready."""
        sys.stdout.write(f"Feedbridge ready: {address}\n")
        sys.stdout.flush()

    asyncio.run(app.run(settings, on_ready=ready, crash_hook=die))
