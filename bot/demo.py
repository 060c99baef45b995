"""`feedbridge demo`: a pretend portal and the service side by side, joined through their public doors only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot import app, config
from bot.errors import BotError

UP_WITHIN = 30.0
"""Seconds that portal, service and installation may each take."""
DOWN_WITHIN = 15.0
"""Seconds that portal and service may each take to end before they are killed."""
_ENDLESS = aiohttp.ClientTimeout(total=None)
INSTALLER = 1
"""The person of the pretend portal who installs: its administrator."""
SOMEBODY = 4
"""The person the address opens with: no administrator, so that rights show; English is spoken to her."""
TRY = (
    "Try: write /help to Feedbridge, press a button; then /follow all and /post to:all Hello; "
    "edit the post and watch its card change. Ctrl+C ends the demo."
)


class DemoError(BotError):
    """Something the demo needs did not come up, or ended by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    """A process that we started, and the address it told."""

    name: str
    process: asyncio.subprocess.Process
    address: str

    async def ends(self) -> None:
        """Wait for an end that nobody asked for."""
        raise DemoError(f"{self.name} ended by itself with exit code {await _over(self.process)}; the demo is over")


async def run(port: int, *, environ: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """Start both, install the application, tell the one address to open, and stay until cancelled.

    `port` is the page's (0: any free one). What the children have to say as warnings goes to our own stderr.

    Raises:
        DemoError: one of them did not come up, or ended by itself.
    """
    sys.stderr.write("Starting a pretend portal and the service ...\n")
    calm = {name: value for name, value in environ.items() if not name.startswith(config.PREFIX)}
    with tempfile.TemporaryDirectory(prefix="feedbridge-demo-") as folder:
        async with aiohttp.ClientSession(raise_for_status=_refused) as session:
            try:
                await _play(port, session=session, folder=Path(folder), environ=calm, tell=tell)
            except aiohttp.ClientError as exc:
                raise DemoError(f"the pretend portal does not answer: {exc}") from exc


async def _play(
    port: int, *, session: aiohttp.ClientSession, folder: Path, environ: dict[str, str], tell: Callable[[str], None]
) -> None:
    async with _child("the pretend portal", "Portal ready:", ["portal", "--port", str(port)], environ) as portal:
        webhook = f"http://127.0.0.1:{_free_port()}"
        known = await _post(session, f"{portal.address}/-/apps", name="Feedbridge", handler=f"{webhook}/events")
        settings = _settings(folder, webhook, portal.address, known)
        async with _child("the service", "Feedbridge ready:", ["bot", "run"], environ | settings) as service:
            installed = _installed(session, portal.address, known["client_id"])
            await _first(installed, portal.ends(), service.ends())
            dialog = await _dialog(session, portal.address, known["client_id"])
            tell(f"Open {portal.address}/?as={SOMEBODY}&dialog={dialog}\n{TRY}")
            await _first(portal.ends(), service.ends())


def _settings(folder: Path, webhook: str, portal: str, known: Mapping[str, str]) -> dict[str, str]:
    """The service's settings, as environment."""
    chosen = {
        "server.port": webhook.rpartition(":")[2],
        "server.public_url": webhook,
        "store.url": f"sqlite:///{folder / 'demo.db'}",
        "app.client_id": known["client_id"],
        "app.client_secret": known["client_secret"],
        "app.oauth_url": f"{portal}/oauth/token/",
        "security.key_file": str(folder / "demo.key"),
        "security.insecure_portals": "true",
        "log.level": "warning",
        "log.format": "text",
    }
    return {config.settings()[name].variable: value for name, value in chosen.items()}


@contextlib.asynccontextmanager
async def _child(name: str, ready: str, module: list[str], environ: Mapping[str, str]) -> AsyncIterator[_Child]:
    """Start `python -m MODULE`, wait for the line that says where it listens, and end it afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *module,
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl+C in the terminal is for us; we end the children in our own order.
        start_new_session=True,
    )
    try:
        yield _Child(name=name, process=process, address=await _address(process, name, ready))
    finally:
        await _end(process)


async def _address(process: asyncio.subprocess.Process, name: str, ready: str) -> str:
    """The address from the child's line `READY http://...`, without a trailing slash."""
    try:
        async with asyncio.timeout(UP_WITHIN):
            async for line in _lines(process):
                if line.startswith(ready):
                    return line.removeprefix(ready).strip().rstrip("/")
            raise DemoError(f"{name} did not start: exit code {await process.wait()}; its own words stand above")
    except TimeoutError as exc:
        raise DemoError(f"{name} was not ready within {UP_WITHIN:g} seconds") from exc


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """What a child says, until it says no more; read to the end so that it never waits for us."""
    if process.stdout is not None:
        async for line in process.stdout:
            yield line.decode(errors="replace").strip()


async def _over(process: asyncio.subprocess.Process) -> int:
    """Wait for the end of a child: its exit code."""
    async for _line in _lines(process):
        pass
    return await process.wait()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask a child to end, and insist after a while (or at once, if we are asked twice)."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(DOWN_WITHIN):
            await _over(process)
    except TimeoutError:
        sys.stderr.write(f"process {process.pid} did not end within {DOWN_WITHIN:g} seconds\n")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _installed(session: aiohttp.ClientSession, portal: str, client_id: str) -> None:
    """Install the application and wait until its bot and its commands are there.

    The portal's stream says when something changed; it is opened first, so no change is missed.
    """
    try:
        async with asyncio.timeout(UP_WITHIN), session.get(f"{portal}/-/stream", timeout=_ENDLESS) as stream:
            await _post(session, f"{portal}/-/apps/install", client_id=client_id, **{"as": INSTALLER})
            async for line in stream.content:
                if line.startswith(b"data:") and await _complete(session, portal, client_id):
                    return
    except TimeoutError as exc:
        raise DemoError(f"the application was not installed within {UP_WITHIN:g} seconds") from exc
    raise DemoError("the pretend portal closed its stream before the application was installed")


async def _dialog(session: aiohttp.ClientSession, portal: str, client_id: str) -> int:
    """The private dialog with our bot: its user id."""
    return int((await _state(session, portal, client_id))["bots"][0]["id"])


async def _state(session: aiohttp.ClientSession, portal: str, client_id: str) -> dict[str, Any]:
    """What the portal knows of our application."""
    async with session.get(f"{portal}/-/state", params={"as": INSTALLER}) as response:
        state: dict[str, Any] = await response.json()
    found: dict[str, Any] = next(each for each in state["apps"] if each["client_id"] == client_id)
    return found


async def _complete(session: aiohttp.ClientSession, portal: str, client_id: str) -> bool:
    ours = await _state(session, portal, client_id)
    offered = {command["command"].lstrip("/") for command in ours["commands"]}
    return bool(ours["installed"] and ours["bots"] and offered >= set(app.router().commands))


async def _post(session: aiohttp.ClientSession, url: str, **body: object) -> dict[str, str]:
    async with session.post(url, json=body) as response:
        answer: dict[str, str] = await response.json()
        return answer


async def _refused(response: aiohttp.ClientResponse) -> None:
    """Turn a refusal of the portal's control side into a sentence."""
    if not response.ok:
        raise DemoError(f"the pretend portal refused {response.url.path}: {await response.text()}")


async def _first(*work: Coroutine[Any, Any, None]) -> None:
    """Wait until one of these ends; the others are cancelled, and a failure is ours."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
