"""One attempt to send: look for what may be done already, ask the portal, say how each effect ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.bitrix import calls, pack, replies
from bot.bitrix.calls import Again
from bot.bitrix.lane import Caller
from bot.bitrix.search import Search
from bot.endings import Endings
from bot.errors import PortalDown, PortalError, TokenRefused
from bot.known import KnownPortal
from bot.metrics import Metrics
from bot.rows import Outcome, WaitingEffect
from bot.steps import Pass, Step
from bot.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """What every attempt needs."""

    store: Store
    caller: Caller
    search: Search
    endings: Endings
    metrics: Metrics
    now: Callable[[], float]
    step: Pass

    async def send(self, portal: KnownPortal | None, rows: list[WaitingEffect]) -> list[Outcome]:
        """How each effect of one parcel ended.

        Raises:
            BotError: none of them was decided; the portal, the authorization server or the bucket said no to all.
        """
        self.step(Step.PACKED)
        if portal is None:
            gone = TokenRefused("PORTAL_DELETED", "the application is not installed on this portal")
            return [self.endings.dead(row, gone) for row in rows]
        settled, rest = await self._look(portal, rows)
        return settled + (await self._request(portal, rest) if rest else [])

    async def _look(self, portal: KnownPortal, rows: list[WaitingEffect]) -> tuple[list[Outcome], list[WaitingEffect]]:
        """What may have been done by an earlier attempt: found, given up, or to be sent again."""
        settled: list[Outcome] = []
        rest: list[WaitingEffect] = []
        for row in rows:
            way = calls.again(row.effect) if row.unsure else Again.REPEAT
            if way is Again.NEVER:
                settled.append(
                    self.endings.dead(row, PortalDown("nobody knows whether it worked", unsure=True), unsure=True)
                )
            elif way is Again.LOOK and (found := await self.search.find(portal, row)) is not None:
                settled.append(self.endings.done(row, found))
            else:
                rest.append(row)
        return settled, rest

    async def _request(self, portal: KnownPortal, rows: list[WaitingEffect]) -> list[Outcome]:
        """One request: a call of its own for one effect, a batch for more."""
        try:
            asked = [calls.call(row.effect, portal, key=row.key) for row in rows]
        except PortalError as exc:  # there is no bot to speak
            return [self.endings.failed(row, exc, self.now()) for row in rows]
        await self.store.mark_sending(rows)
        self.step(Step.MARKED)
        self.metrics.batch_size.observe(len(asked))
        items = await self._ask(portal, asked, rows)
        self.step(Step.ANSWERED)
        return [self._outcome(row, item) for row, item in zip(rows, items, strict=True)]

    async def _ask(self, portal: KnownPortal, asked: list[calls.Call], rows: list[WaitingEffect]) -> list[replies.Item]:
        holder, urgency = rows[0].holder, rows[0].urgency
        if len(asked) == 1:
            return [await self._single(portal, asked[0], holder, urgency)]
        params, keys = calls.batch(asked, halt=pack.halts(rows))
        answer = await self.caller.call(portal, "batch", params, holder=holder, urgency=urgency)
        return replies.items(answer, keys, [call.method for call in asked])

    async def _single(self, portal: KnownPortal, call: calls.Call, holder: str, urgency: int) -> replies.Item:
        try:
            answer = await self.caller.call(portal, call.method, call.params, holder=holder, urgency=urgency)
        except PortalError as exc:
            return replies.Item(error=exc)
        return replies.Item(result=answer.get("result"))

    def _outcome(self, row: WaitingEffect, item: replies.Item) -> Outcome:
        if item.error is not None:
            log.info("effect.refused", effect=row.id, kind=row.kind, code=item.error.code, text=item.error.text)
            return self.endings.failed(row, item.error, self.now())
        return self.endings.done(row, item.result) if item.ran else self.endings.unreached(row, self.now())
