"""Finds new posts that no event has told about, because Bitrix24 sends an event once and may lose it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog

from bot.bitrix.outbound.reads import PortalReads
from bot.clock import Clock
from bot.errors import BotError
from bot.feed.relay import revisions
from bot.model.events import PostId, PostToCheck, UserId
from bot.model.records import Follow, KnownPortal
from bot.store import StoredMemory

READERS = 3
"""The number of subscribers whose feed is read in one round, besides the installer's; each round takes the next."""
MOST = 20
"""The most posts that one round relays, the oldest first; the next round takes the next ones."""

T = TypeVar("T")
Outlast = Callable[[Callable[[], Awaitable[T]]], Awaitable[T]]
"""Repeats a read of the store until it works."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedPosts:
    """Reads the latest posts in the feeds of the installer and of people who follow, and looks for unknown ones."""

    clock: Clock
    outlast: Outlast  # type: ignore[type-arg]

    async def find(
        self, portal: KnownPortal, memory: StoredMemory, reads: PortalReads, *, turn: int
    ) -> list[PostToCheck]:
        """Return a check for each post that is new and that we have never read, the oldest first.

        Each `turn` reads the feeds of the next subscribers. A person without a valid token is left out.

        Raises:
            PortalDown: the portal did not answer.
        """
        follows: list[Follow] = await self.outlast(memory.followers)
        if not follows:
            return []
        found: dict[PostId, PostToCheck] = {}
        first = min(follow.since for follow in follows)
        since = max(first, self.clock.wall() - revisions.NEW_FOR) - revisions.CLOCK_SKEW
        for reader in (None, *_in_turn(follows, turn)):
            for post in await self._latest(reads, reader, since):
                if post not in found and await self.outlast(partial(memory.post, post)) is None:
                    found[post] = PostToCheck(portal=portal.id, post=post, reader=reader)
        missed = [found[post] for post in sorted(found)][:MOST]
        if missed:
            log.info("posts.missed", portal=portal.id, posts=len(missed))
        return missed

    async def _latest(self, reads: PortalReads, reader: UserId | None, since: float) -> list[PostId]:
        try:
            return await reads.latest_posts(since, reader=reader)
        except BotError as exc:
            if reader is None:
                raise
            log.info("posts.feed_not_read", reader=reader, error=str(exc))
            return []


def _in_turn(follows: list[Follow], turn: int) -> list[UserId]:
    """Return the next READERS of the people who follow in private or have subscribed a group."""
    people = sorted({UserId(int(one.dialog)) if one.dialog.isdigit() else one.owner for one in follows})
    start = turn * READERS % len(people)
    return (people[start:] + people[:start])[:READERS]
