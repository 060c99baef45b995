"""Slow clients: each is given up after a time, and together they delay nobody else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.webhook import listening
from tests import payloads, webhooks
from tests.programs import Program
from tests.service import Service
from tests.webhooks import RunningWebhook

MIB = 2**20
SAFETY = 20.0
"""Seconds after which a test gives up; nothing here takes so long."""


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[RunningWebhook]:
    """Start a webhook that allows a fifth of a second for a body, and knows one portal."""
    async with webhooks.stored(tmp_path) as store, webhooks.opened_alone(store, max_seconds=0.2) as running_webhook:
        await webhooks.install(store)
        yield running_webhook


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[RunningWebhook]:
    """Start a webhook that never gives a client up."""
    async with webhooks.stored(tmp_path) as store, webhooks.opened_alone(store, max_seconds=SAFETY) as running_webhook:
        yield running_webhook


@contextlib.asynccontextmanager
async def begun(address: str, size: int, *pieces: bytes) -> AsyncIterator[asyncio.StreamReader]:
    """Start a request whose head gives the length of its body, with the beginning of that body; yield the reader."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        head = f"POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: {payloads.FORM}\r\nContent-Length: {size}\r\n\r\n"
        writer.writelines([head.encode(), *pieces])
        yield reader
    finally:
        writer.transport.abort()


async def status(reader: asyncio.StreamReader) -> int:
    """Return the status of the answer."""
    async with asyncio.timeout(SAFETY):
        head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split()[1])


@pytest.mark.parametrize("sent", [b"", b"event=ONIMBOTMESS"], ids=["nothing", "a part"])
async def test_a_missing_body_is_answered_408(impatient: RunningWebhook, sent: bytes) -> None:
    """A client that sends a head and no body gets 408, and the connection is closed."""
    async with begun(impatient.address, 1000, sent) as reader:
        async with asyncio.timeout(SAFETY):
            head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert [line["event"] for line in impatient.lines] == ["event.bad"]
    assert impatient.lines[0]["status"] == 408
    assert 'feedbridge_events_received_total{kind="unknown",outcome="bad"} 1.0' in (await impatient.get("/metrics"))[1]


async def test_a_body_that_comes_slowly_is_answered_408(impatient: RunningWebhook) -> None:
    """Single bytes do not restart the time limit, which is for the whole body."""
    host, _, port = impatient.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
    answer = asyncio.create_task(status(reader))
    while not answer.done():
        writer.write(b"x")
        await asyncio.wait([answer], timeout=0.02)
    assert await answer == 408
    writer.transport.abort()


async def test_many_slow_bodies_delay_no_event(tmp_path: Path) -> None:
    """During two hundred slow bodies, short and long, events are accepted; then all are given up."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(webhooks.stored(tmp_path))
        await webhooks.install(store)
        webhook = await stack.enter_async_context(webhooks.opened_alone(store, max_seconds=2.0))
        slow = [
            await stack.enter_async_context(begun(webhook.address, size, b"event=")) for size in [100, 1_000_000] * 100
        ]
        assert [await webhook.send(payloads.v1_said(MESSAGE_ID=str(number))) for number in range(5)] == [200] * 5
        assert await asyncio.gather(*map(status, slow)) == [408] * 200


@pytest.mark.parametrize("head", [b"", b"POST /events HTTP/1.1\r\nHost"], ids=["nothing", "half a head"])
async def test_a_connection_without_a_request_is_closed(
    tmp_path: Path, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection without a complete request head is closed."""
    monkeypatch.setattr(listening, "KEEPALIVE", 0.1)
    async with webhooks.opened(tmp_path) as running_webhook:
        host, _, port = running_webhook.address.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head)
        async with asyncio.timeout(SAFETY):
            with contextlib.suppress(ConnectionResetError):  # closed before the head was complete
                assert await reader.read() == b""
        writer.transport.abort()


async def test_a_closed_connection_is_logged_without_a_traceback(
    patient: RunningWebhook, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that disconnects in the middle of a body leaves one line in the log, and no traceback."""
    async with begun(patient.address, 1000, b"event="):
        pass
    async with asyncio.timeout(SAFETY):
        while not patient.lines:
            await patient.get("/healthz")
    assert [(line["event"], line["status"]) for line in patient.lines] == [("event.bad", 400)]
    assert caplog.records == []


def memory(process: Program, name: str) -> int:
    """Return the memory of a process in bytes (VmRSS), or its maximum (VmHWM)."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    [line] = [line for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc, which only Linux has")
async def test_long_bodies_that_never_end_fill_no_memory(tmp_path: Path) -> None:
    """Of two hundred clients that stop before the end of a megabyte, only some are read at a time."""
    settings = {"FEEDBRIDGE_SERVER__MAX_SECONDS": "3"}
    service = Service(folder=tmp_path, portal_url="http://127.0.0.1:9/", settings=settings)
    await service.start()
    try:
        assert service.process
        before = await asyncio.to_thread(memory, service.process, "VmRSS")
        async with contextlib.AsyncExitStack() as stack:
            slow = [
                await stack.enter_async_context(begun(service.url, MIB, b"a=", bytes(MIB - 10))) for _ in range(200)
            ]
            assert await asyncio.gather(*map(status, slow)) == [408] * 200
        most = await asyncio.to_thread(memory, service.process, "VmHWM")
        assert most - before < 128 * MIB
    finally:
        assert await service.stop() == 0
