"""Publish changes of the portal to the web page and to waiting tests."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Change = dict[str, Any]
Found = TypeVar("Found")
WAIT_SECONDS = 20.0
"""Seconds that a test waits by default; long enough for a slow machine, because only failing tests wait so long."""
END: Change = {"type": "end"}
MAX_UNREAD = 1000
"""Largest number of changes that wait for a slow watcher; then each new change replaces the oldest one."""


class Hub:
    """Sends each change to all watchers and wakes all waiting callers; nothing is polled."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[Change]] = set()
        self._waiting: set[asyncio.Future[None]] = set()

    def publish(self, change: Change) -> None:
        """Send a change to all watchers and wake all waiting callers.

        A change is an object with `type`, and with the ids of what has changed.
        """
        for queue in self._watchers:
            # A watcher that does not read must not make the portal wait or grow without limit.
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def end(self) -> None:
        """Tell all watchers that no more changes follow."""
        self.publish(END)

    @contextmanager
    def watching(self) -> Iterator[asyncio.Queue[Change]]:
        """Provide a queue that receives all changes until the block ends."""
        queue: asyncio.Queue[Change] = asyncio.Queue(MAX_UNREAD)
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)

    async def until(self, look: Callable[[], Found | None], *, within: float) -> Found | None:
        """Return the first value of `look` that is not None, or None after `within` seconds.

        `look` is called now and after every change.
        """
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
