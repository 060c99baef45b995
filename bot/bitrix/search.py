"""Looking for what an earlier attempt may have done, before it is done twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot import effects
from bot.bitrix.lane import Caller
from bot.bitrix.reads import post_of
from bot.effects import Priority
from bot.events import PortalId
from bot.known import KnownPortal
from bot.rows import WaitingEffect

CLOCKS_APART = 120
"""Seconds by which a portal's clock may be behind ours."""


class Search:
    """Finds posts and comments by author, text and time; what belongs to another effect of ours is not taken."""

    def __init__(self, caller: Caller, published: Callable[[PortalId, float], Awaitable[set[int]]]) -> None:
        self._caller = caller
        self._published = published

    async def find(self, portal: KnownPortal, row: WaitingEffect) -> int | None:
        """The id of what the effect made, if it is there."""
        if isinstance(row.effect, effects.Publish):
            return await self._post(portal, row, row.effect)
        if isinstance(row.effect, effects.CrmComment):
            return await self._comment(portal, row, row.effect)
        return None

    async def _post(self, portal: KnownPortal, row: WaitingEffect, wanted: effects.Publish) -> int | None:
        answer = await self._caller.call(
            portal, "log.blogpost.get", {"LOG_RIGHTS": wanted.dest}, holder=row.holder, urgency=Priority.CONFIRMATION
        )
        known = await self._published(row.portal, wanted.since - CLOCKS_APART)
        found = answer.get("result")
        for post in map(post_of, found if isinstance(found, list) else []):
            same = post and post.author == wanted.user and _text(post.text) == _text(wanted.text)
            if same and post and post.id not in known and _at(post.date) >= wanted.since - CLOCKS_APART:
                return post.id
        return None

    async def _comment(self, portal: KnownPortal, row: WaitingEffect, wanted: effects.CrmComment) -> int | None:
        entity = wanted.entity
        answer = await self._caller.call(
            portal,
            "crm.timeline.comment.list",
            {"filter": {"ENTITY_ID": entity.id, "ENTITY_TYPE": entity.type}, "order": {"ID": "DESC"}},
            holder=row.holder,
            urgency=Priority.CONFIRMATION,
        )
        found = answer.get("result")
        for comment in found if isinstance(found, list) else []:
            same = str(comment.get("AUTHOR_ID")) == str(wanted.user) and _text(comment.get("COMMENT")) == _text(
                wanted.text
            )
            if same and _at(comment.get("CREATED")) >= wanted.since - CLOCKS_APART:
                return int(comment["ID"])
        return None


def _text(value: object) -> str:
    """Texts are the same when their words are: a portal trims and rewraps."""
    return " ".join(str(value or "").split())


def _at(date: object) -> float:
    try:
        return datetime.fromisoformat(str(date)).timestamp()
    except ValueError:
        return 0.0
