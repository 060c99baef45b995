"""The emulator for tests in Python: `running()` starts a portal on a free loopback port."""

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from portal.clients.event_receiver import Receiver, receiving
from portal.clients.person import Person
from portal.clients.rest_client import RestClient
from portal.clock import Clock
from portal.control.views import switches
from portal.engine import call_log
from portal.engine.changes import WAIT_SECONDS
from portal.engine.core import Actor, Portal
from portal.rules import apps, user_actions
from portal.rules.feed import posts
from portal.rules.messenger import chats
from portal.serve import listening
from portal.world.apps import App
from portal.world.bots import Bot
from portal.world.feed import Post

__all__ = ["Clock", "Person", "Receiver", "RestClient", "RunningPortal", "Setup", "receiving", "running", "set_up"]


class RunningPortal:
    """A running portal with shortcuts for what tests do and check."""

    def __init__(self, portal: Portal) -> None:
        self.emulator = portal
        """The portal itself, for everything without a shortcut, such as its data."""
        self.clock = portal.clock
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Return the address of the portal: `http://127.0.0.1:PORT/`."""
        return self.emulator.url

    @property
    def control(self) -> str:
        """Return the address of the control API: `http://127.0.0.1:PORT/-/`."""
        return f"{self.emulator.url}-/"

    @property
    def proxy(self) -> str:
        """Return the value for HTTPS_PROXY of a client, which routes all host names here; empty without `tls`."""
        return self.emulator.proxy

    @property
    def member_id(self) -> str:
        """Return the member_id of the portal."""
        return self.emulator.world.member_id

    def reset(self) -> None:
        """Reset the portal to its seed, with its switches, fault rules and records."""
        self.emulator.reset()

    async def add_app(
        self, *, name: str, handler: str, client_id: str = "", client_secret: str = "", scopes: Iterable[str] = ()
    ) -> App:
        """Add an application that is not installed; it has `.client_id`, `.client_secret`, `.application_token`."""
        return apps.add(
            self.emulator, name=name, handler=handler, client_id=client_id, client_secret=client_secret, scopes=scopes
        )

    async def install(self, app: App, *, by: int = 1) -> App:
        """Install an application in the name of the user `by`, and send ONAPPINSTALL to its handler."""
        return apps.install(self.emulator, self.emulator.world.apps.apps[app.client_id], by=by)

    async def update(self, app: App) -> App:
        """Give an application a new version.

        Its handlers are removed and ONAPPUPDATE is sent.
        """
        return apps.update(self.emulator, self.emulator.world.apps.apps[app.client_id])

    async def uninstall(self, app: App, *, clean: bool = False) -> App:
        """Uninstall an application and send ONAPPUNINSTALL; its tokens become invalid."""
        return apps.uninstall(self.emulator, self.emulator.world.apps.apps[app.client_id], clean=clean)

    def webhook(self, *, user: int = 1, scopes: Iterable[str] = ()) -> str:
        """Create an incoming webhook that acts as a user, and return its address.

        Append the name of a method to call it.
        """
        made = apps.add_webhook(self.emulator, user=user, scopes=scopes)
        return f"{self.emulator.rest_url}{made.user}/{made.secret}/"

    def tokens(self, app: App, *, user: int = 1) -> tuple[str, str]:
        """Return an access token and a refresh token of a user in an application."""
        app = self.emulator.world.apps.apps[app.client_id]
        actor = Actor(user=user)
        return self.emulator.token(app, actor, "access")[0], self.emulator.token(app, actor, "refresh")[0]

    def client(self, app: App | None = None, *, user: int = 1, webhook: str = "") -> RestClient:
        """Return a minimal REST client.

        With an application, it has a token of the user; with `webhook`, it uses that address; otherwise it has no
        token.
        """
        if self._session is None:
            checks = not self.url.startswith("https:")  # The portal of this test needs no trusted certificate.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=checks))
        token = self.tokens(app, user=user)[0] if app is not None else ""
        return RestClient(self._session, webhook or self.emulator.rest_url, token)

    async def close(self) -> None:
        """Close the HTTP session of the REST clients."""
        if self._session is not None:
            await self._session.close()

    def person(self, number: int) -> Person:
        """Return the person with an id; each action of the person is a method.

        Raise ControlError when there is no such person.
        """
        user_actions.person(self.emulator, number)
        return Person(self.emulator, number)

    def bots(self, app: App | None = None) -> list[Bot]:
        """Return the bots of an application, or all bots."""
        rows = list(self.emulator.world.bots.bots.values())
        return rows if app is None else [row for row in rows if row.owner == app.client_id]

    def bot_dialog(self, app: App | None = None) -> str:
        """Return the DIALOG_ID under which people reach the application's first bot."""
        return str(self.bots(app)[0].id)

    async def bot(self, app: App | None = None, *, commands: int = 0, within: float = WAIT_SECONDS) -> Bot:
        """Wait until the application has a bot with at least this number of commands, and return the bot.

        Before a command is registered, the bot gets it as a message. Raise AssertionError after `within` seconds.
        """

        def look() -> Bot | None:
            known = self.emulator.world.bots
            return next((bot for bot in self.bots(app) if len(known.commands_of(bot.id)) >= commands), None)

        found = await self.emulator.hub.until(look, within=within)
        if found is None:
            what = f"{commands} commands were" if self.bots(app) else "bot was"
            raise AssertionError(f"No {what} registered within {within:g} s. {self._explain_missing_bot(app)}")
        return found

    def _explain_missing_bot(self, app: App | None) -> str:
        """Return a sentence why a bot is missing: refused calls, lost events, no events, or the calls so far."""
        calls = [row for row in self.calls() if app is None or row.app in (None, app.client_id)]
        refused = [f"{row.method}: {row.error} {row.error_text}".rstrip() for row in calls if row.error is not None]
        if refused:
            return f"The application was refused: {'; '.join(dict.fromkeys(refused))}."
        lost = [row for row in self.deliveries() if not HTTPStatus.OK <= row.status < HTTPStatus.MULTIPLE_CHOICES]
        if lost:
            answers = (f"{row.event} at {row.url}: {row.error or f'HTTP {row.status}'}" for row in lost)
            return f"Events did not arrive: {'; '.join(dict.fromkeys(answers))}."
        if not self.deliveries():
            return "No event was sent: is the application installed?"
        return f"It has called: {', '.join(row.method for row in calls) or 'nothing'}."

    def make_chat(self, *members: int, title: str = "Test chat", by: int = 1) -> str:
        """Create a group chat that the user `by` owns, and return its DIALOG_ID, such as "chat101"."""
        chat = chats.create(self.emulator, Actor(user=by), title=title, members=list(members))
        return f"chat{chat.id}"

    def calls(self, method: str | None = None, *, ok: bool | None = None) -> list[call_log.CallRecord]:
        """Return the recorded calls of a method, or of all methods, oldest first.

        The name may be in any case; `ok` selects only successful (True) or only failed (False) calls.
        """
        rows = [row for row in self.emulator.call_log.calls if method is None or row.method.lower() == method.lower()]
        return rows if ok is None else [row for row in rows if (row.error is None) == ok]

    def deliveries(self, event: str | None = None) -> list[call_log.DeliveryRecord]:
        """Return the recorded deliveries of an event, or of all events, oldest first."""
        return [row for row in self.emulator.call_log.deliveries if event is None or row.event == event]

    async def called(self, method: str, *, times: int = 1, within: float = WAIT_SECONDS) -> list[call_log.CallRecord]:
        """Wait until a method was called `times` times, and return the calls.

        Raise AssertionError after `within` seconds.
        """

        def look() -> list[call_log.CallRecord] | None:
            rows = self.calls(method)
            return rows if len(rows) >= times else None

        found = await self.emulator.hub.until(look, within=within)
        if found is None:
            raise AssertionError(f"{method} was called {len(self.calls(method))} times within {within} s, not {times}.")
        return found

    async def idle(self) -> None:
        """Wait until each event so far was delivered or has failed."""
        await self.emulator.event_sender.idle()

    def posts(self, author: int | None = None) -> list[Post]:
        """Return the posts of one author, or all posts, oldest first."""
        return [row for row in self.emulator.world.feed.posts.values() if author is None or row.author == author]

    async def publish(self, text: str, *, by: int = 1, title: str = "", dest: Iterable[str] = ("UA",)) -> Post:
        """Publish a post on the web page in the name of the user `by`."""
        post_draft = posts.PostDraft(text=text, title=title, dest=tuple(dest))
        return user_actions.publish(self.emulator, user_actions.person(self.emulator, by), post_draft)

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Replace the fault rules: `p.faults({"method": "*", "kind": "503", "times": 2})`.

        One rule can cause random faults: `p.faults({"kinds": ["503", "cut", "slow"], "chance": 0.2, "times": None})`.
        """
        self.emulator.faults.replace(rules)

    def down(self, seconds: float | None = None) -> None:
        """Refuse all calls for some seconds of the portal's clock; None means until `down(0)`."""
        self.emulator.faults.down_until = None if seconds is None else self.clock.now() + seconds

    def switch(self, **wanted: Any) -> dict[str, Any]:
        """Change switches, such as `p.switch(crm_feed="alive")`, and return all switches by name."""
        self.emulator.switches = self.emulator.switches.changed(wanted)
        return switches(self.emulator)

    def event(self, url: str, event: str, data: Mapping[str, Any], auth: Mapping[str, Any]) -> None:
        """Send an event of your own to an address."""
        self.emulator.event_sender.send(
            url, {"event": event, "data": data, "ts": str(int(self.clock.now())), "auth": auth}
        )


@asynccontextmanager
async def running(
    *,
    clock: Clock | None = None,
    seed: Mapping[str, Any] | None = None,
    insecure_ok: bool = False,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[RunningPortal]:
    """Run a portal on a free loopback port until the block ends.

    `portal.certificate` creates a context for `tls`.
    """
    async with listening(Portal(clock=clock, seed=seed, insecure_ok=insecure_ok), tls=tls) as portal:
        shown = RunningPortal(portal)
        try:
            yield shown
        finally:
            await shown.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A portal with an installed application, and a receiver that keeps its events.

    It is for tests of the emulator itself.
    """

    p: RunningPortal
    app: App
    receiver: Receiver

    def client(self, user: int = 1) -> RestClient:
        """Return a REST client with a token of a user, by default the administrator, in the application."""
        return self.p.client(self.app, user=user)

    async def v1_bot(self, code: str = "old", **more: Any) -> int:
        """Register a bot of the first generation and return its id."""
        given = {"CODE": code, "PROPERTIES": {"NAME": "Old bot"}, "EVENT_HANDLER": self.receiver.url, **more}
        return int(await self.client().result("imbot.register", given))

    async def v2_bot(self, code: str = "new", **more: Any) -> int:
        """Register a bot of the second generation whose events are pushed to the receiver, and return its id."""
        push = {"eventMode": "webhook", "webhookUrl": self.receiver.url}
        fields = {"code": code, "properties": {"name": "New bot"}, **push, **more}
        return int((await self.client().result("imbot.v2.Bot.register", fields=fields))["bot"]["id"])


@asynccontextmanager
async def set_up(*, clock: Clock | None = None, seed: Mapping[str, Any] | None = None) -> AsyncIterator[Setup]:
    """Run a portal without rate limit until the block ends, with an installed application and a receiver of its events.

    The application is called Relay; Olga has installed it.
    """
    async with receiving() as receiver, running(clock=clock, seed=seed) as p:
        p.switch(bucket_capacity=0)
        app = await p.add_app(name="Relay", handler=receiver.url)
        yield Setup(p=p, app=await p.install(app), receiver=receiver)
