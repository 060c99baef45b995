"""Runs the emulator and the service together, connected only through HTTP."""

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
from bot.demo_lines import POLICY, listed
from bot.errors import BotError, ConfigError

UP_WITHIN = 30.0
"""Seconds that the emulator, the service and the installation may each take to start."""
DOWN_WITHIN = 15.0
"""Seconds that emulator and service may each take to stop before they are killed."""
_MISCONFIGURED = 2
"""The exit code of emulator and service for a wrong setting (docs/reference/exit-codes.md)."""
_ENDLESS = aiohttp.ClientTimeout(total=None)
INSTALLER = 1
"""The user of the emulator who installs the application: its administrator."""
OPENED_AS = 4
"""The user that the page opens with: no administrator, so that rights are visible; speaks English."""
TRY = f"""\
Write one of these lines to Feedbridge, and press the buttons under its answers:
{listed()}
Ctrl+C ends the demo."""


class DemoError(BotError):
    """The emulator or the service did not start, refused a request, or stopped by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    """A process that the demo started, and the address that this process printed."""

    name: str
    process: asyncio.subprocess.Process
    address: str

    async def wait_for_end(self) -> None:
        """Wait until the process stops by itself.

        Raises:
            DemoError: always, because the process must run until the demo stops it.
        """
        raise DemoError(
            f"{self.name} ended by itself with exit code {await _wait_for_end(self.process)}; the demo is over"
        )


async def run(port: int, *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Start the emulator and the service, install the application, say the address to open, and run until cancelled.

    `port` is the port of the emulator's page (0: any free port). Warnings of both processes go to our stderr.

    Raises:
        DemoError: one of the two did not start, refused the installation, or stopped by itself.
    """
    sys.stderr.write("Starting an emulator and the service ...\n")
    calm = {name: value for name, value in environ.items() if not name.startswith(config.PREFIX)}
    with tempfile.TemporaryDirectory(prefix="feedbridge-demo-") as folder:
        async with aiohttp.ClientSession(raise_for_status=_refused) as session:
            try:
                await _run_both(port, session=session, folder=Path(folder), environ=calm, say=say)
            except aiohttp.ClientError as exc:
                raise DemoError(f"the emulator does not answer: {exc}") from exc


async def _run_both(
    port: int, *, session: aiohttp.ClientSession, folder: Path, environ: dict[str, str], say: Callable[[str], None]
) -> None:
    async with _start("the emulator", "Portal ready:", ["portal", "--port", str(port)], environ) as portal:
        webhook = f"http://127.0.0.1:{_free_port()}"
        known = await _post(session, f"{portal.address}/-/apps", name="Feedbridge", handler=f"{webhook}/events")
        await asyncio.to_thread(_policy(folder).write_text, POLICY, "utf-8")
        settings = _settings(folder, webhook, portal.address, known)
        async with _start("the service", "Feedbridge ready:", ["bot", "run"], environ | settings) as service:
            installed = _install(session, portal.address, known["client_id"])
            await _first_to_end(installed, portal.wait_for_end(), service.wait_for_end())
            dialog = await _dialog(session, portal.address, known["client_id"])
            say(f"Open {portal.address}/?as={OPENED_AS}&dialog={dialog}\n{TRY}")
            await _first_to_end(portal.wait_for_end(), service.wait_for_end())


def _settings(folder: Path, webhook: str, portal: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the service as environment variables; `known` has the client id and secret."""
    chosen = {
        "server.port": webhook.rpartition(":")[2],
        "server.public_url": webhook,
        "store.url": f"sqlite:///{folder / 'demo.db'}",
        "app.client_id": known["client_id"],
        "app.client_secret": known["client_secret"],
        "app.oauth_url": f"{portal}/oauth/token/",
        "security.key_file": str(folder / "demo.key"),
        "security.insecure_portals": "true",
        "publish.for_people": "true",
        "publish.policy": str(_policy(folder)),
        "log.level": "warning",
        "log.format": "text",
    }
    return {config.settings()[name].variable: value for name, value in chosen.items()}


def _policy(folder: Path) -> Path:
    return folder / "policy.toml"


@contextlib.asynccontextmanager
async def _start(name: str, ready: str, module: list[str], environ: Mapping[str, str]) -> AsyncIterator[_Child]:
    """Start `python -P -m MODULE`, wait for the line with its address, and yield the process; stop it at the end.

    `ready` is the text before the address in that line. Raises as `_address` does.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a bot.py or portal.py in the user's folder must not be started in place of ours
        "-m",
        *module,
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl+C in the terminal stops us only; we stop the processes in our own order.
        start_new_session=True,
    )
    try:
        yield _Child(name=name, process=process, address=await _address(process, name, ready))
    finally:
        await _stop(process)


async def _address(process: asyncio.subprocess.Process, name: str, ready: str) -> str:
    """Return the address in the first line `READY http://...` that a process prints, without a trailing slash.

    Raises:
        ConfigError: the process ended because of wrong settings.
        DemoError: the process ended for another reason, or printed no such line in time.
    """
    try:
        async with asyncio.timeout(UP_WITHIN):
            async for line in _lines(process):
                if line.startswith(ready):
                    return line.removeprefix(ready).strip().rstrip("/")
            code = await process.wait()
            wrong = ConfigError if code == _MISCONFIGURED else DemoError
            raise wrong(f"{name} did not start: exit code {code}; its own output is above")
    except TimeoutError as exc:
        raise DemoError(f"{name} was not ready within {UP_WITHIN:g} seconds") from exc


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """Yield the lines that a process prints until it ends.

    A pipe that is not read would block the process when it is full.
    """
    if process.stdout is not None:
        async for line in process.stdout:
            yield line.decode(errors="replace").strip()


async def _wait_for_end(process: asyncio.subprocess.Process) -> int:
    """Wait until a process stops, while its output is read and dropped, and return its exit code."""
    async for _line in _lines(process):
        pass
    return await process.wait()


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Terminate a process; kill it if it does not stop in time, or if we are cancelled meanwhile."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(DOWN_WITHIN):
            await _wait_for_end(process)
    except TimeoutError:
        sys.stderr.write(f"process {process.pid} did not end within {DOWN_WITHIN:g} seconds\n")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _install(session: aiohttp.ClientSession, portal: str, client_id: str) -> None:
    """Install the application, and wait until its bot and its commands are registered.

    The emulator's stream reports every change; it is opened first, so that no change is missed.

    Raises:
        DemoError: the emulator closed the stream, or the installation took too long.
    """
    try:
        async with asyncio.timeout(UP_WITHIN), session.get(f"{portal}/-/stream", timeout=_ENDLESS) as stream:
            await _post(session, f"{portal}/-/apps/install", client_id=client_id, **{"as": INSTALLER})
            async for line in stream.content:
                if line.startswith(b"data:") and await _is_complete(session, portal, client_id):
                    return
    except TimeoutError as exc:
        raise DemoError(f"the application was not installed within {UP_WITHIN:g} seconds") from exc
    raise DemoError("the emulator closed its stream before the application was installed")


async def _dialog(session: aiohttp.ClientSession, portal: str, client_id: str) -> int:
    """Return the id of the private dialog with our bot, which is the bot's user id."""
    return int((await _state(session, portal, client_id))["bots"][0]["id"])


async def _state(session: aiohttp.ClientSession, portal: str, client_id: str) -> dict[str, Any]:
    """Return what the emulator knows of our application.

    Raises:
        DemoError: the emulator refused the request.
    """
    async with session.get(f"{portal}/-/state", params={"as": INSTALLER}) as response:
        state: dict[str, Any] = await response.json()
    found: dict[str, Any] = next(each for each in state["apps"] if each["client_id"] == client_id)
    return found


async def _is_complete(session: aiohttp.ClientSession, portal: str, client_id: str) -> bool:
    ours = await _state(session, portal, client_id)
    offered = {command["command"].lstrip("/") for command in ours["commands"]}
    return bool(ours["installed"] and ours["bots"] and offered >= set(app.router().commands))


async def _post(session: aiohttp.ClientSession, url: str, **body: object) -> dict[str, str]:
    async with session.post(url, json=body) as response:
        answer: dict[str, str] = await response.json()
        return answer


async def _refused(response: aiohttp.ClientResponse) -> None:
    """Check an answer of the emulator's control API.

    Raises:
        DemoError: it is a refusal; the text explains it.
    """
    if not response.ok:
        raise DemoError(f"the emulator refused {response.url.path}: {await response.text()}")


async def _first_to_end(*work: Coroutine[Any, Any, None]) -> None:
    """Run coroutines together until one of them ends, cancel the others, and raise the error of that one."""
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
    """Return a TCP port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
