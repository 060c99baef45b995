"""`feedbridge status`, beside a service that uses the same database."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import web

from bot import cli
from bot.model.events import PostDeleted, PostId
from tests.outgoing import Out, opened, say
from tests.ports import free_port
from tests.serving import serving


def configured(folder: Path, port: int) -> Path:
    """Write a configuration for the database of `opened`, and a service at this port."""
    path = folder / "config.toml"
    path.write_text(f'[store]\nurl = "sqlite:///{folder}/feedbridge.db"\n[server]\nport = {port}\n')
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Give a configuration with a port where nothing listens."""
    return configured(tmp_path, free_port())


async def status(settings: Path, *more: str) -> int:
    """Run the command in a thread, because it has an event loop of its own."""
    return await asyncio.to_thread(cli.main, ["status", "--config", str(settings), *more])


async def trouble(out: Out) -> None:
    """Leave two events that wait (one failed), a dead letter, and a message that waits."""
    now = time.time()
    posts = [out.arrived(PostDeleted(portal=out.id, post=PostId(n)), f"post:{n}") for n in (1, 2, 3)]
    await out.store.receive(posts, now - 125)
    failed, dead, _ = await out.store.waiting_events(after=0, many=10)
    await out.store.retry_event(failed, due_at=now + 60, error="PortalDown: it is closed")
    await out.store.park_event(dead, [], [], error="x", now=now)
    await out.decide(say("2", "hello"))


async def test_the_state_of_a_portal_is_printed(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says what waits, since when, why it failed, and the dead letters; 1 without a service."""
    async with opened(tmp_path, sends=False) as out:
        await trouble(out)
        assert await status(settings) == cli.FAILED
        domain = (await out.known()).domain
    said = capsys.readouterr().out
    assert "does not answer" in said
    assert f"{domain} (bot API v2, bot " in said
    assert "speaks with:   the installer's token" in said
    assert "events:        2 waiting, the oldest for 2 min, dead letters: 1; last error: PortalDown: it is" in said
    assert "requests:      1 waiting, the oldest for 0 s" in said


async def test_a_mute_bot_is_said_loudly(tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bot that cannot speak is named with the reason and what to do, and ends with 1 although the service answers."""
    async with opened(tmp_path, sends=False) as out:
        await out.store.is_mute(out.id, "every token was refused", now=time.time() - 3 * 86_400)
        assert await status(settings, "--json") == cli.FAILED
        assert await status(settings) == cli.FAILED
    printed = capsys.readouterr().out
    start = printed.index("Service:")
    [portal] = json.loads(printed[:start])["portals"]
    assert portal["mute_reason"] == "every token was refused"
    assert "NOBODY'S TOKEN for 3 d (every token was refused): the next message to the bot" in printed[start:]


async def test_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with 0 where the service answers and nothing is wrong."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response()

    async with opened(tmp_path, sends=False), serving(web.get("/healthz", healthz)) as address:
        port = int(address.split(":")[2].split("/")[0])
        assert await status(configured(tmp_path, port)) == cli.OK
    said = capsys.readouterr().out
    assert f"answers at http://127.0.0.1:{port}" in said
    assert "events:        0 waiting\n" in said


def test_a_database_that_cannot_be_read_is_named(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No database, one of another program and one of another version are refused with 2, and nothing is created."""
    database = tmp_path / "feedbridge.db"
    assert cli.main(["status", "--config", str(settings)]) == cli.MISCONFIGURED
    assert not database.exists()
    with closing(sqlite3.connect(database)) as other:
        other.execute("CREATE TABLE mine (id)")
    assert cli.main(["status", "--config", str(settings)]) == cli.MISCONFIGURED
    said = capsys.readouterr().err
    assert "unable to open database file" in said
    assert "is not a database of Feedbridge" in said
