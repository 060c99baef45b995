"""Looking for what an earlier attempt may have done, before it is done twice."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.reads import post_of
from bot.bitrix.walk import Entry, Mark, Walk
from bot.clock import Clock
from bot.errors import PortalDown
from bot.model import effects, ordering
from bot.model.events import PortalId
from bot.model.queued import WaitingEffect
from bot.model.records import KnownPortal
from bot.retry import GIVE_UP

ROUGHLY = 120
"""Seconds by which we may be wrong about a portal's clock: it is measured by the answer to the very look."""
REMEMBERED = 100
"""Lists whose pages are kept in memory; the one that was begun first is forgotten first."""

Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where an effect's result is listed, and the mark of a row that may be it."""

    key: Key
    method: str
    params: dict[str, Any]
    date: str
    mark: Mark
    ours: bytes


@dataclass(slots=True)
class Search:
    """Finds posts and comments by author, text and time; what belongs to another effect of ours is not taken.

    `made` gives the ids that came out of our effects of one kind since a time. Searches of one list share its pages.
    """

    caller: Caller
    made: Callable[[PortalId, str, float], Awaitable[set[int]]]
    clock: Clock
    _walks: dict[Key, Walk] = field(default_factory=dict)
    _over: dict[int, float] = field(default_factory=dict)
    _found: dict[tuple[PortalId, str, int], int] = field(default_factory=dict)

    async def find(self, portal: KnownPortal, row: WaitingEffect, taken: AbstractSet[int]) -> int | None:
        """The id of what the effect made; None only when everything since was seen and it is not there.

        `taken` is what was found for others just now.

        Raises:
            PortalError, PortalDown: it could not be looked for; nothing was changed.
        """
        wanted = row.effect
        if not isinstance(wanted, ordering.LOOKED_FOR):
            return None
        listing = _listing(row, wanted)
        try:
            candidates = await self._candidates(portal, row, listing, wanted.since - ROUGHLY)
        except PortalDown as exc:
            raise PortalDown(str(exc), outcome_unknown=False) from exc
        others = taken | await self.made(row.portal, row.kind, wanted.since - ROUGHLY - GIVE_UP)
        self._over.pop(row.id, None)
        return next((one.id for one in candidates if one.id not in others and self._take(row, one.id)), None)

    async def _candidates(self, portal: KnownPortal, row: WaitingEffect, listing: Listing, since: float) -> list[Entry]:
        """The rows that may be it, the newest first."""

        async def ask(start: int) -> dict[str, Any]:
            params = listing.params | ({"start": start} if start else {})
            return await self.caller.call(
                portal, listing.method, params, token_owner=row.token_owner, urgency=row.urgency, sends=True
            )

        walk = self._walk(listing, row)
        async with walk.lock:
            by_its_clock = await walk.back_to(since, ask, clock=self.clock)
        found = [one for one in walk.entries.values() if one.at >= by_its_clock and one.mark == listing.ours]
        return sorted(found, key=lambda one: one.id, reverse=True)

    def _walk(self, listing: Listing, row: WaitingEffect) -> Walk:
        """The pages that were read of this list, if reading began after the effect's request was over.

        A search that was cut short puts the effect off; what it had read by then still counts.
        """
        over = self._over.setdefault(row.id, row.due_at)
        walk = self._walks.get(listing.key)
        if walk is None or walk.began < over:
            self._walks.pop(listing.key, None)
            walk = self._walks[listing.key] = Walk(began=self.clock.wall(), date=listing.date, mark=listing.mark)
            if len(self._walks) > REMEMBERED:
                del self._walks[next(iter(self._walks))]
        return walk

    def _take(self, row: WaitingEffect, found: int) -> bool:
        """Whether this effect may have it: two that are looked for at one time do not share one post."""
        if len(self._found) > REMEMBERED * 100:
            del self._found[next(iter(self._found))]
        return self._found.setdefault((row.portal, row.kind, found), row.id) == row.id


def _listing(row: WaitingEffect, wanted: effects.Publish | effects.CrmComment) -> Listing:
    if isinstance(wanted, effects.Publish):
        return _posts(row, wanted)
    return _comments(row, wanted)


def _posts(row: WaitingEffect, wanted: effects.Publish) -> Listing:
    return Listing(
        key=(row.portal, row.token_owner, "posts", *sorted(wanted.dest)), method="log.blogpost.get",
        params={"LOG_RIGHTS": wanted.dest}, date="DATE_PUBLISH", mark=_mark_of_post,
        ours=_mark(wanted.user, wanted.text),
    )  # fmt: skip


def _comments(row: WaitingEffect, wanted: effects.CrmComment) -> Listing:
    entity = wanted.entity
    of_card = {"ENTITY_ID": entity.id, "ENTITY_TYPE": entity.type}
    return Listing(
        key=(row.portal, row.token_owner, entity.type, entity.id), method="crm.timeline.comment.list",
        params={"filter": of_card, "order": {"ID": "DESC"}}, date="CREATED", mark=_mark_of_comment,
        ours=_mark(wanted.user, wanted.text),
    )  # fmt: skip


def _mark_of_post(fields: dict[str, Any]) -> bytes:
    post = post_of(fields)
    return _mark(post.author, post.text) if post else b""


def _mark_of_comment(fields: dict[str, Any]) -> bytes:
    return _mark(fields.get("AUTHOR_ID"), fields.get("COMMENT"))


def _mark(author: object, text: object) -> bytes:
    """Author and words, short enough to keep thousands; texts are the same when their words are: a portal rewraps."""
    words = " ".join(str(text or "").split())
    return hashlib.sha256(f"{author}:{words}".encode("utf-8", "surrogatepass")).digest()
