"""Queues of events to be fetched: those of bots and those of subscribed people (reference: E2)."""

from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedEvent:
    """One event that waits until Event.get fetches it."""

    id: int
    type: str
    date: float
    data: dict[str, Any]


EventQueue = list[QueuedEvent]


@dataclass(slots=True, kw_only=True)
class Subscriptions:
    """The event queues of people who called im.v2.Event.subscribe."""

    queues: dict[int, EventQueue] = field(default_factory=dict)
    """By user id: the events for im.v2.Event.get; a user who has not subscribed has no queue."""


def put(queue: EventQueue, event: QueuedEvent, *, kept: float) -> None:
    """Append an event to a queue, and delete events that are at least `kept` seconds older."""
    queue.append(event)
    drop_older(queue, event.date - kept)


def drop_older(queue: EventQueue, before: float) -> None:
    """Delete the events of a queue that are older than a Unix time, or exactly that old."""
    _drop(queue, sum(1 for _ in takewhile(lambda one: one.date <= before, queue)))


def drop_below(queue: EventQueue, offset: int) -> None:
    """Delete the events of a queue with an id below an offset.

    A client that fetches with an offset confirms the earlier events (behaviour 6.2).
    """
    _drop(queue, sum(1 for _ in takewhile(lambda one: one.id < offset, queue)))


def _drop(queue: EventQueue, number: int) -> None:
    if number:
        del queue[:number]
