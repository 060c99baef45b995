"""The webhook: reads, decodes and authenticates an event, stores it, and answers 200."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.bitrix.inbound import decode, forms
from bot.clock import Clock
from bot.crash_points import CrashHook, CrashPoint
from bot.errors import BadEvent, NotOurs, StoreError
from bot.model.events import DialogEvent, Event, Joined
from bot.model.queued import IncomingEvent
from bot.observability.metrics import Metrics
from bot.store import Store
from bot.webhook.authentication import INSTALL, LONGEST_INSTALLATION, UPDATE, Authentication
from bot.webhook.health import HealthEndpoints

SHORT_BODY = 65_536
"""The longest body in bytes that is read without waiting for a turn; events of portals have a tenth of this."""
LONG_BODIES_AT_ONCE = 16
"""The most longer bodies, or bodies of unknown length, that are read at once."""

HEARD = 10_000
"""The most portals whose first event since the start is remembered; for other portals it is logged again."""
RETRY_AFTER = "60"
"""Seconds after which there may be a place for an installation again."""

log = structlog.get_logger(__name__)


def log_bad_http_as_info(record: logging.LogRecord) -> bool:
    """Change the log record of invalid HTTP to level info without a traceback, and return True (keep the record).

    It is the client's mistake.
    """
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        record.msg, record.args = f"{record.getMessage()}: {' '.join(error.message.split()):.200}", ()
    return True


http_log = logging.getLogger(f"{__name__}.http")
http_log.addFilter(log_bad_http_as_info)


@dataclass(slots=True, kw_only=True)
class WebhookServer:
    """The HTTP server with /events for portals and the health endpoints."""

    store: Store
    metrics: Metrics
    clock: Clock
    crash_hook: CrashHook
    limits: forms.Limits
    max_body: int
    max_seconds: float
    authentication: Authentication
    install_warning: str = ""
    """Answered to an installation that is accepted, but whose portal cannot reach us."""
    on_event: Callable[[], None] = lambda: None
    stalled: Callable[[float], Sequence[str]] = lambda _after: ()
    """Return the loops that have not looked for work for so many seconds."""
    _open_requests: int = 0
    _heard: set[str] = field(default_factory=set)
    _one_finished: asyncio.Event = field(default_factory=asyncio.Event)
    _long: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LONG_BODIES_AT_ONCE))

    def application(self) -> web.Application:
        """Return the HTTP application with all routes; a body over the limit is refused with 413 while it is read."""
        app = web.Application(client_max_size=self.max_body)
        app.router.add_post("/events", self.events)
        app.router.add_get("/events", self.answer_get)
        health = HealthEndpoints(store=self.store, metrics=self.metrics, clock=self.clock, stalled=self._stalled)
        app.router.add_routes(health.routes())
        return app

    def _stalled(self, after: float) -> Sequence[str]:
        return self.stalled(after)  # the loops are set up after the routes

    async def events(self, request: web.Request) -> web.Response:
        """Handle a POST to /events: store the event, then answer 200; answer an error with its status."""
        self._open_requests += 1
        try:
            return await self._receive(request)
        except web.HTTPRequestEntityTooLarge:  # caught here, because its traceback would keep the body in memory
            return self._bad(request, 413, "The event is too big.")
        except TimeoutError:
            answer = self._bad(request, 408, "The event took too long to arrive.")
            answer.force_close()  # the rest of the body must not be read as a request
            return answer
        except web.RequestPayloadError:
            return self._bad(request, 400, "The body is not coded as its header says.")
        except ConnectionError:
            return self._bad(
                request, 400, "The connection was closed before the whole event arrived."
            )  # nobody receives this answer
        except NotOurs:
            return self._answer(403, "unknown", "refused")
        except BadEvent as exc:
            return self._bad(request, 400, str(exc))
        except StoreError as exc:
            log.error("store.unavailable", error=str(exc))  # noqa: TRY400 - the driver's message is enough
            return self._answer(503, "unknown", "failed", "try again later")
        finally:
            self._open_requests -= 1
            self._one_finished.set()

    async def idle(self) -> None:
        """Wait until no event is being received."""
        while self._open_requests:
            self._one_finished.clear()
            await self._one_finished.wait()

    async def answer_get(self, _request: web.Request) -> web.Response:
        """Answer GET and HEAD with 200, because portals check an address before they save an application."""
        return web.Response(text="Bitrix24 posts its events here.")

    async def _receive(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        envelope = await self.authentication.verified(
            decode.envelope(forms.decode(body, request.content_type, self.limits))
        )
        if envelope.kind in (INSTALL, UPDATE) and len(body) > LONGEST_INSTALLATION:
            _log_refused(envelope, f"it has {len(body)} bytes; allowed: {LONGEST_INSTALLATION}")
            raise web.HTTPRequestEntityTooLarge(LONGEST_INSTALLATION, len(body))
        decoded_events = self._decoded(envelope)
        if not decoded_events:
            log.info("event.unknown", kind=envelope.kind)
            return self._answer(200, "unknown", "ignored")
        decoded = [
            IncomingEvent(event=one.event, key=one.key, ordering_key=one.ordering_key, event_tokens=one.event_tokens)
            for one in decoded_events
            if not _is_of_bot(one.event)
        ]
        async with self.authentication.reserve(envelope) as reserved:
            if not reserved:
                return self._answer(503, envelope.kind, "refused", "try again later", {"Retry-After": RETRY_AFTER})
            if decoded:
                await self.store.receive(decoded, self.clock.wall())
                self.crash_hook(CrashPoint.STORED)
                self.on_event()
                self._note_first(envelope)
        warning = self.install_warning if envelope.kind == INSTALL else ""
        return self._answer(200, envelope.kind, "taken" if decoded else "ignored", warning or None)

    def _decoded(self, envelope: decode.Envelope) -> list[decode.DecodedEvent]:
        """Decode and check the events of a request; log a refused installation, because an administrator waits for it.

        Raises:
            BadEvent: a field or an address in the request is wrong.
        """
        try:
            return [self.authentication.checked(one) for one in decode.decoded_events(envelope)]
        except BadEvent as exc:
            _log_refused(envelope, str(exc))
            raise

    def _note_first(self, envelope: decode.Envelope) -> None:
        """Log the first event of each portal since the process started, which shows that its events arrive."""
        if envelope.kind in (INSTALL, UPDATE) or envelope.portal in self._heard:
            return
        if len(self._heard) >= HEARD:
            self._heard.clear()
        self._heard.add(envelope.portal)
        log.info("first event of a portal", portal=envelope.portal, domain=envelope.domain, kind=envelope.kind)

    async def _body(self, request: web.Request) -> bytes:
        """Read the body of a request; only a few long bodies are read at once, to limit memory.

        Raises:
            TimeoutError: it took longer than the time limit.
        """
        length = request.content_length
        short = length is not None and length <= SHORT_BODY and hdrs.CONTENT_ENCODING not in request.headers
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


def _log_refused(envelope: decode.Envelope, error: str) -> None:
    """Log why an installation was refused, because an administrator waits for it; other events are not logged."""
    if envelope.kind in (INSTALL, UPDATE):
        portal, domain = envelope.portal, envelope.domain
        log.warning("installation refused", portal=portal, domain=domain, kind=envelope.kind, error=error)


def _is_of_bot(event: Event) -> bool:
    """Check whether an event in a dialog was caused by a bot or by the portal itself (user 0), so that it is ignored.

    It is not ignored if automation (user 0) added our bot to a group.
    """
    if not isinstance(event, DialogEvent):
        return False
    added = isinstance(event, Joined) and event.is_group and not event.author.id
    return event.author.is_bot and not added
