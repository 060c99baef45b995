"""The instructions of docs/start/connect.md work exactly as written, with a separate emulator."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/start/connect.md"
SECTION = "## Rehearse it with the emulator"
ANNA = 2
WITHIN = 60.0
STEPS = [
    "service started",
    "installation accepted",
    "bot registered",
    "commands and events registered",
    "first event of a portal",
]


def blocks(language: str) -> list[str]:
    """Return the blocks of code of the section, in one language."""
    section = PAGE.read_text("utf-8").partition(SECTION)[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def with_ports(texts: list[str], ports: dict[str, str]) -> list[str]:
    """Replace the ports of the page, which may be taken here."""
    return [re.sub("|".join(ports), lambda found: ports[found[0]], text) for text in texts]


@asynccontextmanager
async def started(command: str, folder: Path) -> AsyncIterator[Path]:
    """Run a command of the page in the reader's folder until the block ends; yield the file with its output."""
    words = shlex.split(command)
    assert words[0] == "feedbridge"
    program = [sys.executable, "-c", "from bot.cli import main; raise SystemExit(main())", *words[1:]]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBRIDGE_")}
    handle, name = await asyncio.to_thread(tempfile.mkstemp, dir=folder, suffix=f".{words[1]}")
    process = await asyncio.create_subprocess_exec(
        *program, cwd=folder, env=environ | {"PYTHONPATH": str(ROOT)}, stdout=handle, stderr=handle
    )
    os.close(handle)
    try:
        await says(Path(name), "ready: ")
        yield Path(name)
    finally:
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0


async def says(log: Path, words: str) -> None:
    """Wait until a program has printed some words."""
    async with asyncio.timeout(WITHIN):
        while words not in await asyncio.to_thread(log.read_text, "utf-8"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def asked(http: aiohttp.ClientSession, url: str, **params: object) -> Any:
    """Read from the control API of the emulator as Anna."""
    async with http.get(
        url, params={"as": str(ANNA), **{name: str(value) for name, value in params.items()}}
    ) as answer:
        return await answer.json()


async def answers(http: aiohttp.ClientSession, portal: str) -> bool:
    """Write /help to the bot as a person, and wait for its answer."""
    async with asyncio.timeout(WITHIN):
        while not (bots := (await asked(http, f"{portal}/-/state"))["apps"][0]["bots"]):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
        dialog = str(bots[0]["id"])
        async with http.post(f"{portal}/-/say", json={"as": ANNA, "dialog": dialog, "text": "/help"}) as said:
            assert said.ok
        while "/follow" not in str(await asked(http, f"{portal}/-/messages", dialog=dialog)):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.05)
    return True


def prepared() -> tuple[str, str, str, dict[str, str]]:
    """Return the page's file and two commands, with free ports; the port of the service is not in the page's file."""
    ports = {name: str(free_port()) for name in ("8080", "8090", "8091")}
    [settings] = with_ports(blocks("toml"), ports)
    run, portal = with_ports(blocks("sh"), ports)
    return settings.replace("[server]\n", f"[server]\nport = {ports['8080']}\n"), run, portal, ports


async def test_the_instructions_of_the_page_work(tmp_path: Path) -> None:
    """With the page's file and its two commands the bot answers, and the log shows each step and no warning."""
    settings, run, portal, ports = prepared()
    (tmp_path / "config.toml").write_text(settings, encoding="utf-8")
    async with (
        aiohttp.ClientSession() as http,
        started(run, tmp_path) as service,
        started(portal, tmp_path) as emulator,
    ):
        assert await answers(http, f"http://127.0.0.1:{ports['8090']}")
        for step in STEPS:
            await says(service, step)
        log, told = service.read_text("utf-8"), emulator.read_text("utf-8")
    assert f"Authorization server: http://127.0.0.1:{ports['8091']}/oauth/token/" in told
    assert '"level": "warning"' not in log
    assert "Traceback" not in log


@pytest.mark.parametrize("setting", ["client_secret", "oauth_url"])
async def test_a_wrong_setting_keeps_the_installation(tmp_path: Path, setting: str) -> None:
    """With a wrong setting the installation waits, without tracebacks: after a correction the bot answers."""
    settings, run, portal, ports = prepared()
    right = f"{settings}[retry]\nfirst = 0.1\nmost = 0.5\n"
    if setting == "client_secret":  # without app.info the token is renewed to confirm it, which needs the secret
        right = right.replace(f":{ports['8091']}/", f":{ports['8090']}/")
        wrong, words = (
            right.replace('client_secret = "rehearsal"', 'client_secret = "mistaken"'),
            "correct app.client_id",
        )
    else:
        wrong, words = right.replace(f":{ports['8091']}/", f":{free_port()}/"), "cannot be reached"
    (tmp_path / "config.toml").write_text(wrong, encoding="utf-8")
    async with aiohttp.ClientSession() as http, started(portal.replace("--install", ""), tmp_path):
        address = f"http://127.0.0.1:{ports['8090']}"
        async with started(run, tmp_path) as service:
            async with http.post(f"{address}/-/apps/install", json={"client_id": "local.rehearsal", "as": 1}) as done:
                assert done.ok
            await says(service, words)
        log = service.read_text("utf-8")
        assert "installation refused" not in log
        assert "Traceback" not in log
        (tmp_path / "config.toml").write_text(right, encoding="utf-8")
        async with started(run, tmp_path):
            assert await answers(http, address)
