"""Counts the work of a function instead of timing it, so that a busy machine makes no difference."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


def effort(work: Callable[[], object]) -> int:
    """Count the lines of Python that run, with loops and called functions."""
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
    """Stop what would run for minutes or endlessly, also inside regular expressions; only a safety net."""

    def stop(_number: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
