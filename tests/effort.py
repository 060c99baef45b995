"""How much work something is, counted instead of timed: a busy machine does not change it."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


def effort(work: Callable[[], object]) -> int:
    """The lines of Python that it runs, loops and called functions included."""
    lines = 0

    def count(_frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


@contextlib.contextmanager
def hopeless_after(seconds: int) -> Iterator[None]:
    """Break off what would go on for minutes or for ever, inside of regular expressions too; a net, not a stopwatch."""

    def stop(_number: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
