"""The whole service as a process with an emulator, and events that a test sends between them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

import portal.testing
from portal.engine.call_log import CallRecord
from portal.testing import RunningPortal
from portal.world.apps import App
from portal.world.feed import Post
from portal.world.messenger import Message
from tests import payloads, service
from tests.dialects import DIALECTS, Dialect, Sent
from tests.payloads import FORM, JSON, Tree
from tests.service import Service

OLGA, ANNA, BORIS, CLARA, ANNA_TOO, GUSTAV = 1, 2, 3, 4, 5, 6
"""The portal's people: Olga is administrator, Anna (2) reads Russian, Boris German, Gustav is an extranet user.

The bot learns that from what they write, or with `Line.speaks`.
"""
GENERAL, CREW = "chat10", "chat11"
"""The portal's chats: all employees in the first; Anna, Boris and the extranet user in the second."""
SWIFT = {"FEEDBRIDGE_RATE_LIMIT__CAPACITY": "10000", "FEEDBRIDGE_RATE_LIMIT__RATE": "1000"}
"""Settings without a rate limit, for a portal without a bucket."""
WAITING = """SELECT (SELECT COUNT(*) FROM inbox WHERE state = 0) + (SELECT COUNT(*) FROM outbox WHERE state IN (0, 1))
    + (SELECT COUNT(*) FROM timers WHERE key LIKE 'greeting:%')"""
UNHANDLED = "SELECT COUNT(*) FROM inbox WHERE state = 0"
LOOK_AGAIN = 0.05
"""Seconds after which the test checks again whether the service is done, without a change on the portal."""
WITHIN = 60.0
"""Seconds that anything may take on a busy machine."""


@dataclass(slots=True, kw_only=True)
class Line:
    """A portal, a service that is installed on it, and methods to send events as the portal would."""

    portal: RunningPortal
    service: Service
    app: App
    session: aiohttp.ClientSession
    bot_api: str
    _ts: itertools.count[int] = field(default_factory=lambda: itertools.count(int(time.time())))

    @property
    def bot(self) -> int:
        """Return the user id of the bot."""
        return self.portal.bots(self.app)[0].id

    @property
    def dialect(self) -> Dialect:
        """Return the dialect of the bot's generation."""
        return DIALECTS[self.bot_api]

    def command(self, name: str) -> int:
        """Return the id of a registered command."""
        return next(row.id for row in self.portal.emulator.world.bots.commands_of(self.bot) if row.name == name)

    def group(self, *members: int, bot: bool = True) -> str:
        """Make a group chat without any event; the bot may be a member or not."""
        messenger, world = self.portal.emulator.world.messenger, self.portal.emulator.world
        chat = replace(messenger.chats[10], id=world.next_id("chat"), members=(*members, *([self.bot] if bot else [])))
        return f"chat{messenger.put(chat).id}"

    def wrote(self, text: str, *, by: int, dialog: str, commands: tuple[str, ...] = ()) -> int:
        """Put a message into the portal's memory without an event; its commands can be answered."""
        world, now = self.portal.emulator.world, self.portal.clock.now()
        chat = int(dialog.removeprefix("chat")) if dialog.startswith("chat") else self._private(by)
        row = Message(id=world.next_id("message"), chat=chat, author=by, sender=by, date=now, text=text)
        for name in commands:
            world.messenger.answerable[row.id, self.command(name)] = now + 600
        return world.messenger.write(row).id

    def posted(self, text: str, *, by: int, dest: tuple[str, ...] = ("UA",), **more: Any) -> int:
        """Put a post into the portal's feed without an event."""
        world, now = self.portal.emulator.world, self.portal.clock.now()
        number, log = world.next_id("post"), world.next_id("log")
        fields = {"title": text[:20], "micro": True, **more}
        world.feed.posts[number] = Post(
            id=number, log=log, author=by, text=text, dest=dest, date=now, touched=now, **fields
        )
        return number

    def _private(self, person: int) -> int:
        messenger = self.portal.emulator.world.messenger
        found = messenger.private.get(frozenset({person, self.bot}))
        if found is not None:
            return found
        number = self.portal.emulator.world.next_id("chat")
        return messenger.put(replace(messenger.chats[10], id=number, kind="P", members=(person, self.bot), title="")).id

    def here(self, tree: Tree, *, by: int, dialog: str = "", message: int = 0, command: str = "") -> Tree:
        """Return an event of `payloads` with the ids, tokens and times of this portal."""
        ts, emulator = next(self._ts), self.portal.emulator
        access, refresh = self.portal.tokens(self.app, user=by)
        bots = self.portal.bots(self.app)
        group = dialog.removeprefix("chat") if dialog.startswith("chat") else "77"
        swaps = {
            str(payloads.TS): str(ts),
            str(payloads.TS + 3600): str(ts + 3600),
            payloads.MEMBER: self.portal.member_id,
            payloads.DOMAIN: emulator.domain,
            payloads.ENDPOINT: emulator.rest_url,
            payloads.AUTH_ENDPOINT: emulator.rest_url,
            payloads.APPLICATION_TOKEN: emulator.world.apps.apps[self.app.client_id].application_token,
            f"access-of-{payloads.USER}": access,
            f"refresh-of-{payloads.USER}": refresh,
            str(payloads.BOT): str(bots[0].id) if bots else str(payloads.BOT),
            str(payloads.USER): str(by),
            payloads.CHAT: f"chat{group}",
            "77": group,
            "640": str(self._private(by)) if bots else "640",
            str(payloads.MESSAGE): str(message or next(self._ts)),
            str(payloads.COMMAND): str(self.command(command)) if command else "0",
        }
        swapped: Tree = _swapped(tree, swaps)
        return swapped

    async def speaks(self, who: int, language: str) -> None:
        """Let a person choose a language; the portal's events name one for all, so the bot cannot know theirs."""
        await self.portal.person(who).says(f"/lang {language}")
        await self.quiet()

    async def hears(self, tree: Tree, *, as_json: bool = False) -> int:
        """Send an event to the webhook, and return the status of its answer."""
        body, kind = (payloads.as_json(tree), JSON) if as_json else (payloads.form(tree), FORM)
        async with self.session.post(f"{self.service.url}/events", data=body, headers={"Content-Type": kind}) as answer:
            return answer.status

    def mark(self) -> int:
        """Return the number of the last call, to select later ones with `after`."""
        return max((row.n for row in self.portal.calls()), default=0)

    def calls(self, *methods: str, after: int) -> list[CallRecord]:
        """Return the calls after a mark, oldest first, of all or some methods; a batch counts as its commands."""
        names = {name.lower() for name in methods}
        rows = [row for row in self.portal.calls() if row.n > after and row.method.lower() != "batch"]
        return [row for row in rows if row.method.lower() in names] if names else rows

    async def called(self, *methods: str, after: int, times: int = 1) -> list[CallRecord]:
        """Wait until some methods were called so many times after a mark, and return the calls."""

        def look() -> list[CallRecord] | None:
            rows = self.calls(*methods, after=after)
            return rows if len(rows) >= times else None

        found = await self.portal.emulator.hub.until(look, within=WITHIN)
        assert found is not None, f"{methods} did not come {times} times. Calls: {self.calls(after=after)}"
        return found

    async def troubled(self, fault: str, *, after: int, times: int = 1) -> list[CallRecord]:
        """Wait until requests met a fault so many times after a mark, and return them."""

        def look() -> list[CallRecord] | None:
            rows = [row for row in self.portal.calls() if row.n > after and row.fault == fault]
            return rows if len(rows) >= times else None

        found = await self.portal.emulator.hub.until(look, within=WITHIN)
        assert found is not None, f"{fault} was not met {times} times. Calls: {self.calls(after=after)}"
        return found

    def sent(self, *, after: int) -> list[Sent]:
        """Return what the bot sent, edited and answered after a mark, in order."""
        spoken = self.dialect
        return [spoken.sent(row) for row in self.calls(spoken.says, spoken.edits, spoken.answers, after=after)]

    async def quiet(self, *, within: float = WITHIN) -> None:
        """Wait until the portal has sent all events, and the service has handled and sent everything."""
        with self.portal.emulator.hub.watching() as changes:
            async with asyncio.timeout(within):
                while True:
                    await self.portal.idle()
                    told = self._told()
                    waiting = await asyncio.to_thread(self._waiting)
                    await self.portal.idle()  # an effect on its way is counted when it has been sent
                    if not waiting and self._told() == told:
                        return
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(changes.get(), LOOK_AGAIN)

    def _told(self) -> int:
        """Return the number of the last event that was delivered or lost; the journal drops old ones."""
        return max((row.n for row in self.portal.deliveries()), default=0)

    async def handled(self) -> None:
        """Wait until no event waits; effects may still wait."""
        with self.portal.emulator.hub.watching() as changes:
            async with asyncio.timeout(WITHIN):
                while await asyncio.to_thread(self._waiting, UNHANDLED):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(changes.get(), LOOK_AGAIN)

    def _waiting(self, what: str = WAITING) -> int:
        """Count the waiting events and effects in one query, so that none is missed between the tables."""
        path = self.service.folder / "feedbridge.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            ((waiting,),) = database.execute(what)
        return int(waiting)


def _swapped(value: Any, swaps: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {swaps.get(key, key): _swapped(one, swaps) for key, one in value.items()}
    if isinstance(value, list):
        return [_swapped(one, swaps) for one in value]
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    mention = f"[USER={payloads.BOT}]"
    if isinstance(value, str) and mention in value:
        return value.replace(mention, f"[USER={swaps[str(payloads.BOT)]}]")
    return type(value)(swaps.get(str(value), value))


@contextlib.asynccontextmanager
async def laid(folder: Path, bot_api: str, **settings: str) -> AsyncIterator[Line]:
    """Start a portal without a bucket, with an installed service."""
    async with laid_for(None, folder, bot_api, **settings) as line:
        yield line


@contextlib.asynccontextmanager
async def laid_for(seed: Mapping[str, Any] | None, folder: Path, bot_api: str, **settings: str) -> AsyncIterator[Line]:
    """Start the same for a company of one's own."""
    async with portal.testing.running(seed=seed) as running, aiohttp.ClientSession() as session:
        running.switch(bucket_capacity=0)
        async with service.beside(running, folder, bot_api=bot_api, **(SWIFT | settings)) as (started, app):
            line = Line(portal=running, service=started, app=app, session=session, bot_api=bot_api)
            await line.quiet()  # everything that an installation registers is there
            yield line
