"""Deliver events over HTTP, once and without retry.

Events for one address stay in order. Delivery runs in the background, so REST answers do not wait for it.
"""

import asyncio
import contextlib
import ipaddress
import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from portal.clock import Clock
from portal.engine.call_log import CallLog, DeliveryRecord
from portal.engine.changes import Hub
from portal.wire import php

HANDLER_TIMEOUT = 10.0
"""Seconds that a handler has to answer; the real number is not documented."""
OK = 200
log = logging.getLogger(__name__)


class JsonEnvelope(dict[str, Any]):
    """An event that is sent as JSON; all other events are sent as forms."""


class EventSender:
    """Delivers events, with one queue and one task per address."""

    def __init__(self, *, call_log: CallLog, hub: Hub, clock: Clock, insecure_ok: bool = False) -> None:
        self._call_log = call_log
        self._hub = hub
        self._clock = clock
        self._insecure_ok = insecure_ok
        self._session: aiohttp.ClientSession | None = None
        self._queues: dict[str, asyncio.Queue[Mapping[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the HTTP session.

        Each event gets a new connection, because a kept connection may be closed after its handler has restarted, and
        then the event would be lost.
        """
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            timeout=aiohttp.ClientTimeout(total=HANDLER_TIMEOUT),
            headers={"User-Agent": "Bitrix24 Webhook Engine"},
        )

    async def stop(self) -> None:
        """Drop events that are not delivered yet, and close the connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._queues.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def send(self, url: str, envelope: Mapping[str, Any]) -> None:
        """Queue an event {event, data, ts, auth...} for delivery to an address.

        Before `start` and without an address, the event is dropped.
        """
        if self._session is None or not url:
            return
        queue = self._queues.get(url)
        if queue is None:
            queue = self._queues[url] = asyncio.Queue()
            task = asyncio.create_task(self._deliver_all(url, queue), name=f"events for {url}")
            self._tasks.add(task)
            task.add_done_callback(self._forget_task)
        queue.put_nowait(envelope)

    def _forget_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("the delivery of events to one address failed", exc_info=task.exception())

    async def idle(self) -> None:
        """Wait until each queued event was delivered or has failed."""
        for queue in list(self._queues.values()):
            await queue.join()

    async def _deliver_all(self, url: str, queue: asyncio.Queue[Mapping[str, Any]]) -> None:
        while True:
            envelope = await queue.get()
            try:
                await self._deliver(url, envelope)
            finally:
                queue.task_done()

    async def _deliver(self, url: str, envelope: Mapping[str, Any]) -> None:
        started = time.perf_counter()
        status, error = 0, self._reason_not_to_send(url)
        if not error:
            try:
                status = await self._post(url, envelope)
            except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as failure:
                error = f"{type(failure).__name__}: {failure}"
        record = DeliveryRecord(
            n=self._call_log.next_delivery(),
            at=self._clock.now(),
            event=str(envelope.get("event", "")),
            url=url,
            status=status,
            ms=(time.perf_counter() - started) * 1000,
            form=envelope,
            error=error,
        )
        self._call_log.deliveries.append(record)
        self._hub.publish({"type": "delivery", "n": record.n, "event": record.event, "status": status})

    async def _post(self, url: str, envelope: Mapping[str, Any]) -> int:
        if self._session is None:
            raise ConnectionError("the event sender has stopped")
        # Texts of users may contain half of a surrogate pair, which UTF-8 cannot encode.
        body = php.query(envelope).encode("utf-8", "replace")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if isinstance(envelope, JsonEnvelope):
            body, headers = json.dumps(envelope).encode(), {"Content-Type": "application/json"}
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            # Bitrix24 needs only the status, so a broken body is no failure.
            with contextlib.suppress(aiohttp.ClientPayloadError):
                await answer.content.readany()
            return answer.status

    def _reason_not_to_send(self, url: str) -> str:
        """Return why an address gets no events, or an empty text when it gets them.

        Events contain tokens, so plain HTTP is allowed only to this machine, or to all with `insecure_ok`.
        """
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and (self._insecure_ok or _is_loopback(parts.hostname))):
            return ""
        return "not sent: plain HTTP beyond this machine needs --insecure-ok"


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
