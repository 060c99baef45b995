"""Compares what stands in chats with the feed: events that were lost, or came while we were away, tell nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog

from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.calls import MOST_IN_A_BATCH
from bot.bitrix.outbound.reads import PortalReads
from bot.clock import Clock
from bot.errors import BotError
from bot.feed.relay import changes
from bot.model import ordering
from bot.model.effects import Priority
from bot.model.events import ChatsToCheck, EventTokens, PortalId, PostId, PostToCheck
from bot.model.queued import IncomingEvent
from bot.model.records import Post, Shown
from bot.pipeline.outages import Outages
from bot.store import Store, StoredMemory

CHECK_EVERY = 240.0
"""Seconds from one round to the next; the scheduler starts the rounds, the first one at the start."""
NEWEST = 500
"""Posts of a portal that are compared in one round, the newest."""
RESTRICTED = 50
"""Newest posts that are not for all: their readers are asked again in each round, a few requests for each post."""
OLDER = 10
"""Older posts that are not for all whose readers are asked again in one round, in turn."""
AT_ONCE = 8
"""Portals that are checked at the same time: one that does not answer must not delay all others."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Checks:
    """Finds posts whose cards may be out of date and puts an event into the inbox for each."""

    store: Store
    caller: Caller
    outages: Outages
    clock: Clock
    on_event: Callable[[], None] = lambda: None
    forget: Callable[[PortalId], None] = lambda _portal: None
    """Forgets who belongs to what on a portal: a check must not rest on an answer from before it."""
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _round: int = 0

    async def look(self) -> None:
        """Check every portal once; one that fails is checked in the next round."""
        portals = await self._outlast(self.store.portals_with_content)
        async with asyncio.TaskGroup() as group:
            for portal in portals:
                group.create_task(self._check(portal))
        self._round += 1

    async def _check(self, portal: PortalId) -> None:
        async with self._at_once:
            try:
                found = await self._outdated(portal)
                now = self.clock.wall()
                events = [_event(portal, post, now) for post in found]
                chats = IncomingEvent(
                    event=ChatsToCheck(portal=portal),
                    key=ordering.key_of_check("chats", now),
                    ordering_key=ordering.CHECK,
                )
                self.forget(portal)
                await self._outlast(partial(self.store.receive, [*events, chats], now))
            except BotError as exc:
                log.info("cards cannot be checked now", portal=portal, error=str(exc))
                return
            self.on_event()

    async def _outlast(self, work: Callable[[], Awaitable[T]]) -> T:
        return await self.outages.outlast("card checks", work)

    async def _outdated(self, portal: PortalId) -> list[PostId]:
        """Return posts that are not as they stand, and some of those whose readers may have gone."""
        known = await self._outlast(partial(self.store.portal, portal))
        if known is None:
            return []
        memory = StoredMemory(self.store, portal)
        shown = await self._outlast(partial(memory.posts_with_content, NEWEST))
        reads = PortalReads(self.caller, known, EventTokens(), urgency=Priority.DIGEST)
        wrong: list[PostId] = []
        for start in range(0, len(shown), MOST_IN_A_BATCH):
            some = shown[start : start + MOST_IN_A_BATCH]
            posts = await reads.open_posts([one.post for one in some])
            wrong += [one.post for one in some if not _is_true(one, posts.get(one.post))]
        restricted = [one.post for one in shown if not one.for_all]
        return list(dict.fromkeys((*wrong, *in_turn(restricted, self._round))))


def in_turn(posts: list[PostId], turn: int) -> list[PostId]:
    """Return the newest of some posts, and a few of the others: each turn the next ones."""
    newest, older = posts[:RESTRICTED], posts[RESTRICTED:]
    start = turn * OLDER % len(older) if older else 0
    return newest + (older[start:] + older[:start])[:OLDER]


def _is_true(shown: Shown, post: Post | None) -> bool:
    return post is not None and changes.version(post) == shown.version


def _event(portal: PortalId, post: PostId, now: float) -> IncomingEvent:
    event = PostToCheck(portal=portal, post=post)
    return IncomingEvent(event=event, key=ordering.key_of_check(str(post), now), ordering_key=ordering.of_post(post))
