"""Looks on the portal for a post or comment that an earlier attempt may have created."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.posts import earlier, scanning
from bot.bitrix.outbound.rows import post_of
from bot.bitrix.walk import Entry, Mark, Walk
from bot.clock import Clock
from bot.errors import PortalDown
from bot.model import effects, ordering
from bot.model.events import PortalId
from bot.model.queued import WaitingEffect
from bot.model.records import KnownPortal
from bot.retry import GIVE_UP

CLOCK_ERROR = 120
"""Seconds by which our measure of a portal's clock may be wrong."""
REMEMBERED = 100
"""The most lists whose pages are kept in memory; the oldest is dropped first."""

Key = tuple[Hashable, ...]
Found = tuple[str, int]
"""The kind of an effect, and the id of the object that it created or changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Says in which list of the portal an effect's result would be, and which digest its row would have (`ours`)."""

    key: Key
    method: str
    params: dict[str, Any]
    date: str
    mark: Mark
    ours: bytes


@dataclass(slots=True)
class Search:
    """Finds out whether an earlier attempt has worked: posts and comments are found by author, text and time.

    `made` returns the ids that our other effects of one kind created since a time; they are not taken for the result.
    Searches in one list share the pages that were read.
    """

    caller: Caller
    made: Callable[[PortalId, str, float], Awaitable[set[int]]]
    clock: Clock
    _walks: dict[Key, Walk] = field(default_factory=dict)
    _request_ended: dict[int, float] = field(default_factory=dict)
    _found: dict[tuple[PortalId, str, int], int] = field(default_factory=dict)

    async def find(self, portal: KnownPortal, row: WaitingEffect, taken: AbstractSet[Found]) -> int | None:
        """Return the id of the object that an earlier attempt created or changed; None if the attempt did not work.

        `taken` are objects that were just found for other effects.

        Raises:
            PortalError, PortalDown: the search failed; nothing was changed.
        """
        wanted = row.effect
        if not isinstance(wanted, ordering.LOOKED_FOR):
            return None
        try:
            match wanted:
                case effects.ChangePost():
                    return await earlier.change(self._ask(portal, row), wanted)
                case effects.DeletePost():
                    return await earlier.deletion(self._ask(portal, row), wanted)
                case _:
                    ids = await self._created(portal, row, wanted)
        except PortalDown as exc:
            raise PortalDown(str(exc), outcome_unknown=False) from exc
        others = {number for kind, number in taken if kind == row.kind}
        others |= await self.made(row.portal, row.kind, wanted.since - CLOCK_ERROR - GIVE_UP)
        self._request_ended.pop(row.id, None)
        return next((one for one in ids if one not in others and self._take(row, one)), None)

    async def _created(
        self,
        portal: KnownPortal,
        row: WaitingEffect,
        wanted: effects.Publish | effects.CrmComment | effects.CommentOnPost,
    ) -> list[int]:
        """Return the ids of the objects that the effect may have created, newest first."""
        since = wanted.since - CLOCK_ERROR
        if isinstance(wanted, effects.CommentOnPost):
            return await earlier.comments(self._ask(portal, row), wanted, since=since, clock=self.clock)
        if isinstance(wanted, effects.Publish) and wanted.acting:
            return await scanning.posts(self._ask(portal, row), wanted, since=since, clock=self.clock)
        return [one.id for one in await self._candidates(portal, row, _listing(row, wanted), since)]

    def _ask(self, portal: KnownPortal, row: WaitingEffect) -> earlier.Ask:
        """Return a function that calls a method with the token of the effect."""

        async def ask(method: str, params: dict[str, Any]) -> dict[str, Any]:
            return await self.caller.call(
                portal, method, params, token_owner=row.token_owner, urgency=row.urgency, sends=True
            )

        return ask

    async def _candidates(self, portal: KnownPortal, row: WaitingEffect, listing: Listing, since: float) -> list[Entry]:
        """Return the rows of the list that have the author and text of the effect, newest first.

        Only rows that were created since a time (unix seconds) count.
        """

        async def ask(start: int) -> dict[str, Any]:
            return await call(listing.method, listing.params | ({"start": start} if start else {}))

        call = self._ask(portal, row)
        walk = self._walk(listing, row)
        async with walk.lock:
            by_its_clock = await walk.back_to(since, ask, clock=self.clock)
        found = [one for one in walk.entries.values() if one.at >= by_its_clock and one.mark == listing.ours]
        return sorted(found, key=lambda one: one.id, reverse=True)

    def _walk(self, listing: Listing, row: WaitingEffect) -> Walk:
        """Return the pages of the list that were read after the effect's last request ended.

        If a search is interrupted, the effect is tried again later, and its next search uses the pages that were read.
        """
        over = self._request_ended.setdefault(row.id, row.due_at)
        walk = self._walks.get(listing.key)
        if walk is None or walk.began < over:
            self._walks.pop(listing.key, None)
            walk = self._walks[listing.key] = Walk(began=self.clock.wall(), date=listing.date, mark=listing.mark)
            if len(self._walks) > REMEMBERED:
                del self._walks[next(iter(self._walks))]
        return walk

    def _take(self, row: WaitingEffect, found: int) -> bool:
        """Reserve an id for this effect, so that no other search gets it; False if another effect has it."""
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
        ours=_mark(wanted.user, wanted.comment),
    )  # fmt: skip


def _mark_of_post(fields: dict[str, Any]) -> bytes:
    post = post_of(fields)
    return _mark(post.author, post.text) if post else b""


def _mark_of_comment(fields: dict[str, Any]) -> bytes:
    return _mark(fields.get("AUTHOR_ID"), fields.get("COMMENT"))


def _mark(author: object, text: object) -> bytes:
    """Return a digest of an author and a text; whitespace does not matter, because portals change line breaks."""
    words = " ".join(str(text or "").split())
    return hashlib.sha256(f"{author}:{words}".encode("utf-8", "surrogatepass")).digest()
