"""`feedbridge run` that is killed, like by kill -9, at a step of the event after SIGUSR1: crashing.py CONFIG STEP."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot import app, config
from bot.crash_points import Step
from bot.observability import log

if __name__ == "__main__":
    settings = config.load(Path(sys.argv[1]), os.environ)
    log.setup(level=settings.log.level, style=settings.log.format)
    end = Step[sys.argv[2]]

    told, armed = set[int](), set[Step]()
    signal.signal(signal.SIGUSR1, lambda number, _frame: told.add(number))

    def die(step: Step) -> None:
        """Leave without a word, as under the kernel's hand; not before an event came in through the door."""
        if told:
            armed.update({step} & {Step.STORED})
        if step is end and armed:
            os.kill(os.getpid(), signal.SIGKILL)

    def ready(address: str) -> None:
        """Tell the test."""
        sys.stdout.write(f"Feedbridge ready: {address}\n")
        sys.stdout.flush()

    asyncio.run(app.run(settings, on_ready=ready, step=die))
