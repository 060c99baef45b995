"""One portal's events in memory: a queue for each lane, whose turn it is, and for how many more there is room.

What people wait for comes before what the feed tells: a company that writes a thousand posts must not silence its bot.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.model import ordering
from bot.model.events import Installed, PostUpdated
from bot.model.queued import WaitingEvent

READY = 500
"""Events of a portal held at once that could be handled now, of its feed and of all else each; the rest is on disk."""
MOST = 2_000
"""The same with those of lanes that rest, until a method is free again, say: they must not keep others on disk."""

Turns: TypeAlias = dict[str, asyncio.Future[None]]


@dataclass(slots=True)
class OrderedQueues:
    """Queues of waiting events, in order of arrival; `places` lanes are served at once, of the feed's half as many.

    `left` says after which id the feed's events (True), or all others (False), have to be read from disk again: there
    was no room for all of them when they came by.
    """

    places: int
    left: dict[bool, int] = field(default_factory=dict)
    _ahead: set[int] = field(default_factory=set)
    _queues: dict[str, deque[WaitingEvent]] = field(default_factory=dict)
    _resting: set[str] = field(default_factory=set)
    _held: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    _line: tuple[Turns, Turns] = field(default_factory=lambda: ({}, {}))
    _inside: dict[str, bool] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to remember."""
        return not (self._queues or self.left)

    # --- what is held ------------------------------------------------------------------------------

    def room(self, feed: bool) -> int:  # noqa: FBT001 - the same key as of `left`
        """How many more events of the feed, or others, may be held; not above 0 where there is no room."""
        ready, resting = self._held[feed, False], self._held[feed, True]
        return min(READY - ready, MOST - ready - resting)

    def admit(self, row: WaitingEvent) -> bool:
        """Whether an event that comes by for the first time is to be entered; one that is not will be read again.

        A result that a person waits for goes ahead of what is left of its post's lane: which of the two comes first
        was up to the portal anyway.
        """
        feed = row.ordering_key.startswith(ordering.POST)
        if feed not in self.left and self.room(feed) > 0:
            return True
        self.left.setdefault(feed, row.id - 1)
        if feed and not row.of_feed and self.room(feed=False) > 0:
            self._ahead.add(row.id)
            return True
        return False

    def read_again(self, feed: bool, rows: Sequence[WaitingEvent]) -> list[WaitingEvent]:  # noqa: FBT001
        """Those of the next left ones that were not entered ahead; where there are none, nothing is left any more."""
        if rows:
            self.left[feed] = rows[-1].id
        else:
            del self.left[feed]
            self._ahead = set() if feed else self._ahead
        return [row for row in rows if row.id not in self._ahead]

    def enter(self, row: WaitingEvent) -> bool:
        """Put an event at the end of its lane; gives whether somebody has to begin to serve it."""
        self._count(row, row.ordering_key in self._resting, 1)
        if row.ordering_key not in self._queues:
            self._queues[row.ordering_key] = deque([row])
            return True
        self._queues[row.ordering_key].append(row)
        if not row.of_feed and (turn := self._line[True].pop(row.ordering_key, None)):
            self._line[False][row.ordering_key] = turn
            self._let_in()
        return False

    def first(self, ordering_key: str) -> WaitingEvent | None:
        """The event whose turn it is; a lane in which nothing is left is forgotten."""
        if self._queues[ordering_key]:
            return self._queues[ordering_key][0]
        del self._queues[ordering_key]
        return None

    def is_told_again(self, ordering_key: str) -> bool:
        """Whether the next event says the same: an edit of a post, an installation with one application_token."""
        first, *after = itertools.islice(self._queues[ordering_key], 2)
        if not after or type(first.event) is not type(after[0].event):
            return False
        if isinstance(first.event, Installed):
            return first.event_tokens.application_token == after[0].event_tokens.application_token
        return isinstance(first.event, PostUpdated)

    def leave(self, ordering_key: str) -> None:
        """The first event of a lane is done."""
        self._count(self._queues[ordering_key].popleft(), ordering_key in self._resting, -1)

    @contextmanager
    def resting(self, ordering_key: str) -> Iterator[None]:
        """While a lane rests its events make room for others."""
        self._move(ordering_key, resting=True)
        yield
        self._move(ordering_key, resting=False)

    def _move(self, ordering_key: str, *, resting: bool) -> None:
        for row in self._queues[ordering_key]:
            self._count(row, not resting, -1)
            self._count(row, resting, 1)
        (self._resting.add if resting else self._resting.discard)(ordering_key)

    def _count(self, row: WaitingEvent, resting: bool, many: int) -> None:  # noqa: FBT001
        self._held[row.of_feed, resting] += many

    # --- who is served -----------------------------------------------------------------------------

    @asynccontextmanager
    async def place(self, ordering_key: str) -> AsyncIterator[None]:
        """One of the places, in order of asking; a lane in which people wait for something before those of the feed."""
        of_feed = all(row.of_feed for row in self._queues[ordering_key])
        turn = self._line[of_feed][ordering_key] = asyncio.get_running_loop().create_future()
        self._let_in()
        try:
            await turn
            yield
        finally:
            for line in self._line:
                line.pop(ordering_key, None)
            self._inside.pop(ordering_key, None)
            self._let_in()

    def _let_in(self) -> None:
        while len(self._inside) < self.places and (found := self._next()):
            ordering_key, of_feed = found
            self._inside[ordering_key] = of_feed
            turn = self._line[of_feed].pop(ordering_key)
            if not turn.done():  # not even cancelled
                turn.set_result(None)

    def _next(self) -> tuple[str, bool] | None:
        people, feed = self._line
        if people:
            return next(iter(people)), False
        if feed and sum(self._inside.values()) < max(1, self.places // 2):
            return next(iter(feed)), True
        return None
