"""Finds new posts that no event has told about, because Bitrix24 sends an event once and may lose it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog

from bot.bitrix.outbound.reads import PortalReads
from bot.clock import Clock
from bot.errors import BotError, PortalDown
from bot.feed.relay import revisions
from bot.model.events import PortalId, PostId, PostToCheck, UserId
from bot.model.records import Follow, KnownPortal
from bot.store import StoredMemory

READERS = 3
"""The number of subscribers whose feed is read in one round, besides the installer's; each round takes the next."""
MOST = 20
"""The most posts that one round relays, the oldest first; the next round takes the next ones."""
PAGES = 20
"""The most pages of a feed that one round reads."""

T = TypeVar("T")
Outlast = Callable[[Callable[[], Awaitable[T]]], Awaitable[T]]
"""Repeats a read of the store until it works."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class MissedPosts:
    """Reads the latest posts in the feeds of the installer and of people who follow, and looks for unknown ones.

    A round reads a feed as far as its pages have unknown posts. As long as more are missing than a round relays, and
    in the first round, it reads everything, because newer posts that are known may stand before those.
    """

    clock: Clock
    outlast: Outlast  # type: ignore[type-arg]
    _caught_up: set[PortalId] = field(default_factory=set)
    """The portals whose last round has relayed everything that it found."""
    _asked: dict[PortalId, Counter[PostId]] = field(default_factory=dict)
    """How many rounds have asked for the check of a post that is still unknown."""

    async def find(
        self, portal: KnownPortal, memory: StoredMemory, reads: PortalReads, *, turn: int
    ) -> list[PostToCheck]:
        """Return a check for each post that is new and that we have never read, the oldest first.

        Each `turn` reads the feeds of the next subscribers. A person without a valid token is left out. If the portal
        does not answer, the next round goes on.
        """
        follows: list[Follow] = await self.outlast(memory.followers)
        if not follows:
            return []
        first = min(follow.since for follow in follows)
        since = max(first, self.clock.wall() - revisions.NEW_FOR) - revisions.CLOCK_SKEW
        looked: dict[PostId, PostToCheck | None] = {}
        complete = True
        for reader in (None, *_in_turn(follows, turn)):
            try:
                await self._look(portal.id, memory, reads, reader=reader, since=since, looked=looked)
            except PortalDown as exc:
                log.info("posts.feed_not_read", portal=portal.id, reader=reader, error=str(exc))
                complete = False
                break
            except BotError as exc:
                log.info("posts.feed_not_read", portal=portal.id, reader=reader, error=str(exc))
        return self._chosen(portal.id, [one for one in looked.values() if one], complete=complete)

    async def _look(
        self,
        portal: PortalId,
        memory: StoredMemory,
        reads: PortalReads,
        *,
        reader: UserId | None,
        since: float,
        looked: dict[PostId, PostToCheck | None],
    ) -> None:
        """Look at the posts of one feed; `looked` gets each post, with its check if it is unknown."""
        start = 0
        for _ in range(PAGES):
            posts, start = await reads.latest_posts(since, reader=reader, start=start)
            unknown = False
            for post in posts:
                if post not in looked:
                    seen = await self.outlast(partial(memory.post, post))
                    looked[post] = None if seen else PostToCheck(portal=portal, post=post, reader=reader)
                unknown = unknown or looked[post] is not None
            if not start or (portal in self._caught_up and not unknown):
                return

    def _chosen(self, portal: PortalId, found: list[PostToCheck], *, complete: bool) -> list[PostToCheck]:
        """Return the oldest checks; those that an earlier round has asked for already are the last."""
        asked = self._asked.get(portal, Counter[PostId]())
        chosen = sorted(found, key=lambda one: (asked[one.post], one.post))[:MOST]
        self._asked[portal] = Counter({one.post: asked[one.post] + (one in chosen) for one in found})
        if complete and len(found) == len(chosen):
            self._caught_up.add(portal)
        else:
            self._caught_up.discard(portal)
        if found:
            log.info("posts.missed", portal=portal, posts=len(found), now=len(chosen))
        return sorted(chosen, key=lambda one: one.post)


def _in_turn(follows: list[Follow], turn: int) -> list[UserId]:
    """Return the next READERS of the people who follow in private or have subscribed a group."""
    people = sorted({UserId(int(one.dialog)) if one.dialog.isdigit() else one.owner for one in follows})
    start = turn * READERS % len(people)
    return (people[start:] + people[:start])[:READERS]
