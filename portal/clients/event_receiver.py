"""A web server that receives events and keeps them, for tests of the emulator itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from portal.engine.changes import WAIT_SECONDS, Hub
from portal.wire import php

Event = dict[str, Any]


class Receiver:
    """A server that keeps all received events, decoded from their forms; `url` is the address for events."""

    def __init__(self) -> None:
        self.url = ""
        self.events: list[Event] = []
        self.bodies: list[str] = []
        self._hub = Hub()

    async def take(self, request: web.Request) -> web.Response:
        """Store one event and answer 200."""
        body = await request.text()
        event = php.form_of(body) | ({"query": dict(request.query)} if request.query else {})
        self.bodies.append(body)
        self.events.append(event)
        self._hub.publish(event)
        return web.Response(text="ok")

    def with_name(self, name: str) -> list[Event]:
        """Return the received events with one name, oldest first."""
        return [event for event in self.events if event.get("event") == name]

    async def wait_for(self, name: str, *, times: int = 1, within: float = WAIT_SECONDS) -> Event:
        """Wait until an event with this name was received `times` times, and return the last of these.

        Raise AssertionError when that takes longer than `within` seconds.
        """
        found = await self._hub.until(lambda: next(iter(self.with_name(name)[times - 1 :]), None), within=within)
        if found is None:
            names = [event.get("event") for event in self.events]
            raise AssertionError(f"{name} was not received {times} times within {within} s. Received: {names}")
        return found


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver of events on a free loopback port until the block ends."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/events"
        yield receiver
    finally:
        await runner.cleanup()
