"""The sender sends: outbox -> portal, paced, packed, the most urgent first, each lane in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot.bitrix import calls, pack, replies
from bot.bitrix.calls import Again
from bot.bitrix.lane import Caller
from bot.bitrix.search import Search
from bot.effects import Priority
from bot.endings import Endings
from bot.errors import BotError, PortalDown, PortalError, TokenRefused
from bot.events import PortalId
from bot.known import KnownPortal
from bot.metrics import Metrics
from bot.rows import Outcome, WaitingEffect
from bot.steps import Pass, Step
from bot.store import Store

LOOK_AHEAD = 400
"""Effects looked at to pack the next request."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Desk:
    """Where one portal is served: its lanes under way, and how long it has been silent."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    busy: set[str] = field(default_factory=set)
    flights: int = 0
    relaying: bool = False
    failures: int = 0
    resumes_at: float = 0.0


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends what waits in the outbox, one desk a portal."""

    store: Store
    caller: Caller
    search: Search
    endings: Endings
    metrics: Metrics
    now: Callable[[], float]
    step: Pass
    in_flight: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_result: Callable[[], None] = lambda: None
    _desks: dict[PortalId, Desk] = field(default_factory=dict)

    async def serve(self) -> None:
        """Send, for ever; what the last end of the process interrupted is looked after first."""
        await self.store.recover()
        self.wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self.wake.wait()
                self.wake.clear()
                for portal in await self.store.portals_with_work():
                    if portal not in self._desks:
                        self._desks[portal] = Desk()
                        group.create_task(self._serve_portal(portal, self._desks[portal], group))
                    self._desks[portal].wake.set()

    async def idle(self) -> None:
        """Return when no request is under way."""
        while busy := [desk for desk in self._desks.values() if desk.flights]:
            busy[0].wake.clear()
            await busy[0].wake.wait()

    async def _serve_portal(self, portal: PortalId, desk: Desk, group: asyncio.TaskGroup) -> None:
        while True:
            desk.wake.clear()
            if (wait := desk.resumes_at - self.now()) > 0:
                await asyncio.sleep(wait)
            rows = await self._next(portal, desk) if desk.flights < self.in_flight else []
            if not rows:
                await self._rest(portal, desk)
                continue
            known = await self.store.portal(portal)
            if known:
                await self.caller.ready(known, rows[0].urgency)
                rows = await self._next(portal, desk)  # what has come while we waited goes along
            if rows:
                desk.flights += 1
                desk.busy |= {row.lane for row in rows}
                desk.relaying |= rows[0].urgency >= Priority.RELAY
                group.create_task(self._send(known, rows, desk))

    async def _next(self, portal: PortalId, desk: Desk) -> list[WaitingEffect]:
        rows = await self.store.ready_effects(portal, now=self.now(), many=LOOK_AHEAD)
        if desk.relaying:  # one request of relays at a time: an answer always finds a free place
            rows = [row for row in rows if row.urgency < Priority.RELAY]
        return pack.parcel(rows, desk.busy)

    async def _rest(self, portal: PortalId, desk: Desk) -> None:
        """Until there is something new, a request ended, or something is due."""
        due = None if desk.flights else await self.store.next_due(portal, self.now())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if due is None else max(0.0, due - self.now())):
                await desk.wake.wait()

    async def _send(self, portal: KnownPortal | None, rows: list[WaitingEffect], desk: Desk) -> None:
        self.step(Step.PACKED)
        outcomes = await self._attempt(portal, rows, desk)
        await self.store.settle(outcomes, self.now())
        self.step(Step.SETTLED)
        for one in outcomes:
            self.metrics.effects_sent_total.labels(kind=one.row.kind, outcome=one.state).inc()
        desk.flights -= 1
        desk.busy -= {row.lane for row in rows}
        desk.relaying &= rows[0].urgency < Priority.RELAY
        desk.wake.set()
        self.on_result()

    async def _attempt(self, portal: KnownPortal | None, rows: list[WaitingEffect], desk: Desk) -> list[Outcome]:
        if portal is None:
            gone = TokenRefused("PORTAL_DELETED", "the application is not installed on this portal")
            return [self.endings.dead(row, gone) for row in rows]
        try:
            settled, rest = await self._look(portal, rows)
            sent = await self._request(portal, rest) if rest else []
        except BotError as exc:
            self._silent(desk, exc)
            return [self.endings.failed(row, exc, self.now()) for row in rows]
        desk.failures = 0
        return settled + sent

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

    def _silent(self, desk: Desk, error: BotError) -> None:
        """A portal that does not answer is left alone for a while, longer each time."""
        if isinstance(error, PortalDown):
            desk.resumes_at = self.now() + self.endings.patience.delay(desk.failures)
            desk.failures += 1
        log.warning("portal.failed", error=str(error), failures=desk.failures)
