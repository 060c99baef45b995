"""Events that wait to be fetched: those of bots, and those of people who subscribed (reference: E2)."""

from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One event that waits for an Event.get."""

    id: int
    type: str
    date: float
    data: dict[str, Any]


Queue = list[Fetched]


@dataclass(slots=True, kw_only=True)
class Streams:
    """The events of people who called im.v2.Event.subscribe."""

    queues: dict[int, Queue] = field(default_factory=dict)
    """user -> what waits for im.v2.Event.get; a user without a queue has not subscribed."""


def put(queue: Queue, event: Fetched, *, kept: float) -> None:
    """Append an event and forget those older than `kept` seconds."""
    queue.append(event)
    forget(queue, event.date - kept)


def forget(queue: Queue, before: float) -> None:
    """Drop what is as old as a moment, or older."""
    _drop(queue, sum(1 for _ in takewhile(lambda one: one.date <= before, queue)))


def confirm(queue: Queue, offset: int) -> None:
    """Drop every event below an offset: fetching with it says that they arrived (behaviour 6.2)."""
    _drop(queue, sum(1 for _ in takewhile(lambda one: one.id < offset, queue)))


def _drop(queue: Queue, number: int) -> None:
    if number:
        del queue[:number]
