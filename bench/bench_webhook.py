"""Durable accepts per second of our webhook against a bare aiohttp server that only reads the body, in one run.

Each server is a process of its own; the load comes from this one: 64 kept-alive connections, each sends a documented
v1 private message with a message id of its own, waits for the answer and sends the next. Rounds alternate between the
servers, and a ratio is that of the medians. Behind our webhook is its store with the group committer on a real file,
synced at every commit; the worker does not run, because handling is not what is measured. A third server, for scale,
has aiohttp take the form apart (`request.post()`) and does nothing else. Then: where the processor time of one event
goes, each stage measured by itself, the rest being what the whole took beyond them.
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
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from cryptography.fernet import Fernet

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.bitrix import addresses
from bot.bitrix.inbound import decode, forms
from bot.store import Encryption
from bot.store.statements import Statement
from tests import payloads, webhooks

CONNECTIONS = 64
ROUNDS = 5
SECONDS = 0.55
SHARED = 24
"""Events in one commit when the stage is measured by itself; about as many as share one under this load."""
FIRST = 1_000_000
"""Message ids have seven digits, so that every body has the same length."""

# --- The two servers ------------------------------------------------------------------------------------


async def serve(name: str, folder: Path) -> None:
    """Serve until the process is ended; print the port when ready."""
    async with _ours(folder) if name == "ours" else _plain(parse=name == "post") as application:
        application.router.add_get("/cpu", _cpu)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()


async def _cpu(_request: web.Request) -> web.Response:
    """Return the processor time that this server has used so far."""
    return web.json_response(time.process_time())


@contextlib.asynccontextmanager
async def _plain(*, parse: bool) -> AsyncIterator[web.Application]:
    async def events(request: web.Request) -> web.Response:
        await (request.post() if parse else request.read())
        return web.Response()

    application = web.Application()
    application.router.add_post("/events", events)
    yield application


@contextlib.asynccontextmanager
async def _ours(folder: Path) -> AsyncIterator[web.Application]:
    async with webhooks.stored(folder) as store:
        await webhooks.install(store)
        yield webhooks.alone(store).application()


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


def processor(port: int) -> float:
    """Give the seconds of processor time that a server has used."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/cpu") as answer:
        return float(answer.read())


def measure(ports: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Give each server's requests per second and microseconds of processor time per request: medians of rounds."""
    ids, rounds = itertools.count(FIRST), {name: list[tuple[float, float]]() for name in ports}
    for _ in range(ROUNDS + 1):  # the first, for warmth, does not count
        for name, port in ports.items():
            before = processor(port)
            rate = asyncio.run(load(port, ids, SECONDS))
            rounds[name].append((rate, (processor(port) - before) / (rate * SECONDS) * 1e6))
    middle = statistics.median
    return {name: (middle(r for r, _ in pairs[1:]), middle(c for _, c in pairs[1:])) for name, pairs in rounds.items()}


# --- Where it goes --------------------------------------------------------------------------------------


def best(work: Callable[[], object], times: int = 500) -> float:
    """Return the time of some work in microseconds: the best of several rounds."""
    rounds = []
    for _ in range(9):
        start = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append(time.perf_counter() - start)
    return min(rounds) / times * 1e6


def stages(folder: Path) -> dict[str, float]:
    """Give the microseconds of each stage between the body and the disk."""
    body = BEFORE + str(FIRST).encode() + AFTER
    tree = forms.decode(body, payloads.FORM)
    envelope = decode.envelope(tree)
    [decoded] = decode.decoded_events(envelope)
    encryption, encode = Encryption(Fernet.generate_key()), msgspec.json.Encoder().encode
    event, event_tokens = encode(decoded.event).decode(), encode(decoded.event_tokens).decode()
    row = (
        envelope.portal,
        "Said",
        decoded.key,
        decoded.ordering_key,
        event,
        encryption.encrypt(event_tokens),
        time.time(),
    )
    return {
        "decode the form into a tree": best(lambda: forms.decode(body, payloads.FORM)),
        "read the tree into an event": best(lambda: decode.decoded_events(decode.envelope(tree))),
        "verify the application_token": best(lambda: addresses.genuine(envelope, payloads.APPLICATION_TOKEN)),
        "encode event and tokens as JSON": best(lambda: (encode(decoded.event), encode(decoded.event_tokens))),
        "encryption the tokens (Fernet)": best(lambda: encryption.encrypt(event_tokens)),
        f"commit, {SHARED} events at a time": asyncio.run(commit(folder, row)),
    }


async def commit(folder: Path, row: tuple[Any, ...]) -> float:
    """Give the processor time in microseconds of one event's share in a commit."""
    portal, kind, _, *rest = row
    used = []
    async with webhooks.stored(folder) as store:
        for turn in range(60):
            keys = [f"msg:{turn}:{number}" for number in range(SHARED)]
            rows = [Statement(name="inbox_add", values=(portal, kind, key, *rest)) for key in keys]
            start = time.process_time()
            await store.db.write(rows)
            used.append(time.process_time() - start)
    return statistics.median(used) / SHARED * 1e6


NAMES = {
    "bare": "an aiohttp server that reads the body",
    "post": "the same that also parses the form",
    "ours": "our webhook: decoded, verified, on disk",
}


def main() -> None:
    """Print all rates and their ratios, then the table of stages."""
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.ExitStack() as stack:
            figures = measure({name: stack.enter_context(running(name, folder)) for name in NAMES})
        inside = stages(Path(folder))
    print(f"one v1 private message, {len(BODY)} bytes, {CONNECTIONS} connections, medians of {ROUNDS} rounds")
    bare, whole = figures["bare"], figures["ours"][1]
    print(f"  {'':37} requests/s  ratio   processor time each  ratio")
    for name, (rate, used) in figures.items():
        print(f"  {NAMES[name]:37} {rate:10.0f}  {rate / bare[0]:5.2f}   {used:16.1f} us  {bare[1] / used:5.2f}")
    print("where the processor time of one event goes")
    table = {"receive and answer, as the bare server": bare[1], **inside}
    table["the rest: futures, threads, cold caches"] = whole - sum(table.values())
    for name, spent in table.items():
        print(f"  {name:43} {spent:7.1f} us {spent / whole:5.0%}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
    else:
        main()
