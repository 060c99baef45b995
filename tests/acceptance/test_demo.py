"""`feedbridge demo`, started as a user starts it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

ROOT = Path(__file__).resolve().parents[2]
ANNA = 2
TIMEOUT = 60
STARTING = "Starting an emulator and the service ...\n"


async def demo(*arguments: str) -> asyncio.subprocess.Process:
    """Start the demo as a process."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", *arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


async def address(process: asyncio.subprocess.Process) -> str:
    """Return the address that the demo prints."""
    assert process.stdout is not None
    async with asyncio.timeout(TIMEOUT):
        first = (await process.stdout.readline()).decode()
        second = (await process.stdout.readline()).decode()
        third = (await process.stdout.readline()).decode()
    opened = re.fullmatch(r"Open (http://127\.0\.0\.1:\d+)/\?as=4&dialog=\d+\n", first)
    assert opened, f"{first!r} {await errors(process) if not first else ''}"
    assert "write one of these lines" in second.lower()
    assert third.split()[0] == "/help"
    return opened[1]


async def errors(process: asyncio.subprocess.Process) -> str:
    """Return what the demo and its processes wrote to stderr."""
    assert process.stderr is not None
    async with asyncio.timeout(TIMEOUT):
        return (await process.stderr.read()).decode()


async def ended(process: asyncio.subprocess.Process) -> int:
    """Return the exit code of a demo that is about to stop."""
    async with asyncio.timeout(TIMEOUT):
        return await process.wait()


@pytest.fixture
async def running() -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a demo, and stop it afterwards in any case."""
    process = await demo()
    yield process
    if process.returncode is None:
        process.terminate()
        await ended(process)
    print(await errors(process))  # noqa: T201  # pytest shows it beside a failed test


async def seen(session: aiohttp.ClientSession, url: str, dialog: str, words: str) -> dict[str, Any]:
    """Wait, on the portal's stream of changes, until a dialog has a message with these words."""
    async with asyncio.timeout(TIMEOUT), session.get(f"{url}/-/stream") as stream:
        while True:
            async with session.get(f"{url}/-/messages", params={"as": ANNA, "dialog": dialog}) as response:
                messages = (await response.json())["messages"]
            for message in messages:
                if words in message["text"] and message["author"]["bot"]:
                    found: dict[str, Any] = message
                    return found
            async for line in stream.content:
                if line.startswith(b"data:"):
                    break


async def bot_dialog(session: aiohttp.ClientSession, url: str) -> str:
    """Return the private dialog with the demo's only bot."""
    async with session.get(f"{url}/-/state", params={"as": ANNA}) as response:
        (app,) = (await response.json())["apps"]
    assert {command["command"].lstrip("/") for command in app["commands"]} >= {"help", "post", "follow"}
    return str(app["bots"][0]["id"])


async def test_the_demo_answers_help_and_stops_cleanly(running: asyncio.subprocess.Process) -> None:
    """The demo prints one address; /help is answered there; SIGTERM stops everything with exit code 0."""
    url = await address(running)
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        dialog = await bot_dialog(session, url)
        await session.post(f"{url}/-/say", json={"as": ANNA, "dialog": dialog, "text": "/help"})
        answer = await seen(session, url, dialog, "/post")
        assert answer["keyboard"]
    running.send_signal(signal.SIGTERM)
    assert (await ended(running), await errors(running)) == (0, STARTING)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(url)


async def test_ctrl_c_during_the_start_stops_everything(running: asyncio.subprocess.Process) -> None:
    """Ctrl+C during the start stops everything cleanly too."""
    assert running.stderr is not None
    assert (await running.stderr.readline()).decode() == STARTING
    running.send_signal(signal.SIGINT)
    assert (await ended(running), await errors(running)) == (0, "")


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, in order."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def alive(pid: int) -> bool:
    """Check whether a process exists."""
    return Path(f"/proc/{pid}").exists()


@pytest.mark.skipif(not Path(f"/proc/{os.getpid()}/task").exists(), reason="needs /proc, as Linux has it")
@pytest.mark.parametrize("which", [0, 1], ids=["the emulator", "the service"])
async def test_a_child_that_dies_ends_the_demo(running: asyncio.subprocess.Process, which: int) -> None:
    """If portal or service stops by itself, the demo names it, stops the other one, and ends with 1."""
    await address(running)
    both = children(running.pid)
    os.kill(both[which], signal.SIGKILL)
    assert await ended(running) == 1
    name = ("the emulator", "the service")[which]
    assert f"{name} ended by itself with exit code -9; the demo is over" in await errors(running)
    assert not alive(both[1 - which])


async def test_a_port_in_use_is_reported() -> None:
    """If the port of the page is taken, the demo says what could not start and ends with 2."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        process = await demo("--port", str(other.getsockname()[1]))
        assert await ended(process) == 2
    told = await errors(process)
    assert "the emulator did not start" in told
    assert "Traceback" not in told
