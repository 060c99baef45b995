"""The door receives: read, decode, verify, store, 200; everything else happens behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog
from aiohttp import web

from bot.bitrix import decode, forms, verify
from bot.errors import BadEvent, NotOurs, StoreError
from bot.events import InDialog, Installed, PortalId
from bot.metrics import CONTENT_TYPE, Metrics
from bot.rows import Arrived
from bot.steps import Pass, Step
from bot.store import Store

INSTALL = "ONAPPINSTALL"
LATE_EVENTS = 60.0
"""Seconds an event may wait before the service says that it is not ready: the worker has stopped working."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Door:
    """HTTP in: /events for portals; /healthz, /readyz, /metrics for whoever runs us."""

    store: Store
    metrics: Metrics
    now: Callable[[], float]
    step: Pass
    limits: forms.Limits
    max_body: int
    insecure: bool
    on_event: Callable[[], None] = lambda: None
    _tokens: dict[PortalId, tuple[int, str]] = field(default_factory=dict)

    def application(self) -> web.Application:
        """The routes; a body over the limit is refused before it is kept (413)."""
        app = web.Application(client_max_size=self.max_body)
        app.router.add_post("/events", self.events)
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.render)
        return app

    async def events(self, request: web.Request) -> web.Response:
        """One event of a portal: on disk before it is answered."""
        body = await request.read()
        try:
            envelope = decode.envelope(forms.decode(body, request.content_type, self.limits))
            await self._check(envelope)
            arrivals = [self._checked(one) for one in decode.arrivals(envelope)]
        except NotOurs:
            return self._answer(403, "unknown", "refused")
        except BadEvent as exc:
            log.info("event.bad", error=str(exc), peer=request.remote)
            return self._answer(400, "unknown", "bad", str(exc))
        except StoreError as exc:
            return self._unavailable(exc)
        return await self._keep(envelope.kind, arrivals)

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"ok": True})

    async def readyz(self, _request: web.Request) -> web.Response:
        """How old the oldest unhandled event and unsent effect are; 503 where events are not being handled."""
        try:
            event, effect = await asyncio.gather(self.store.oldest_event(), self.store.oldest_effect())
        except StoreError as exc:
            return web.json_response({"ready": False, "reason": str(exc)}, status=503)
        ages = {"oldest_event_seconds": self._age(event), "oldest_effect_seconds": self._age(effect)}
        ready = ages["oldest_event_seconds"] <= LATE_EVENTS
        return web.json_response({"ready": ready, **ages}, status=200 if ready else 503)

    async def render(self, _request: web.Request) -> web.Response:
        """All metrics, as Prometheus reads them."""
        self.metrics.oldest_event_age_seconds.set(self._age(await self.store.oldest_event()))
        self.metrics.oldest_effect_age_seconds.set(self._age(await self.store.oldest_effect()))
        for kind, count in zip(("events", "effects"), await self.store.dead_letters(), strict=True):
            self.metrics.dead_letters.labels(kind=kind).set(count)
        return web.Response(body=self.metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    async def _check(self, envelope: decode.Envelope) -> None:
        """Whether the portal it claims to be from sent it. A new installation is checked by its handler (app.info)."""
        if envelope.kind == INSTALL and envelope.portal and envelope.token:
            return
        portal = envelope.portal or await self.store.portal_at(envelope.domain) or PortalId("")
        installs = self.store.installs
        read_at, token = self._tokens.get(portal, (installs, ""))
        if read_at == installs and verify.genuine(envelope, token):
            return
        known = await self.store.application_token(portal)  # it may have been installed (again) since we looked
        if not verify.genuine(envelope, known or ""):
            log.warning("event.not_ours", kind=envelope.kind, portal=envelope.portal, domain=envelope.domain)
            raise NotOurs("unknown portal or application token")
        self._tokens[portal] = installs, known or ""

    def _checked(self, arrival: decode.Arrival) -> decode.Arrival:
        """An installation says where its portal is: such an address is checked before anything calls it."""
        event = arrival.event
        if not isinstance(event, Installed):
            return arrival
        endpoint = verify.endpoint(event.endpoint, insecure=self.insecure)
        auth = verify.endpoint(event.auth_endpoint, insecure=self.insecure) if event.auth_endpoint else ""
        return replace(arrival, event=replace(event, endpoint=endpoint, auth_endpoint=auth))

    async def _keep(self, kind: str, arrivals: list[decode.Arrival]) -> web.Response:
        if not arrivals:
            log.info("event.unknown", kind=kind)
            return self._answer(200, "unknown", "ignored")
        kept = [
            Arrived(event=one.event, key=one.key, lane=one.lane, secret=one.secret)
            for one in arrivals
            if not (isinstance(one.event, InDialog) and one.event.author.is_bot)
        ]
        try:
            if kept:
                await self.store.receive(kept, self.now())
        except StoreError as exc:
            return self._unavailable(exc)
        self.step(Step.STORED)
        self.on_event()
        return self._answer(200, kind, "taken" if kept else "ignored")

    def _answer(self, status: int, kind: str, outcome: str, text: str = "") -> web.Response:
        self.metrics.events_received_total.labels(kind=kind, outcome=outcome).inc()
        return web.Response(status=status, text=text)

    def _unavailable(self, error: StoreError) -> web.Response:
        log.error("store.unavailable", error=str(error))
        return self._answer(503, "unknown", "failed", "try again later")

    def _age(self, since: float | None) -> float:
        return 0.0 if since is None else max(0.0, self.now() - since)
