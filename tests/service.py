"""The service as a process, started as an administrator starts it, with an emulator."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import portal.testing
from portal.testing import RunningPortal
from portal.world.apps import App
from tests.ports import free_port
from tests.programs import Program

START = 60.0
"""Seconds that a start may take on a busy machine."""
CLIENT_ID, CLIENT_SECRET = "local.feedbridge.acceptance", "a secret of this test"


@dataclass(slots=True, kw_only=True)
class Service:
    """A service that can be started, stopped and killed; port and files stay the same."""

    folder: Path
    portal_url: str
    bot_api: str = "auto"
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: Program | None = None

    @property
    def url(self) -> str:
        """Return the webhook's address."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, crash_at: str = "") -> None:
        """Start it, and wait until the webhook listens; with `crash_at` it can be killed at that crash point."""
        config, log = await asyncio.to_thread(lambda: (self._config(), self._log()))
        module = ["bot", "run", "--config", str(config)]
        if crash_at:
            module = ["tests.crashing", str(config), crash_at]
        self.process = Program("-m", *module, environ=_environment() | self.settings, stderr=log)
        os.close(log)
        async with asyncio.timeout(START):
            ready = await asyncio.to_thread(self.process.stdout.readline)
        assert ready.startswith("Feedbridge ready: "), f"{ready!r}; {await asyncio.to_thread(self.said)}"

    def doom(self) -> None:
        """Let it die, as with kill -9, when the next event reaches its crash point."""
        assert self.process is not None
        self.process.send_signal(signal.SIGUSR1)

    async def stop(self) -> int:
        """Stop it, and return its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it stops."""
        assert self.process is not None
        async with asyncio.timeout(START):
            return await self.process.ended()

    def said(self) -> str:
        """Return the end of its log."""
        return (self.folder / "service.log").read_text("utf-8")[-4000:]

    def _log(self) -> int:
        return os.open(self.folder / "service.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _config(self) -> Path:
        path = self.folder / "config.toml"
        path.write_text(
            f"""
[server]
port = {self.port}
public_url = "{self.url}"
[store]
url = "sqlite:///{self.folder}/feedbridge.db"
[app]
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
oauth_url = "{self.portal_url}oauth/token/"
bot_api = "{self.bot_api}"
[security]
key_file = "{self.folder}/feedbridge.key"
insecure_portals = true
[publish]
at_once = true
[retry]
first = 0.05
most = 0.5
settle = 0.2
late = 3600
""",
            "utf-8",
        )
        return path


def _environment() -> dict[str, str]:
    """Return the environment without variables of the tests, which the service would take for settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FEEDBRIDGE_") or "__" in name}


@contextlib.asynccontextmanager
async def beside(running: RunningPortal, folder: Path, **options: str) -> AsyncIterator[tuple[Service, App]]:
    """Start a service that is installed on the portal, with all its commands."""
    bot_api = options.pop("bot_api", "auto")
    service = Service(folder=folder, portal_url=running.url, bot_api=bot_api, settings=options)
    await service.start()
    try:
        app = await running.add_app(
            name="Feedbridge", handler=f"{service.url}/events", client_id=CLIENT_ID, client_secret=CLIENT_SECRET
        )
        await running.install(app)
        await running.called("event.bind", times=3, within=START)
        yield service, app
    finally:
        if service.process is not None and service.process.returncode is None:
            service.process.kill()
            await service.ended()


@contextlib.asynccontextmanager
async def installed(folder: Path, **options: str) -> AsyncIterator[tuple[RunningPortal, Service, App]]:
    """Start an emulator of Bitrix24 and an installed service."""
    async with portal.testing.running() as running, beside(running, folder, **options) as (service, app):
        yield running, service, app
