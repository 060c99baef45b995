"""`feedbridge run` that is killed, like by kill -9, at a step of the event after SIGUSR1: crashing.py CONFIG STEP."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot import app, config
from bot.crash_points import CrashPoint
from bot.observability import log

if __name__ == "__main__":
    settings = config.load(Path(sys.argv[1]), os.environ)
    log.setup(level=settings.log.level, style=settings.log.format)
    end = CrashPoint[sys.argv[2]]

    told, armed = set[int](), set[CrashPoint]()
    signal.signal(signal.SIGUSR1, lambda number, _frame: told.add(number))

    def die(crash_hook: CrashPoint) -> None:
        """Leave without a word, as under the kernel's hand; not before an event came in through the door."""
        if told:
            armed.update({crash_hook} & {CrashPoint.STORED})
        if crash_hook is end and armed:
            os.kill(os.getpid(), signal.SIGKILL)

    def ready(address: str) -> None:
        """Tell the test."""
        sys.stdout.write(f"Feedbridge ready: {address}\n")
        sys.stdout.flush()

    asyncio.run(app.run(settings, on_ready=ready, crash_hook=die))
