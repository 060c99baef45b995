"""Looking for what an earlier attempt may have done, before it is done twice."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.reads import post_of
from bot.errors import PortalDown
from bot.model import effects
from bot.model.effects import Priority
from bot.model.events import PortalId
from bot.model.queued import WaitingEffect
from bot.model.records import KnownPortal

ROUGHLY = 120
"""Seconds by which we may be wrong about a portal's clock: it is measured by the answer to the very look."""


class Search:
    """Finds posts and comments by author, text and time; what belongs to another effect of ours is not taken."""

    def __init__(
        self,
        caller: Caller,
        made: Callable[[PortalId, str, float], Awaitable[set[int]]],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`made` gives the ids that came out of our effects of one kind since a time."""
        self._caller = caller
        self._made = made
        self._now = now

    async def find(self, portal: KnownPortal, row: WaitingEffect, taken: AbstractSet[int]) -> int | None:
        """The id of what the effect made, if it is there; `taken` is what was found for others just now.

        Raises:
            PortalError, PortalDown: it could not be looked for; nothing was changed.
        """
        wanted = row.effect
        if not isinstance(wanted, effects.Publish | effects.CrmComment):
            return None
        try:
            found = await (
                self._posts(portal, row, wanted)
                if isinstance(wanted, effects.Publish)
                else self._comments(portal, row, wanted)
            )
        except PortalDown as exc:
            raise PortalDown(str(exc), unsure=False) from exc
        others = taken | await self._made(row.portal, row.kind, wanted.since - ROUGHLY)
        return next((one for one in found if one not in others), None)

    async def _posts(self, portal: KnownPortal, row: WaitingEffect, wanted: effects.Publish) -> list[int]:
        answer = await self._caller.call(
            portal, "log.blogpost.get", {"LOG_RIGHTS": wanted.dest}, holder=row.holder, urgency=Priority.CONFIRMATION
        )
        since = _by_its_clock(wanted.since, answer, self._now())
        return [
            post.id
            for post in map(post_of, _rows(answer))
            if post
            and post.author == wanted.user
            and _text(post.text) == _text(wanted.text)
            and _at(post.date) >= since
        ]

    async def _comments(self, portal: KnownPortal, row: WaitingEffect, wanted: effects.CrmComment) -> list[int]:
        entity = wanted.entity
        answer = await self._caller.call(
            portal,
            "crm.timeline.comment.list",
            {"filter": {"ENTITY_ID": entity.id, "ENTITY_TYPE": entity.type}, "order": {"ID": "DESC"}},
            holder=row.holder,
            urgency=Priority.CONFIRMATION,
        )
        since = _by_its_clock(wanted.since, answer, self._now())
        return [
            int(comment["ID"])
            for comment in _rows(answer)
            if str(comment.get("ID")).isdecimal()
            and str(comment.get("AUTHOR_ID")) == str(wanted.user)
            and _text(comment.get("COMMENT")) == _text(wanted.text)
            and _at(comment.get("CREATED")) >= since
        ]


def _by_its_clock(since: float, answer: dict[str, Any], now: float) -> float:
    """The time from which on something may be ours, as the portal dates it (reference: time.start of every answer)."""
    block = answer.get("time")
    start = block.get("start") if isinstance(block, dict) else None
    ahead = start - now if isinstance(start, int | float) else 0.0
    return since + ahead - ROUGHLY


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = answer.get("result")
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _text(value: object) -> str:
    """Texts are the same when their words are: a portal trims and rewraps."""
    return " ".join(str(value or "").split())


def _at(date: object) -> float:
    try:
        return datetime.fromisoformat(str(date)).timestamp()
    except ValueError:
        return 0.0
