"""The door receives: read, decode, verify, store, 200; everything else happens behind it."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web

from bot.bitrix import decode, forms, verify
from bot.bitrix.newcomers import Newcomers
from bot.errors import BadEvent, NotOurs, StoreError
from bot.events import InDialog, Installed
from bot.metrics import Metrics
from bot.rows import Arrived
from bot.steps import Pass, Step
from bot.store import Store
from bot.watch import Watch

INSTALL, UPDATE = "ONAPPINSTALL", "ONAPPUPDATE"
"""What brings a new application_token, and so is not believed by the old one, but when it is handled."""
LONGEST_INSTALL = 16_384
"""Bytes; a true one has a tenth of it, and strangers' are kept as long as anybody's."""
SHORT = 65_536
"""Bytes that a connection may hold anyway; events of portals are a tenth of it."""
LONG_AT_ONCE = 16
"""Longer bodies, and those of a length that is not told, that are read at the same time."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Door:
    """HTTP in: /events for portals; beside it the pages for whoever runs us."""

    store: Store
    metrics: Metrics
    now: Callable[[], float]
    step: Pass
    limits: forms.Limits
    max_body: int
    max_seconds: float
    insecure: bool
    newcomers: Newcomers
    on_event: Callable[[], None] = lambda: None
    _under_way: int = 0
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _long: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LONG_AT_ONCE))

    def application(self) -> web.Application:
        """The routes; a body over the limit is refused before it is kept (413)."""
        app = web.Application(client_max_size=self.max_body)
        app.router.add_post("/events", self.events)
        app.router.add_get("/events", self.look)
        app.router.add_routes(Watch(store=self.store, metrics=self.metrics, now=self.now).routes())
        return app

    async def events(self, request: web.Request) -> web.Response:
        """One event of a portal: on disk before it is answered."""
        self._under_way += 1
        try:
            return await self._take(request)
        except web.HTTPRequestEntityTooLarge:  # caught here, because on its way out it would keep the body alive
            return self._bad(request, 413, "The event is too big.")
        except TimeoutError:
            answer = self._bad(request, 408, "The event took too long to arrive.")
            answer.force_close()  # what is still to come of it is no request
            return answer
        except web.RequestPayloadError:
            return self._bad(request, 400, "The body is not coded as its header says.")
        except ConnectionError:
            return self._bad(request, 400, "Whoever sent the event hung up.")  # nobody hears it
        except NotOurs:
            return self._answer(403, "unknown", "refused")
        except BadEvent as exc:
            return self._bad(request, 400, str(exc))
        except StoreError as exc:
            log.error("store.unavailable", error=str(exc))  # noqa: TRY400 - the driver's sentence says it all
            return self._answer(503, "unknown", "failed", "try again later")
        finally:
            self._under_way -= 1
            self._left.set()

    async def idle(self) -> None:
        """Wait until no event is on its way in."""
        while self._under_way:
            self._left.clear()
            await self._left.wait()

    async def look(self, _request: web.Request) -> web.Response:
        """What a portal sees that checks the address before an application is saved (GET or HEAD has to be 200)."""
        return web.Response(text="Bitrix24 posts its events here.")

    async def _take(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        envelope = await self._verified(decode.envelope(forms.decode(body, request.content_type, self.limits)))
        if envelope.kind in (INSTALL, UPDATE) and len(body) > LONGEST_INSTALL:
            raise web.HTTPRequestEntityTooLarge(LONGEST_INSTALL, len(body))
        arrivals = [self._checked(one) for one in decode.arrivals(envelope)]
        if not arrivals:
            log.info("event.unknown", kind=envelope.kind)
            return self._answer(200, "unknown", "ignored")
        if envelope.kind in (INSTALL, UPDATE) and (wait := await self._crowded(envelope, arrivals)):
            return self._answer(429, envelope.kind, "refused", "try again later", {"Retry-After": str(math.ceil(wait))})
        kept = [
            Arrived(event=one.event, key=one.key, lane=one.lane, secret=one.secret)
            for one in arrivals
            if not (isinstance(one.event, InDialog) and one.event.author.is_bot)
        ]
        if kept:
            await self.store.receive(kept, self.now())
            self.step(Step.STORED)
            self.on_event()
        return self._answer(200, envelope.kind, "taken" if kept else "ignored")

    async def _body(self, request: web.Request) -> bytes:
        """The body, in its time; long ones wait for one another, so that slow ones together fill no memory."""
        length = request.content_length
        short = length is not None and length <= SHORT and hdrs.CONTENT_ENCODING not in request.headers
        async with asyncio.timeout(self.max_seconds), contextlib.nullcontext() if short else self._long:
            return await request.read()

    async def _verified(self, envelope: decode.Envelope) -> decode.Envelope:
        """The envelope with its portal, if that portal sent it; of an update it is enough that the portal is known."""
        if envelope.kind == INSTALL:
            return envelope
        for portal in [envelope.portal] if envelope.portal else await self.store.portals_at(envelope.domain):
            token = await self.store.application_token(portal)
            if verify.genuine(envelope, token or "") or (token and envelope.kind == UPDATE):
                return envelope if envelope.portal else replace(envelope, portal=portal)
        log.warning("event.not_ours", kind=envelope.kind, portal=envelope.portal, domain=envelope.domain)
        raise NotOurs("unknown portal or application token")

    async def _crowded(self, envelope: decode.Envelope, arrivals: list[decode.Arrival]) -> float:
        """Seconds to come again, where too many installations come that no token of a known portal speaks for."""
        if verify.genuine(envelope, await self.store.application_token(envelope.portal) or ""):
            return 0.0
        hosts = [urlsplit(one.event.endpoint).netloc for one in arrivals if isinstance(one.event, Installed)]
        wait = self.newcomers.wait(envelope.portal, *filter(None, hosts))
        if wait:
            log.warning("install.too_many", portal=envelope.portal, hosts=hosts, seconds=math.ceil(wait))
        return wait

    def _checked(self, arrival: decode.Arrival) -> decode.Arrival:
        """An installation says where its portal is: such an address is checked before anything calls it."""
        event = arrival.event
        if not isinstance(event, Installed):
            return arrival
        endpoint, auth = (
            verify.endpoint(url, insecure=self.insecure) if url else "" for url in (event.endpoint, event.auth_endpoint)
        )
        return replace(arrival, event=replace(event, endpoint=endpoint, auth_endpoint=auth))

    def _bad(self, request: web.Request, status: int, text: str) -> web.Response:
        log.info("event.bad", status=status, error=text, peer=request.remote)
        return self._answer(status, "unknown", "bad", text)

    def _answer(
        self, status: int, kind: str, outcome: str, text: str | None = None, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        self.metrics.events_received_total.labels(kind, outcome).inc()
        return web.Response(status=status, text=text, headers=headers)
