"""Tells everyone who waits or watches that something changed: the page's stream, and tests."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Change = dict[str, Any]
Found = TypeVar("Found")
PATIENCE = 20.0
"""Seconds a test waits to see something: room for a busy machine, as only what never comes takes so long."""
END: Change = {"type": "end"}
WATCHED = 1000
"""How many changes a slow watcher may fall behind before it loses the oldest."""


class Hub:
    """Changes go to every watcher; waiters are woken to look again. Nothing is polled."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[Change]] = set()
        self._waiting: set[asyncio.Future[None]] = set()

    def publish(self, change: Change) -> None:
        """Tell of a change: {"type": ..., and what it concerns}."""
        for queue in self._watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def end(self) -> None:
        """Tell every watcher that nothing more will come."""
        self.publish(END)

    @contextmanager
    def watching(self) -> Iterator[asyncio.Queue[Change]]:
        """Give a queue of the changes from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue(WATCHED)
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)

    async def until(self, look: Callable[[], Found | None], *, within: float) -> Found | None:
        """Return what `look` finds, looking now and after every change; None when it found nothing in time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while (found := look()) is None:
            changed: asyncio.Future[None] = loop.create_future()
            self._waiting.add(changed)
            try:
                await asyncio.wait_for(changed, max(0.0, end - loop.time()))
            except TimeoutError:
                return look()
            finally:
                self._waiting.discard(changed)
        return found
