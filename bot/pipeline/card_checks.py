"""Compares the cards in chats with the posts of the feed regularly, because Bitrix24 may lose events.

New posts whose event was lost are relayed too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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
from bot.pipeline.missed_posts import MissedPosts
from bot.pipeline.outages import Outages
from bot.store import Store, StoredMemory

CHECK_EVERY = 240.0
"""Seconds between two rounds of checks; the scheduler starts them, the first one when the service starts."""
NEWEST = 500
"""The number of posts of a portal that one round compares; the newest are taken."""
RESTRICTED = 50
"""The number of restricted posts whose readers are read again at once, the newest in each round.

More would delay the feed's own events, because each post takes a few requests.
"""
OLDER = 10
"""The number of older restricted posts whose readers are read again in one round; each round takes the next ones."""
LOOK_AGAIN = 2.0
"""Seconds between two looks whether the posts of the last portion were checked, so that the next one can follow."""
PORTALS_AT_ONCE = 8
"""The number of portals that are checked at the same time, so that one silent portal does not delay the others."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Checks:
    """Finds posts whose cards may be outdated, and puts a PostToCheck event into the inbox for each post."""

    store: Store
    caller: Caller
    outages: Outages
    clock: Clock
    on_event: Callable[[], None] = lambda: None
    forget: Callable[[PortalId], None] = lambda _portal: None
    """Forgets the cached memberships of a portal, so that a check does not use an answer from before it."""
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PORTALS_AT_ONCE))
    _unchecked: dict[PortalId, list[PostId]] = field(default_factory=dict)
    """Restricted posts of each portal, newest first, whose readers were not read since the service started."""
    _missed: MissedPosts = field(init=False)

    def __post_init__(self) -> None:
        """Make what looks for posts whose event was lost; it remembers how far it got."""
        self._missed = MissedPosts(clock=self.clock, outlast=self._outlast)

    async def check_all(self) -> None:
        """Check the cards of all portals once, and ask for a check of the chats' readers.

        A portal that does not answer is checked again in the next round. After a start, this goes on until every
        restricted post was checked once, because events may have been lost while the service was away.
        """
        ends = self.clock.monotonic() + CHECK_EVERY
        portals = await self._outlast(self.store.portals_with_relay)
        async with asyncio.TaskGroup() as group:
            for portal in portals:
                group.create_task(self._check(portal))
        while any(self._unchecked.get(portal) for portal in portals) and self.clock.monotonic() < ends:
            await asyncio.sleep(LOOK_AGAIN)
            for portal in portals:
                await self._check_next(portal)

    async def _check(self, portal: PortalId) -> None:
        async with self._at_once:
            try:
                known = await self._outlast(partial(self.store.portal, portal))
                if known is None:
                    return
                reads = PortalReads(self.caller, known, EventTokens(), urgency=Priority.DIGEST)
                turn = int(self.clock.wall() // CHECK_EVERY)
                memory = StoredMemory(self.store, portal)
                outdated = await self._outdated(portal, memory, reads, turn=turn)
                missed = await self._missed.find(known, memory, reads, turn=turn)
                now = self.clock.wall()
                events = _events([PostToCheck(portal=portal, post=post) for post in outdated] + missed, now)
                chats = IncomingEvent(
                    event=ChatsToCheck(portal=portal),
                    key=ordering.key_of_check("chats", now),
                    ordering_key=ordering.CHECK,
                )
                self.forget(portal)
                await self._outlast(partial(self.store.receive, [*events, chats], now))
            except BotError as exc:
                log.info("cards.not_checked", portal=portal, error=str(exc))
                return
            self.on_event()

    async def _check_next(self, portal: PortalId) -> None:
        """Ask for the check of the next restricted posts of a portal, unless posts still wait for their check."""
        posts = self._unchecked.get(portal)
        if not posts or await self._outlast(partial(self.store.checks_wait, portal)):
            return
        now = self.clock.wall()
        checks = [PostToCheck(portal=portal, post=post) for post in posts[:RESTRICTED]]
        await self._outlast(partial(self.store.receive, _events(checks, now), now))
        self._unchecked[portal] = posts[RESTRICTED:]
        self.on_event()

    async def _outlast(self, work: Callable[[], Awaitable[T]]) -> T:
        return await self.outages.outlast("card checks", work)

    async def _outdated(self, portal: PortalId, memory: StoredMemory, reads: PortalReads, *, turn: int) -> list[PostId]:
        """Return the posts of a portal that differ from their cards, and in turn some posts for some people only.

        Those are returned without a difference too, because their readers may have changed.
        """
        shown = await self._outlast(partial(memory.posts_with_content, NEWEST))
        outdated: list[PostId] = []
        for start in range(0, len(shown), MOST_IN_A_BATCH):
            some = shown[start : start + MOST_IN_A_BATCH]
            posts = await reads.open_posts([one.post for one in some])
            outdated += [one.post for one in some if not _is_current(one, posts.get(one.post))]
        restricted = [one.post for one in shown if not one.for_all]
        found = list(dict.fromkeys((*outdated, *in_turn(restricted, turn))))
        self._unchecked.setdefault(portal, [post for post in restricted if post not in found])
        return found


def in_turn(posts: list[PostId], turn: int) -> list[PostId]:
    """Return the RESTRICTED newest posts of a list (newest first), and OLDER of the others.

    Each `turn` returns the next ones of the others, and begins again after the oldest post.
    """
    newest, older = posts[:RESTRICTED], posts[RESTRICTED:]
    start = turn * OLDER % len(older) if older else 0
    return newest + (older[start:] + older[:start])[:OLDER]


def _is_current(shown: Shown, post: Post | None) -> bool:
    return post is not None and changes.version(post) == shown.version


def _events(checks: Sequence[PostToCheck], now: float) -> list[IncomingEvent]:
    return [
        IncomingEvent(event=one, key=ordering.key_of_check(str(one.post), now), ordering_key=ordering.of_post(one.post))
        for one in checks
    ]
