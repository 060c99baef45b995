"""Which events are in memory: a queue for each lane, and for how many more there is room."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.events import PostUpdated
from bot.rows import WaitingEvent

Lane: TypeAlias = tuple[str, str]
"""A portal and a lane of it."""
READY = 1_000
"""Events held at once that could be handled now; the rest wait on disk."""
MOST = 20_000
"""The same with those of lanes that rest, until a portal is back, say: they must not keep others' on disk."""


@dataclass(slots=True)
class Lanes:
    """Queues of waiting events, in order of arrival."""

    _queues: dict[Lane, deque[WaitingEvent]] = field(default_factory=dict)
    _resting: set[Lane] = field(default_factory=set)
    _ready: int = 0
    _rested: int = 0

    def room(self) -> int:
        """How many more events may be held; not above 0 where there is no room."""
        return min(READY - self._ready, MOST - self._ready - self._rested)

    def enter(self, row: WaitingEvent) -> Lane | None:
        """Put an event at the end of its lane; gives the lane where somebody has to begin to serve it."""
        lane = (row.portal, row.lane)
        self._count(lane, 1)
        if lane in self._queues:
            self._queues[lane].append(row)
            return None
        self._queues[lane] = deque([row])
        return lane

    def first(self, lane: Lane) -> WaitingEvent | None:
        """The event whose turn it is; a lane in which nothing is left is forgotten."""
        if self._queues[lane]:
            return self._queues[lane][0]
        del self._queues[lane]
        return None

    def is_told_again(self, lane: Lane) -> bool:
        """Whether the first event is an edit and the next is another of the same post: to look once is enough."""
        return [type(row.event) for row in itertools.islice(self._queues[lane], 2)] == [PostUpdated, PostUpdated]

    def leave(self, lane: Lane) -> None:
        """The first event of a lane is done."""
        self._queues[lane].popleft()
        self._count(lane, -1)

    @contextmanager
    def resting(self, lane: Lane) -> Iterator[None]:
        """While a lane rests its events make room for others'."""
        self._count(lane, -len(self._queues[lane]))
        self._resting.add(lane)
        self._count(lane, len(self._queues[lane]))
        yield
        self._count(lane, -len(self._queues[lane]))
        self._resting.discard(lane)
        self._count(lane, len(self._queues[lane]))

    def _count(self, lane: Lane, many: int) -> None:
        if lane in self._resting:
            self._rested += many
        else:
            self._ready += many
