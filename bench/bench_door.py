"""Durable accepts per second of our door against a bare aiohttp server that only reads the body, in one run.

Each server is a process of its own; the load comes from this one: 64 kept-alive connections, each sends a documented
v1 private message with a message id of its own, waits for the answer and sends the next. Rounds alternate between the
two servers, and the ratio is that of the medians. Behind our door is its store with the group committer on a real
file; the worker does not run, because handling is not what is measured. Then: where one request's time goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import doors, payloads

CONNECTIONS = 64
ROUNDS = 5
SECONDS = 0.9
FIRST = 1_000_000
"""Message ids have seven digits, so that every body has the same length."""

# --- The two servers ------------------------------------------------------------------------------------


async def serve(name: str, folder: Path) -> None:
    """Serve until the process is ended; print the port when ready."""
    async with _ours(folder) if name == "ours" else _bare() as application:
        application.router.add_get("/cpu", _cpu)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()


async def _cpu(_request: web.Request) -> web.Response:
    """The processor time this server has used so far."""
    return web.json_response(time.process_time())


@contextlib.asynccontextmanager
async def _bare() -> AsyncIterator[web.Application]:
    async def events(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    application = web.Application()
    application.router.add_post("/events", events)
    yield application


@contextlib.asynccontextmanager
async def _ours(folder: Path) -> AsyncIterator[web.Application]:
    async with doors.stored(folder) as store:
        await doors.install(store)
        yield doors.alone(store).application()


@contextlib.contextmanager
def running(name: str, folder: str) -> Iterator[int]:
    """Run a server in a process of its own; gives its port."""
    with subprocess.Popen([sys.executable, __file__, name, folder], stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.kill()


# --- The load -------------------------------------------------------------------------------------------

BODY = payloads.form(payloads.v1_said("Good morning, everybody", MESSAGE_ID="@MESSAGE@"))
BEFORE, AFTER = BODY.split(b"%40MESSAGE%40")
HEAD = (
    f"POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Bitrix24 Webhook Engine\r\nAccept: */*\r\n"
    f"Content-Type: {payloads.FORM}\r\nContent-Length: {len(BEFORE) + len(AFTER) + len(str(FIRST))}\r\n\r\n"
).encode()


class Knocker(asyncio.Protocol):
    """One connection: send an event, wait for the answer, send the next, until the time is over."""

    def __init__(self, ids: Iterator[int], until: float) -> None:
        self.answers = 0
        self.over = asyncio.get_running_loop().create_future()
        self._ids, self._until = ids, until
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first event."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer; anything but 200 ends the run."""
        if not data.startswith(b"HTTP/1.1 200 "):
            self.over.set_exception(RuntimeError(data[:200].decode("latin-1")))
        elif time.perf_counter() < self._until:
            self.answers += 1
            self._send()
        else:
            self.over.set_result(None)

    def _send(self) -> None:
        assert self._transport
        self._transport.write(HEAD + BEFORE + str(next(self._ids)).encode() + AFTER)


async def load(port: int, ids: Iterator[int], seconds: float) -> float:
    """Give the answers per second of one round."""
    loop, start = asyncio.get_running_loop(), time.perf_counter()
    pairs = [
        await loop.create_connection(lambda: Knocker(ids, start + seconds), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(knocker.over for _, knocker in pairs))
    for transport, _ in pairs:
        transport.close()
    return sum(knocker.answers for _, knocker in pairs) / seconds


async def measure(ports: dict[str, int]) -> dict[str, float]:
    """Give the median of each server over alternating rounds; the first, for warmth, does not count."""
    ids, rounds = itertools.count(FIRST), {name: list[float]() for name in ports}
    for _ in range(ROUNDS + 1):
        for name, port in ports.items():
            rounds[name].append(await load(port, ids, SECONDS))
    return {name: statistics.median(rates[1:]) for name, rates in rounds.items()}


def main() -> None:
    """Print both rates and their ratio, then the table of stages."""
    with tempfile.TemporaryDirectory() as folder, running("bare", folder) as bare, running("ours", folder) as ours:
        rates = asyncio.run(measure({"bare": bare, "ours": ours}))
    print(f"one v1 private message, {len(BODY)} bytes, {CONNECTIONS} connections, median of {ROUNDS} rounds")
    print(f"  a bare aiohttp server that reads the body   {rates['bare']:7.0f} requests/s")
    print(f"  our door: decoded, verified, on disk        {rates['ours']:7.0f} requests/s")
    print(f"  ratio                                       {rates['ours'] / rates['bare']:7.2f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
    else:
        main()
