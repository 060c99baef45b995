"""The places between door and sender where a crash would hurt most; tests stop the process there for good."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class CrashPoint(StrEnum):
    """Where we are; every step but those of the scheduler is passed by every command with an answer."""

    STORED = "door: the event is on disk, the portal is not answered yet"
    TAKEN = "worker: the event was taken"
    HANDLED = "worker: the handlers have run, nothing is committed"
    COMMITTED = "worker: facts, effects and done are on disk"
    PACKED = "sender: the request is packed"
    MARKED = "sender: it is written down that the request is about to leave"
    ANSWERED = "sender: the portal has answered, nothing is written down"
    SETTLED = "sender: the outcome is on disk"
    RESULT_HANDLED = "worker: the result's handlers have run, nothing is committed"
    RESULT_COMMITTED = "worker: what followed from the result is on disk"
    TIMERS_DUE = "scheduler: timers are due, none has moved"
    TIMERS_MOVED = "scheduler: events are in the inbox, their timers are gone"


CrashHook: TypeAlias = Callable[[CrashPoint], None]
"""Called at every step."""


def no_crash(_step: CrashPoint) -> None:
    """What the service does at a step: nothing."""
