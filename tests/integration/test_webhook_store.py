"""The webhook and its store: shared commits, a database that fails and recovers, a stop during requests."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.model.events import PortalId, Uninstalled
from bot.model.queued import IncomingEvent
from bot.store import key_from_file
from bot.store.sqlite import in_thread
from tests import payloads, webhooks
from tests.service import Service
from tests.webhooks import RunningWebhook


def gone(key: str) -> IncomingEvent:
    """Make a small event."""
    return IncomingEvent(event=Uninstalled(portal=PortalId("other")), key=key, ordering_key="portal")


def deletion(number: int) -> payloads.Tree:
    """Make one of many events that need no request to the portal."""
    return payloads.post("DELETE", number)


async def value(page: str, webhook: RunningWebhook) -> float:
    """Return one number of /metrics."""
    _, text = await webhook.get("/metrics")
    [line] = [line for line in text.splitlines() if line.startswith(f"{page} ")]
    return float(line.split()[1])


async def test_events_that_come_together_share_commits(tmp_path: Path) -> None:
    """A hundred events that came during one commit are on disk with the next one, before they are answered."""
    async with (
        webhooks.stored(tmp_path) as store,
        webhooks.opened_alone(store) as webhook,
    ):  # alone: nobody else commits
        await webhooks.install(store)
        done = threading.Event()
        held = asyncio.create_task(in_thread(store.db._writer, lambda _conn: done.wait()))
        commit = asyncio.create_task(store.portal_moved(PortalId("other"), ""))
        await asyncio.sleep(0)  # it asks to be committed
        await asyncio.sleep(0)  # the committer asks the writer, which is held
        answers = asyncio.gather(*(webhook.send(deletion(number)) for number in range(100)))
        async with asyncio.timeout(20):
            while len(store.db._waiting) < 100:
                await asyncio.wait([answers], timeout=0.01)
        done.set()
        await asyncio.gather(held, commit)
        assert await answers == [200] * 100
        assert len(await webhook.inbox()) == 100
        assert await value("feedbridge_commit_rows_sum", webhook) == 100
        assert await value("feedbridge_commit_rows_count", webhook) == 1


# --- A database that fails ----------------------------------------------------------------------------------

Repair = Callable[[], Awaitable[object]]


async def disk_full(webhook: RunningWebhook, _folder: Path) -> Repair:
    """Limit the size of the file; SQLite then reports a full disk."""
    writer = webhook.store.db._writer
    await writer.execute("PRAGMA max_page_count = 1")  # SQLite takes the current size
    return lambda: writer.execute("PRAGMA max_page_count = 1000000")


async def read_only(webhook: RunningWebhook, _folder: Path) -> Repair:
    """Make the database read-only."""
    writer = webhook.store.db._writer
    await writer.execute("PRAGMA query_only = ON")
    return lambda: writer.execute("PRAGMA query_only = OFF")


async def locked(webhook: RunningWebhook, folder: Path) -> Repair:
    """Lock the file as another program."""
    await webhook.store.db._writer.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(folder / "feedbridge.db", isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")

    async def release() -> None:
        await asyncio.to_thread(other.execute, "ROLLBACK")
        other.close()

    return release


@pytest.mark.parametrize("trouble", [disk_full, read_only, locked], ids=lambda trouble: trouble.__name__)
async def test_an_event_that_cannot_be_stored_is_refused(
    webhook: RunningWebhook, tmp_path: Path, trouble: Callable[[RunningWebhook, Path], Awaitable[Repair]]
) -> None:
    """While the database fails, events get 503 and none is stored; when it works again they are accepted."""
    repair = await trouble(webhook, tmp_path)
    big = [payloads.v1_said("x" * 20_000, MESSAGE_ID=str(number)) for number in range(20)]
    assert await asyncio.gather(*(webhook.send(tree) for tree in big)) == [503] * 20
    await repair()
    assert await webhook.inbox() == []
    assert await asyncio.gather(*(webhook.send(tree) for tree in big)) == [200] * 20
    assert len(await webhook.inbox()) == 20


async def test_every_confirmed_event_is_on_disk(tmp_path: Path) -> None:
    """A disk that becomes full between commits: there are as many rows as confirmations."""
    async with webhooks.stored(tmp_path) as store:
        writer = store.db._writer
        [[pages]] = await writer.execute_fetchall("PRAGMA page_count")
        await writer.execute(f"PRAGMA max_page_count = {pages + 20}")
        results: list[BaseException | None] = []
        for wave in range(10):
            keys = (f"{wave}-{number}-{'x' * 2000}" for number in range(5))
            results += await asyncio.gather(
                *(store.receive([gone(key)], now=1.0) for key in keys), return_exceptions=True
            )
        [[count]] = await store.db.reader.execute_fetchall("SELECT COUNT(*) FROM inbox")
        assert {type(result) for result in results} == {type(None), StoreError}
        assert count == results.count(None)


async def test_a_database_that_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    """If the token cannot be read, events get 503 and /readyz says why; /metrics still answers."""
    async with webhooks.stored(tmp_path) as store:
        await webhooks.install(store)
    async with webhooks.stored(tmp_path) as store, webhooks.opened_alone(store) as running_webhook:
        reader = store.db.reader
        await reader.set_progress_handler(lambda: 1, 1)  # the database is told to stop at every step
        assert await running_webhook.send(payloads.v1_said()) == 503
        assert await running_webhook.send(payloads.v2_said(bot={"id": payloads.BOT})) == 503
        assert (await running_webhook.get("/readyz"))[0] == 503
        assert (await running_webhook.get("/healthz"))[0] == 200
        assert (await running_webhook.get("/metrics"))[0] == 200
        await reader.set_progress_handler(lambda: 0, 1_000_000)
        assert await running_webhook.send(payloads.v1_said()) == 200
        assert (await running_webhook.get("/readyz"))[0] == 200


async def test_a_row_that_cannot_be_written_fails_alone(webhook: RunningWebhook) -> None:
    """An event that the database cannot hold is refused; others in its commit are stored."""
    bad = gone("half a surrogate pair \ud800")
    results = await asyncio.gather(
        *(webhook.store.receive([one], now=1.0) for one in (gone("a"), bad, gone("b"))), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), StoreError, type(None)]
    assert [taken.key for taken in await webhook.inbox()] == ["a", "b"]
    assert await webhook.send(payloads.v1_said()) == 200


async def test_a_closed_connection_does_not_stop_the_others(webhook: RunningWebhook) -> None:
    """A request that is cancelled during a commit does not affect the committer and other requests."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(webhook.send(deletion(number))) for number in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
    assert [task.result() for task in tasks[1::2]] == [200] * 10
    assert await webhook.send(deletion(100)) == 200


# --- A stop -------------------------------------------------------------------------------------------------


async def half_sent(url: str, body: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Start a request and send half of its body; return when the webhook has begun to read it."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /events HTTP/1.1\r\nHost: {host}\r\nContent-Type: {payloads.FORM}\r\nExpect: 100-continue\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    return reader, writer


async def test_open_requests_are_answered_after_sigterm(tmp_path: Path) -> None:
    """If it is stopped during requests, the service reads, stores and answers them all, and ends with 0."""
    key = await asyncio.to_thread(key_from_file, tmp_path / "feedbridge.key")
    async with webhooks.stored(tmp_path, key) as store:
        await webhooks.install(store)
    service = Service(folder=tmp_path, portal_url="http://127.0.0.1:9/")
    await service.start()
    assert service.process
    bodies = [payloads.form(deletion(number)) for number in range(24)]
    begun = [await half_sent(service.url, body) for body in bodies]
    service.process.send_signal(signal.SIGTERM)
    for (_, writer), body in zip(begun, bodies, strict=True):
        writer.write(body[len(body) // 2 :])
    answers = [await reader.readuntil(b"\r\n\r\n") for reader, _ in begun]
    assert [answer.partition(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 24
    for _, writer in begun:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    assert await service.ended() == 0
    async with webhooks.stored(tmp_path, key) as store, store.db.reader.execute("SELECT COUNT(*) FROM inbox") as cursor:
        assert [tuple(row) async for row in cursor] == [(24,)]
