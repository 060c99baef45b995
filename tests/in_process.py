"""The whole service in the process of the test, installed on a emulator whose clock it shares."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import portal.testing
from bot import app, config
from bot.app import Service
from bot.clock import Clock
from bot.i18n import catalog
from bot.store import Store
from portal.testing import Person, RunningPortal
from portal.world import seed
from portal.world.apps import App
from portal.world.messenger import Message
from tests.outgoing import KEY
from tests.ports import free_port

OLGA, ANNA, BORIS, CLARA, GUSTAV = 1, 2, 3, 4, 6
"""Olga installed the application and is an administrator, like nobody else; Gustav is an extranet user."""
WITHIN = 30.0
"""Seconds that anything may take on a busy machine."""
DAY = 86_400.0
LOOK_AGAIN = 0.02
CLIENT = {"client_id": "local.voice", "client_secret": "a secret of this test"}


@dataclass(slots=True, kw_only=True)
class InProcess:
    """A running service and its portal."""

    p: RunningPortal
    app: App
    service: Service
    settings: config.Config

    @property
    def store(self) -> Store:
        """Return the service's store."""
        return self.service.store

    def dismiss(self, user: int, *, again: bool = False) -> None:
        """Dismiss a person, or take them back."""
        users = self.p.emulator.world.people.users
        users[user] = replace(users[user], active=again)

    def promote(self, user: int) -> None:
        """Make a person an administrator."""
        users = self.p.emulator.world.people.users
        users[user] = replace(users[user], admin=True)

    async def quiet(self) -> None:
        """Wait until nothing waits to be handled or sent."""
        async with asyncio.timeout(WITHIN):
            while True:
                await self.p.idle()
                if await self._is_done() and await self._is_done():
                    return
                await asyncio.sleep(LOOK_AGAIN)

    async def _is_done(self) -> bool:
        """Look once; between the two reads an effect may become an event, so one look is not enough."""
        return await self.store.oldest_event() is None and await self.store.oldest_effect() is None

    async def answer(self, user: int, text: str = "/follows") -> str:
        """Let a person write to the bot in private, and return what it answers."""
        person = self.p.person(user)
        asked = await person.says(text, dialog=self.p.bot_dialog(self.app))
        return (await self._said(person, asked))[0].text

    async def _said(self, person: Person, asked: int) -> list[Message]:
        def look() -> list[Message] | None:
            return [row for row in person.reads(dialog=self.p.bot_dialog(self.app)) if _answers(row, asked)] or None

        found = await self.p.emulator.hub.until(look, within=WITHIN)
        assert found, "no answer came"
        return found

    async def mute(self) -> None:
        """Wait until the bot has noticed that no token lets it speak."""
        await self._until_troubled(troubled=True)

    async def untroubled(self) -> None:
        """Wait until the bot speaks with the installer's token again."""
        await self._until_troubled(troubled=False)

    async def _until_troubled(self, *, troubled: bool) -> None:
        async with asyncio.timeout(WITHIN):
            while bool(await self.store.bot_token_troubles()) is not troubled:  # noqa: ASYNC110 - only the store knows
                await asyncio.sleep(LOOK_AGAIN)

    async def passes(self, days: float, *, step: float = 5.0) -> None:
        """Let quiet days pass, a few at a time; the service wakes at each."""
        while days > 0:
            self.p.clock.advance(min(step, days) * DAY)
            days -= step
            await asyncio.sleep(0.1)


def _answers(row: Message, asked: int) -> bool:
    """Check whether a message answers another; a greeting at first contact does not."""
    greetings = catalog.in_every_language("greeting.private").values()
    return row.id > asked and not row.text.startswith(tuple(one[:20] for one in greetings))


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    bot_api: str = "v2",
    *,
    language: str = "en",
    at_once: bool = True,
    time_zone: str = "UTC",
    for_people: bool = False,
    policy: str = "",
) -> AsyncIterator[InProcess]:
    """Start a portal of this language without a bucket, and the service installed on it; its clock is the portal's."""
    async with (
        portal.testing.running(seed={**seed.DEFAULT, "language": language}) as p,
        installed_on(
            p, folder, bot_api, at_once=at_once, time_zone=time_zone, for_people=for_people, policy=policy
        ) as here,
    ):
        yield here


@contextlib.asynccontextmanager
async def installed_on(
    p: RunningPortal,
    folder: Path,
    bot_api: str = "v2",
    *,
    at_once: bool = True,
    time_zone: str = "UTC",
    for_people: bool = False,
    policy: str = "",
) -> AsyncIterator[InProcess]:
    """Start the service and install it on a portal, which goes on after the service was stopped.

    `policy` is the text of a file with rules ("": there is none).
    """
    p.switch(bucket_capacity=0)
    publish = config.Publish(
        at_once=at_once, time_zone=time_zone, for_people=for_people, policy=rules_in(folder, policy)
    )
    settings = _settings(p, folder, bot_api, publish)
    async with app.serving(settings, clock=_clock(p)) as service:
        made = await p.add_app(name="Feedbridge", handler=f"{settings.server.public_url}/events", **CLIENT)
        await p.install(made)
        await p.called("event.bind", times=3, within=WITHIN)
        here = InProcess(p=p, app=made, service=service, settings=settings)
        await here.quiet()
        yield here


@contextlib.asynccontextmanager
async def restarted(before: InProcess) -> AsyncIterator[InProcess]:
    """Start the service again beside its portal, after the one before has stopped, on the same database."""
    async with app.serving(before.settings, clock=_clock(before.p)) as service:
        here = replace(before, service=service)
        await here.quiet()
        yield here


def rules_in(folder: Path, text: str) -> str:
    """Write the file of a policy, and return its path; "" without a text."""
    if not text:
        return ""
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _settings(p: RunningPortal, folder: Path, bot_api: str, publish: config.Publish) -> config.Config:
    port = free_port()
    return config.Config(
        server=config.Server(port=port, public_url=f"http://127.0.0.1:{port}"),
        store=config.Store(url=f"sqlite:///{folder}/feedbridge.db"),
        app=config.App(oauth_url=f"{p.url}oauth/token/", bot_api=bot_api, **CLIENT),  # type: ignore[arg-type]
        security=config.Security(key=KEY.decode(), insecure_portals=True),
        rate_limit=config.RateLimit(capacity=10_000, rate=1_000),
        retry=config.Retry(first=0.05, most=0.5, settle=0.2, late=3600),
        publish=publish,
    )


def _clock(p: RunningPortal) -> Clock:
    """Return a clock that shows the portal's time, also after the portal's clock was set forward."""
    return Clock(
        wall=p.clock.now, monotonic=lambda: time.monotonic() + p.clock.offset,
        started_at=p.clock.now(), started_monotonic=time.monotonic(),
    )  # fmt: skip
