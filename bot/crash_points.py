"""Names the crash points at which tests kill the process."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class CrashPoint(StrEnum):
    """The points at which a test can kill the process.

    A command that is answered passes all of them, except those of the scheduler.
    """

    STORED = "webhook: the event is on disk, the portal is not answered yet"
    TAKEN = "worker: the event was claimed"
    HANDLED = "worker: the handlers have run, nothing is committed"
    COMMITTED = 'worker: state changes, effects and "event done" are on disk'
    PACKED = "sender: the request is packed"
    MARKED = "sender: the attempt is marked on disk, the request is not sent yet"
    ANSWERED = "sender: the portal has answered, nothing is stored"
    SETTLED = "sender: the outcome is on disk"
    RESULT_HANDLED = "worker: the result's handlers have run, nothing is committed"
    RESULT_COMMITTED = "worker: the effects of the result are on disk"
    TIMERS_DUE = "scheduler: timers are due, their events are not stored yet"
    TIMERS_MOVED = "scheduler: events are in the inbox, their timers are deleted"


CrashHook: TypeAlias = Callable[[CrashPoint], None]
"""Called at every crash point."""


def no_crash(_point: CrashPoint) -> None:
    """Do nothing at a crash point; outside of tests the service runs with this function."""
