"""The door receives: read, decode, verify, store, 200; everything else happens behind it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.bitrix.inbound import decode, forms
from bot.clock import Clock
from bot.crash_points import CrashHook, CrashPoint
from bot.errors import BadEvent, NotOurs, StoreError
from bot.model.events import DialogEvent
from bot.model.queued import IncomingEvent
from bot.observability.metrics import Metrics
from bot.store import Store
from bot.webhook.authentication import INSTALL, LONGEST_UNPROVEN, UPDATE, Authentication
from bot.webhook.health import HealthEndpoints

SHORT = 65_536
"""Bytes that a connection may hold anyway; events of portals are a tenth of it."""
LONG_AT_ONCE = 16
"""Longer bodies, and those of a length that is not told, that are read at the same time."""

COME_AGAIN = "60"
"""Seconds after which there may be room for an installation again."""

log = structlog.get_logger(__name__)


def no_failure_of_ours(record: logging.LogRecord) -> bool:
    """What is no HTTP is its sender's mistake: a line of aiohttp's server that says so, without a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        record.msg, record.args = f"{record.getMessage()}: {' '.join(error.message.split()):.200}", ()
    return True


http_log = logging.getLogger(f"{__name__}.http")
http_log.addFilter(no_failure_of_ours)


@dataclass(slots=True, kw_only=True)
class WebhookServer:
    """HTTP in: /events for portals; beside it the pages for whoever runs us."""

    store: Store
    metrics: Metrics
    clock: Clock
    crash_hook: CrashHook
    limits: forms.Limits
    max_body: int
    max_seconds: float
    authentication: Authentication
    on_event: Callable[[], None] = lambda: None
    _under_way: int = 0
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _long: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LONG_AT_ONCE))

    def application(self) -> web.Application:
        """The routes; a body over the limit is refused before it is kept (413)."""
        app = web.Application(client_max_size=self.max_body)
        app.router.add_post("/events", self.events)
        app.router.add_get("/events", self.look)
        app.router.add_routes(HealthEndpoints(store=self.store, metrics=self.metrics, clock=self.clock).routes())
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
        envelope = await self.authentication.verified(
            decode.envelope(forms.decode(body, request.content_type, self.limits))
        )
        if envelope.kind in (INSTALL, UPDATE) and len(body) > LONGEST_UNPROVEN:
            raise web.HTTPRequestEntityTooLarge(LONGEST_UNPROVEN, len(body))
        decoded_events = [self.authentication.checked(one) for one in decode.decoded_events(envelope)]
        if not decoded_events:
            log.info("event.unknown", kind=envelope.kind)
            return self._answer(200, "unknown", "ignored")
        kept = [
            IncomingEvent(event=one.event, key=one.key, ordering_key=one.ordering_key, event_tokens=one.event_tokens)
            for one in decoded_events
            if not (isinstance(one.event, DialogEvent) and one.event.author.is_bot)
        ]
        async with self.authentication.room(envelope) as room:
            if not room:
                return self._answer(503, envelope.kind, "refused", "try again later", {"Retry-After": COME_AGAIN})
            if kept:
                await self.store.receive(kept, self.clock.wall())
                self.crash_hook(CrashPoint.STORED)
                self.on_event()
        return self._answer(200, envelope.kind, "taken" if kept else "ignored")

    async def _body(self, request: web.Request) -> bytes:
        """The body, in its time; long ones wait for one another, so that slow ones together fill no memory."""
        length = request.content_length
        short = length is not None and length <= SHORT and hdrs.CONTENT_ENCODING not in request.headers
        async with asyncio.timeout(self.max_seconds), contextlib.nullcontext() if short else self._long:
            return await request.read()

    def _bad(self, request: web.Request, status: int, text: str) -> web.Response:
        log.info("event.bad", status=status, error=text, peer=request.remote)
        return self._answer(status, "unknown", "bad", text)

    def _answer(
        self, status: int, kind: str, outcome: str, text: str | None = None, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        self.metrics.events_received_total.labels(kind, outcome).inc()
        return web.Response(status=status, text=text, headers=headers)
