"""How the tests of each project are installed and started; the tests themselves are not changed."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from portal.testing import RunningPortal
from portal.world.apps import App
from tests.clients import installing
from tests.clients.suites import cases, php
from tests.clients.suites.cases import Case
from tests.clients.suites.checkouts import Pinned, fetched, pinned

NOTHING: Mapping[str, str] = MappingProxyType({})
TIMEOUT = 900.0
"""Seconds that all tests of one project may take."""
ACME = "acme.bitrix24.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a project runs: its pinned version, an emulator of its own, and an environment without other settings."""

    project: Pinned
    portal: RunningPortal
    environ: Mapping[str, str]

    async def run(self, *command: str, settings: Mapping[str, str] = NOTHING) -> str:
        """Run a command in the checkout and return what it printed; raise AssertionError after TIMEOUT seconds."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.project.checkout,
            env={**self.environ, **settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(TIMEOUT):
                printed, _ = await process.communicate()
        except TimeoutError:
            raise AssertionError(f"The tests of {self.project.name} took more than {TIMEOUT:.0f} seconds.") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return printed.decode(errors="replace")

    async def reported(self, report: str, *command: str, settings: Mapping[str, str] = NOTHING) -> list[Case]:
        """Run a test runner that writes a report, and return its tests."""
        return cases.from_junit(Path(report), printed=await self.run(*command, settings=settings))

    def report(self, number: int = 0) -> str:
        """Return the path of a new report."""
        return f"{self.environ['HOME']}/report-{number}.xml"


async def b24pysdk(place: Place) -> list[Case]:
    """Run the integration tests with a webhook and with an application, as its tests/README.md says."""
    project, portal = place.project, place.portal
    python = installing.python_with(project.needs, project.folder / "venv", project.name)
    app, access, refresh = await _application(portal)
    local = {"PROFILE_ONLY_WEBHOOK_TOKEN": _hook(portal, scopes=["user"]), "HEAD_DEPARTMENT_ID": 1}
    lines = "".join(f"{name} = {value!r}\n" for name, value in local.items())
    (project.checkout / "tests" / "constants_local.py").write_text(lines, encoding="utf-8")
    (project.checkout / "tests" / "oauth_data.json").unlink(missing_ok=True)
    report, cached = place.report(), f"cache_dir={place.environ['HOME']}/cached"
    settings = {
        "HTTPS_PROXY": portal.proxy,
        "B24_DOMAIN": ACME,
        "B24_WEBHOOK": _hook(portal),
        "B24_CLIENT_ID": app.client_id,
        "B24_CLIENT_SECRET": app.client_secret,
        "B24_ACCESS_TOKEN": access,
        "B24_REFRESH_TOKEN": refresh,
    }
    pytest = [str(python), "-m", "pytest", "tests/integration", "-o", cached, f"--junit-xml={report}"]
    return await place.reported(report, *pytest, settings=settings)


async def _application(portal: RunningPortal) -> tuple[App, str, str]:
    """Install an application and return it with two tokens of the administrator."""
    app = await portal.install(await portal.add_app(name="Relay", handler="http://127.0.0.1:9/events"))
    return app, *portal.tokens(app)


def _hook(portal: RunningPortal, *, scopes: Sequence[str] = ()) -> str:
    """Create a webhook of the administrator and return it as `user/secret`."""
    return portal.webhook(scopes=scopes).removeprefix(portal.emulator.rest_url).strip("/")


async def fast_bitrix24(place: Place) -> list[Case]:
    """Run all its tests, with the webhook that its conftest.py asks for."""
    project, report = place.project, place.report()
    python = installing.python_with(project.needs, project.folder / "venv", project.name)
    pytest = [str(python), "-m", "pytest", "tests", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    return await place.reported(report, *pytest, settings={"FAST_BITRIX24_TEST_WEBHOOK": place.portal.webhook()})


async def openclaw(place: Place) -> list[Case]:
    """Run its end-to-end check with a webhook."""
    program = str(_modules(place.project) / ".bin" / "tsx")
    printed = await place.run(program, "scripts/e2e-check.ts", place.portal.webhook())
    found = cases.from_check(printed)
    assert found, f"The check of {place.project.name} did not run: {printed[-3000:]}"
    return found


async def b24jssdk(place: Place) -> list[Case]:
    """Run its integration tests with a webhook."""
    report = place.report()
    vitest = [str(_modules(place.project) / ".bin" / "vitest"), "run", "--project", "jsSdk:integration"]
    writing = ["--reporter=junit", f"--outputFile={report}"]
    return await place.reported(report, *vitest, *writing, settings={"B24_HOOK": place.portal.webhook()})


def _modules(project: Pinned) -> Path:
    """Return node_modules with the packages of a project; Node.js finds them because they are above its checkout."""
    made = installing.node_modules_with(project.needs, project.folder / "node", project.name) / "node_modules"
    if not (link := project.folder / "node_modules").is_symlink():
        link.symlink_to(made)
    return made


async def b24phpsdk(place: Place) -> list[Case]:
    """Run the integration tests of the scopes that the emulator has, with a webhook and an application."""
    project, portal = place.project, place.portal
    php.installed(project)
    app, access, refresh = await _application(portal)
    token = {"access_token": access, "refresh_token": refresh, "expires": int(portal.clock.now()) + 3600}
    bridge = project.checkout / "tests" / "ApplicationBridge"
    (bridge / "auth.json").write_text(json.dumps(token), encoding="utf-8")
    settings = {
        "BITRIX24_WEBHOOK": portal.webhook(),
        "BITRIX24_PHP_SDK_APPLICATION_CLIENT_ID": app.client_id,
        "BITRIX24_PHP_SDK_APPLICATION_CLIENT_SECRET": app.client_secret,
        "BITRIX24_PHP_SDK_APPLICATION_SCOPE": ",".join(app.scopes),
        "BITRIX24_PHP_SDK_APPLICATION_DOMAIN_URL": portal.url.rstrip("/"),
    }
    # PHP reads no variable of the environment for the authority that it trusts.
    phpunit = ["php", "-d", f"curl.cainfo={place.environ['SSL_CERT_FILE']}", "vendor/bin/phpunit", "--no-progress"]
    found: list[Case] = []
    for number, folder in enumerate(php.FOLDERS):
        report = place.report(number)
        asked = ["--log-junit", report, f"tests/Integration/{folder}"]
        found += await place.reported(report, *phpunit, *asked, settings=settings)
    return found


RUNNERS: Mapping[str, Callable[[Place], Awaitable[list[Case]]]] = {
    "b24pysdk": b24pysdk,
    "fast_bitrix24": fast_bitrix24,
    "openclaw-bitrix24": openclaw,
    "b24jssdk": b24jssdk,
    "b24phpsdk": b24phpsdk,
}


async def results(name: str, portal: RunningPortal, environ: Mapping[str, str]) -> list[Case]:
    """Fetch, install and run the tests of a project; raise Absent when something cannot be had here."""
    project = pinned(name)
    await asyncio.to_thread(fetched, project)
    return await RUNNERS[name](Place(project=project, portal=portal, environ=environ))
