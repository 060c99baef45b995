"""Published clients of Bitrix24, and emulators that they call."""

import asyncio
import datetime as dt
import json
import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal import certificate
from portal.testing import RunningPortal, running
from portal.world.seed import DEFAULT
from tests.clients import installing
from tests.clients.environment import environment

SCRIPTS = Path(__file__).with_name("scripts")
ACME = "acme.bitrix24.com"
"""The name of the portal in the cloud."""
TIMEOUT = 60.0
"""Seconds that a client may take for one test."""
USERS, DEALS, POSTS = 130, 120, range(300, 360)
"""More than one page of each: people and deals with those of the default seed, posts in addition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An installed client with the script that uses it."""

    command: tuple[str, ...]
    environ: dict[str, str]

    async def does(self, what: str, p: RunningPortal, *, cloud: bool = False, **given: Any) -> dict[str, Any]:
        """Run the script with a portal and return what it printed.

        The script runs as a user would run it. With `cloud`, it calls a portal in the cloud; only HTTPS_PROXY leads it
        to the emulator.
        """
        ways = {"HTTPS_PROXY": p.proxy} if cloud else {}
        process = await asyncio.create_subprocess_exec(
            *self.command,
            what,
            env={**self.environ, **ways},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(TIMEOUT):
                said, complaints = await process.communicate(json.dumps(given).encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, f"{complaints.decode()[-3000:]}\nits last calls: {p.calls()[-3:]}"
        answer: dict[str, Any] = json.loads(said)
        return answer


async def installed(p: RunningPortal, *, user: int = 1) -> dict[str, Any]:
    """Install an application and return what its client needs to act as a user."""
    app = await p.install(await p.add_app(name="Relay", handler="http://127.0.0.1:9/events"))
    access, refresh = p.tokens(app, user=user)
    keys = {"client_id": app.client_id, "client_secret": app.client_secret}
    return {**keys, "access": access, "refresh_token": refresh, "handler": app.handler}


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """Create a certificate; return the server's context and the authority that clients must trust."""
    folder = tmp_path_factory.mktemp("tls")
    context = certificate.context(folder, now=dt.datetime.now(tz=dt.UTC))
    return context, certificate.files_in(folder).authority


@pytest.fixture(scope="session")
def environ(tls: tuple[ssl.SSLContext, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a client, without settings of this machine, with the authority."""
    return environment(tmp_path_factory.mktemp("home"), tls[1])


def _python(package: str, script: str, environ: dict[str, str]) -> Client:
    try:
        program = installing.python_of(package)
    except installing.Absent as why:
        pytest.skip(str(why))
    return Client(command=(str(program), str(SCRIPTS / script)), environ=environ)


@pytest.fixture(scope="session")
def b24pysdk(environ: dict[str, str]) -> Client:
    """Return Bitrix24's own client for Python."""
    return _python("b24pysdk", "use_b24pysdk.py", environ)


@pytest.fixture(scope="session")
def fast_bitrix24(environ: dict[str, str]) -> Client:
    """Return the fast client for Python."""
    return _python("fast-bitrix24", "use_fast_bitrix24.py", environ)


@pytest.fixture(scope="session")
def b24api(environ: dict[str, str]) -> Client:
    """Return a small client for Python on httpx."""
    return _python("b24api", "use_b24api.py", environ)


@pytest.fixture(scope="session")
def b24jssdk(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Return Bitrix24's own client for JavaScript.

    Node looks for packages beside the script, so the script is copied.
    """
    try:
        folder = installing.node_modules_of("@bitrix24/b24jssdk")
    except installing.Absent as why:
        pytest.skip(str(why))
    project = tmp_path_factory.mktemp("node")
    (project / "node_modules").symlink_to(folder / "node_modules")
    script = shutil.copy(SCRIPTS / "use_b24jssdk.mjs", project)
    return Client(command=("node", str(script)), environ=environ)


def company() -> dict[str, Any]:
    """Return the default seed with more than one page of everything."""
    more = range(100, 100 + USERS - len(DEFAULT["users"]))
    users = [{"id": n, "first_name": f"Person {n}", "last_name": "Moss", "departments": [3]} for n in more]
    added = range(1000, 1000 + DEALS - sum(card["type"] == "deal" for card in DEFAULT["cards"]))
    deals = [{"type": "deal", "id": n, "title": f"Deal {n}", "responsible": 3} for n in added]
    posts = [{"id": n, "author": 2, "title": "", "text": f"Post {n}", "dest": ["UA"], "age": 2} for n in POSTS]
    return {
        **DEFAULT,
        "users": [*DEFAULT["users"], *users],
        "cards": [*DEFAULT["cards"], *deals],
        "posts": [*DEFAULT["posts"], *posts],
    }


@pytest.fixture
async def plain() -> AsyncIterator[RunningPortal]:
    """Run a portal over plain HTTP, without rate limit."""
    async with running(seed=company()) as p:
        p.switch(bucket_capacity=0)
        yield p


@pytest.fixture
async def secure(tls: tuple[ssl.SSLContext, Path]) -> AsyncIterator[RunningPortal]:
    """Run a portal over TLS, without rate limit."""
    async with running(seed=company(), tls=tls[0]) as p:
        p.switch(bucket_capacity=0)
        yield p
