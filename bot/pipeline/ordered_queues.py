"""Holds the waiting events of one portal in memory: a queue for each ordering key, with limits.

Events that people wait for come before events of the feed, so that the bot still answers while a company writes a
thousand posts.
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
"""The most events of a portal in memory that could be handled now: so many of its feed, and so many others.

More events stay on disk.
"""
MOST = 2_000
"""The most events of a portal in memory, including those in queues that rest (for example after a failed attempt).

Events that rest must not keep the others on disk, so they do not count towards READY.
"""

Turns: TypeAlias = dict[str, asyncio.Future[None]]


@dataclass(slots=True)
class OrderedQueues:
    """Holds a queue of waiting events for each ordering key, in the order of their ids.

    At most `slots` ordering keys are served at once, and at most half of the slots serve keys of the feed.
    `left_on_disk` says which events are not in memory, because there were more than the limit: its key is True for
    events of the feed and False for all others, its value the id after which they must be read from disk.
    """

    slots: int
    left_on_disk: dict[bool, int] = field(default_factory=dict)
    _ahead: set[int] = field(default_factory=set)
    _queues: dict[str, deque[WaitingEvent]] = field(default_factory=dict)
    _resting: set[str] = field(default_factory=set)
    _held: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    _asking: tuple[Turns, Turns] = field(default_factory=lambda: ({}, {}))
    """The keys that wait for a slot: those of people, and those of the feed."""
    _served: dict[str, bool] = field(default_factory=dict)
    """The keys that have a slot; True: a key of the feed."""

    @property
    def idle(self) -> bool:
        """Check whether the portal has no waiting event, neither in memory nor left on disk."""
        return not (self._queues or self.left_on_disk)

    # --- The events in memory ----------------------------------------------------------------------

    def capacity(self, feed: bool) -> int:  # noqa: FBT001 - the same key as in `left_on_disk`
        """Return how many more events may be held in memory: of the feed, or of the others.

        0 or a negative number means that no more may be held.
        """
        ready, resting = self._held[feed, False], self._held[feed, True]
        return min(READY - ready, MOST - ready - resting)

    def admit(self, row: WaitingEvent) -> bool:
        """Decide whether a new event is held in memory; if not, it stays on disk and is read later."""
        feed = row.ordering_key.startswith(ordering.POST)
        if feed not in self.left_on_disk and self.capacity(feed) > 0:
            return True
        self.left_on_disk.setdefault(feed, row.id - 1)
        # A result that a person waits for may overtake events of the same post that are left on disk: the portal does
        # not promise an order between the two.
        if feed and not row.of_feed and self.capacity(feed=False) > 0:
            self._ahead.add(row.id)
            return True
        return False

    def read_again(self, feed: bool, rows: Sequence[WaitingEvent]) -> list[WaitingEvent]:  # noqa: FBT001
        """Return those of the events that were just read from disk that are not in memory already.

        Later reads begin after the last of `rows`. If `rows` is empty, no more events are left on disk.
        """
        if rows:
            self.left_on_disk[feed] = rows[-1].id
        else:
            del self.left_on_disk[feed]
            self._ahead = set() if feed else self._ahead
        return [row for row in rows if row.id not in self._ahead]

    def enter(self, row: WaitingEvent) -> bool:
        """Put an event at the end of its queue; return True if the queue is new, so that a task must serve it."""
        self._count(row, row.ordering_key in self._resting, 1)
        if row.ordering_key not in self._queues:
            self._queues[row.ordering_key] = deque([row])
            return True
        self._queues[row.ordering_key].append(row)
        # A person waits for this queue of the feed now, so it asks for a slot together with the queues of people.
        if not row.of_feed and (turn := self._asking[True].pop(row.ordering_key, None)):
            self._asking[False][row.ordering_key] = turn
            self._assign_slots()
        return False

    def first(self, ordering_key: str) -> WaitingEvent | None:
        """Return the first event of a queue; if there is none, remove the queue and return None."""
        if self._queues[ordering_key]:
            return self._queues[ordering_key][0]
        del self._queues[ordering_key]
        return None

    def is_repeated(self, ordering_key: str) -> bool:
        """Check whether the first event of a queue need not be handled, because the second one will do the same.

        This is so if both are edits of the same post, or installations with the same application_token.
        """
        first, *after = itertools.islice(self._queues[ordering_key], 2)
        if not after or type(first.event) is not type(after[0].event):
            return False
        if isinstance(first.event, Installed):
            return first.event_tokens.application_token == after[0].event_tokens.application_token
        return isinstance(first.event, PostUpdated)

    def leave(self, ordering_key: str) -> None:
        """Remove the first event of a queue, which is done or dead."""
        self._count(self._queues[ordering_key].popleft(), ordering_key in self._resting, -1)

    @contextmanager
    def resting(self, ordering_key: str) -> Iterator[None]:
        """Let a queue rest while this context is open: its events do not count towards READY then."""
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

    # --- The queues that are served ----------------------------------------------------------------

    @asynccontextmanager
    async def slot(self, ordering_key: str) -> AsyncIterator[None]:
        """Wait until a queue may be served, and keep its slot while this context is open.

        Queues that people wait for get a slot first, then those of the feed.
        """
        of_feed = all(row.of_feed for row in self._queues[ordering_key])
        turn = self._asking[of_feed][ordering_key] = asyncio.get_running_loop().create_future()
        self._assign_slots()
        try:
            await turn
            yield
        finally:
            for keys in self._asking:
                keys.pop(ordering_key, None)
            self._served.pop(ordering_key, None)
            self._assign_slots()

    def _assign_slots(self) -> None:
        while len(self._served) < self.slots and (found := self._next()):
            ordering_key, of_feed = found
            self._served[ordering_key] = of_feed
            turn = self._asking[of_feed].pop(ordering_key)
            if not turn.done():  # the task may have been cancelled
                turn.set_result(None)

    def _next(self) -> tuple[str, bool] | None:
        people, feed = self._asking
        if people:
            return next(iter(people)), False
        if feed and sum(self._served.values()) < max(1, self.slots // 2):
            return next(iter(feed)), True
        return None
