"""Store, worker and sender in one process on a real file, with an emulator on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.fernet import Fernet

import portal.testing
from bot.bitrix import addresses
from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.client import Client
from bot.bitrix.outbound.crm.attachments import Attachments
from bot.bitrix.outbound.earlier import DialogSearch, Search
from bot.bitrix.outbound.leaky_bucket import BucketSizes
from bot.bitrix.outbound.tokens import Credentials, Tokens
from bot.clock import Clock
from bot.crash_points import CrashPoint
from bot.framework.context import Context, Effects, Settings
from bot.framework.router import Router
from bot.model import effects, events, state_changes
from bot.model.effects import Content, Effect, Priority
from bot.model.events import BotId, Commanded, Dialog, Event, EventTokens, MessageId, Person, PortalId, Said, UserId
from bot.model.queued import IncomingEvent, WaitingEffect
from bot.model.records import KnownPortal, TokenPair
from bot.observability.metrics import Metrics
from bot.pipeline.context_factory import ContextFactory
from bot.pipeline.delivery import Delivery
from bot.pipeline.handler_runner import HandlerRunner
from bot.pipeline.outages import Outages
from bot.pipeline.outcomes import Outcomes
from bot.pipeline.sender import Sender
from bot.pipeline.worker import Worker
from bot.retry import RetryPolicy
from bot.store import Encryption, Store, StoredMemory, open_database
from portal.testing import RunningPortal
from portal.world.apps import App
from portal.world.feed import Post

KEY = Fernet.generate_key()
OLGA, ANNA, BORIS = UserId(1), UserId(2), UserId(3)
"""Olga installed the application; Anna and Boris are people of the portal's seed."""
UNPACED = BucketSizes(capacity=100_000, rate=100_000)
QUICK = RetryPolicy(attempts=4, first=0.02, most=0.05, settle=0.1, random=lambda: 1.0)
"""Real waits in milliseconds: retries after 20 to 50, searches for earlier results after 100."""
WITHIN = 60.0
"""Seconds anything may take on a busy machine."""
LOOK_AGAIN = 0.1
"""Seconds after which a condition is checked again without a crash point passed."""


@dataclass(slots=True, kw_only=True)
class Out:
    """Everything between an event's commit and the portal; the loops run until the end of `opened`."""

    p: RunningPortal
    app: App
    store: Store
    client: Client
    tokens: Tokens
    caller: Caller
    metrics: Metrics
    sender: Sender
    worker: Worker
    router: Router
    _changed: asyncio.Event
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    loops: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def id(self) -> PortalId:
        """Return the portal's member_id."""
        return PortalId(self.p.member_id)

    @property
    def bot(self) -> BotId:
        """Return the bot's user id."""
        return BotId(self.p.bots(self.app)[0].id)

    async def known(self) -> KnownPortal:
        """Return the portal as stored."""
        found = await self.store.portal(self.id)
        assert found
        return found

    def group(self) -> Dialog:
        """Make a group chat with the bot, Olga and Anna in it."""
        return Dialog(self.p.make_chat(OLGA, ANNA, self.bot))

    def said(self, text: str = "hello", *, dialog: str = "chat10", by: UserId = ANNA) -> IncomingEvent:
        """Make the event of a message to the bot; its ordering key is the dialog."""
        number = next(self._numbers)
        event = events.Said(
            portal=self.id, bot=self.bot, dialog=Dialog(dialog), author=Person(id=by, name="Anna"),
            message=MessageId(number), text=text,
        )  # fmt: skip
        return self.arrived(event, f"dialog:{dialog}")

    def arrived(self, event: Event, ordering_key: str, event_tokens: EventTokens | None = None) -> IncomingEvent:
        """Make an event as the webhook stores it."""
        return IncomingEvent(
            event=event, key=f"test:{next(self._numbers)}", ordering_key=ordering_key, event_tokens=event_tokens
        )

    async def take(self, *arrived: IncomingEvent) -> None:
        """Receive events, and wake the worker."""
        await self.store.receive(arrived, time.time())
        self.worker.wake.set()

    async def decide(self, *wanted: Effect, ordering_key: str = "test") -> None:
        """Put effects into the outbox, as a handled event does; the sender is not woken."""
        number = next(self._numbers)
        event = events.PostDeleted(portal=self.id, post=events.PostId(number))
        await commit(self.store, self.arrived(event, ordering_key), [], wanted)

    async def want(self, *wanted: Effect) -> None:
        """Put effects into the outbox and wake the sender."""
        await self.decide(*wanted)
        self.sender.wake.set()

    async def sent(self, *, within: float = WITHIN) -> None:
        """Return when nothing waits to be sent any more."""
        await self._until(self._outbox_empty, within)

    async def handled(self, *, within: float = WITHIN) -> None:
        """Return when no event waits any more."""
        await self._until(self._inbox_empty, within)

    async def results(self) -> list[Event]:
        """Return the results of effects so far, oldest first (as long as no worker takes them)."""
        rows = await self.store.waiting_events(after=0, many=10_000)
        return [row.event for row in rows if isinstance(row.event, events.Done | events.Failed)]

    async def waiting(self) -> list[WaitingEffect]:
        """Return the effects that may be sent at any time, by ordering key."""
        return await self.store.ready_effects(self.id, now=9e9, many=10_000)

    async def rows(self, sql: str) -> list[Any]:
        """Return rows of the database."""
        return [tuple(row) for row in await self.store.db.reader.execute_fetchall(sql)]

    def texts(self, dialog: str, *, by: int | None = None) -> list[str]:
        """Return the messages of a dialog, oldest first; `dialog` is the person's id for a private one with the bot."""
        messenger = self.p.emulator.world.messenger
        chat = int(dialog.removeprefix("chat")) if dialog.startswith("chat") else None
        if chat is None:
            chat = messenger.private.get(frozenset((int(dialog), self.bot)))
        rows = [messenger.messages[number] for number in messenger.by_chat.get(chat or 0, [])]
        return [row.text for row in rows if row.author == (by or self.bot)]

    def posts(self, text: str) -> list[Post]:
        """Return the posts with exactly this text."""
        return [post for post in self.p.posts() if post.text == text]

    def requests(self) -> list[str]:
        """Return the methods of the HTTP requests to the portal so far; the calls in a batch do not count."""
        return [call.method for call in self.p.calls() if not call.in_batch]

    def work(self) -> None:
        """Let the worker work, too."""
        self.loops.append(asyncio.create_task(self.worker.serve()))

    def send(self) -> None:
        """Let the sender send."""
        self.loops.append(asyncio.create_task(self.sender.serve()))

    def restart(self) -> None:
        """Make a worker and a sender that know only what is on disk, as after a new start of the process."""
        old = self.worker
        self.worker = Worker(
            store=old.store,
            handler_runner=old.handler_runner,
            retry_policy=old.retry_policy,
            metrics=old.metrics,
            outages=old.outages,
            clock=old.clock,
            crash_hook=old.crash_hook,
            concurrency=old.concurrency,
        )
        sent = self.sender
        self.sender = Sender(
            store=sent.store,
            delivery=sent.delivery,
            retry_policy=sent.retry_policy,
            metrics=sent.metrics,
            outages=sent.outages,
            clock=sent.clock,
            crash_hook=sent.crash_hook,
            in_flight=sent.in_flight,
        )
        self.sender.on_result = self.worker.wake.set
        self.worker.on_effects = self.sender.wake.set

    async def until(self, found: Callable[[], Any], *, within: float = WITHIN) -> None:
        """Wait for a condition, checked at every crash point."""

        async def look() -> Any:
            return found()

        await self._until(look, within)

    async def _outbox_empty(self) -> bool:
        return await self.store.oldest_effect() is None

    async def _inbox_empty(self) -> bool:
        return await self.store.oldest_event() is None

    async def _until(self, found: Callable[[], Any], within: float) -> None:
        async with asyncio.timeout(within):
            while not await found():
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait([changed, *self.loops], timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                for loop in self.loops:
                    if loop.done():
                        loop.result()
                self._changed.clear()


async def commit(
    store: Store, arrived: IncomingEvent, known: Iterable[state_changes.StateChange], out: Iterable[Effect]
) -> None:
    """Let one event be handled: this is remembered, and this is wanted."""
    await store.receive([arrived], time.time())
    row = next(row for row in await store.waiting_events(after=0, many=10_000) if row.event == arrived.event)
    await store.commit_event(row, list(known), list(out), time.time())


def answering(out: Out) -> None:
    """Let every sentence be answered with itself."""

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        yield ctx.reply(Content(text=f"re: {event.text}"))

    out.router.unknown(answer)


async def decided(out: Out) -> list[str]:
    """Return the texts of the messages in the outbox, in order."""
    rows = sorted(await out.waiting(), key=lambda row: row.id)
    return [row.effect.content.text for row in rows if isinstance(row.effect, effects.Say)]


def say(dialog: str, text: str, **more: Any) -> effects.Say:
    """Make a message of the bot."""
    return effects.Say(dialog=Dialog(dialog), content=Content(text=text), **more)


def relay(dialog: str, text: str) -> effects.Say:
    """Make a message that nobody waits for."""
    return say(dialog, text, priority=Priority.RELAY)


def publish(text: str, *, user: UserId = ANNA, dialog: str = "", since: float | None = None) -> effects.Publish:
    """Make a post of a person for everybody, asked for in their dialog with the bot."""
    return effects.Publish(
        dialog=Dialog(dialog or str(user)), user=user, text=text, dest=["UA"], report=True,
        since=int(time.time() if since is None else since),
    )  # fmt: skip


def portal_known(
    p: RunningPortal, app: App, *, api: str = "v2", bot: int | None = None, endpoint: str = ""
) -> list[state_changes.StateChange]:
    """Return the state changes of an installation: the portal, the installer's tokens, the bot."""
    access, refresh = p.tokens(app, user=OLGA)
    known = state_changes.PortalKnown(
        endpoint=endpoint or p.emulator.rest_url, auth_endpoint=p.emulator.rest_url, domain=p.emulator.domain,
        language="en",
        api=api,
        license="", user=OLGA, access_token=access, refresh_token=refresh, application_token=app.application_token,
        expires=0,
    )  # fmt: skip
    return [known, state_changes.BotKnown(bot=BotId(bot) if bot else None)]


async def give(out: Out, user: UserId) -> None:
    """Store a user's tokens, as their events do."""
    access, refresh = out.p.tokens(out.app, user=user)
    await out.store.put_token_pair(
        out.id, f"user:{user}", TokenPair(access_token=access, refresh_token=refresh, expires=2_000_000_000)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings of a test: bot generation, rate, retry policy, clock."""

    api: str = "v2"
    bucket_sizes: BucketSizes = UNPACED
    retry_policy: RetryPolicy = QUICK
    clock: Clock = field(default_factory=Clock)
    timeout: float = 60.0
    in_flight: int = 3
    concurrency: int = 16


@contextlib.asynccontextmanager
async def opened(folder: Path, terms: Terms = Terms(), *, sends: bool = True) -> AsyncIterator[Out]:
    """Install a bot whose sender works; the worker works when the test starts it."""
    async with (
        portal.testing.set_up() as setup,
        open_database(folder / "feedbridge.db") as database,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        committer = asyncio.create_task(database.serve())
        store = Store(database, Encryption(KEY))
        bot = await (setup.v1_bot() if terms.api == "v1" else setup.v2_bot())
        hello = IncomingEvent(
            event=events.Joined(
                portal=PortalId(setup.p.member_id), bot=BotId(bot), dialog=Dialog("1"), author=Person(id=OLGA)
            ),
            key="hello",
            ordering_key="hello",
        )
        await commit(store, hello, portal_known(setup.p, setup.app, api=terms.api, bot=bot), [])
        client = Client(session, timeout=terms.timeout, reach=addresses.ANYWHERE)
        out = joined(setup.p, setup.app, store, client, terms=terms)
        for user in (ANNA, BORIS):
            await give(out, user)
        if sends:
            out.send()
        try:
            yield out
        finally:
            await ended(out.loops)
            committer.cancel()


async def ended(loops: Iterable[asyncio.Task[None]]) -> None:
    """Stop the loops; the test fails if one has stopped by itself."""
    for loop in loops:
        loop.cancel()
    for error in await asyncio.gather(*loops, return_exceptions=True):
        if error is not None and not isinstance(error, asyncio.CancelledError):
            raise error


def joined(p: RunningPortal, app: App, store: Store, client: Client, *, terms: Terms) -> Out:
    """Connect the objects as bot/app.py does, without the webhook and the process."""
    metrics, router, changed = Metrics(), Router(), asyncio.Event()

    def crash_hook(_point: CrashPoint) -> None:
        """Let waiting conditions be checked at every crash point."""
        changed.set()

    credentials = Credentials(
        client_id=app.client_id, client_secret=app.client_secret, oauth_url=f"{p.url}oauth/token/"
    )
    outages = Outages(retry_policy=terms.retry_policy, metrics=metrics, clock=terms.clock)
    tokens = Tokens(store=store, client=client, credentials=credentials, metrics=metrics, clock=terms.clock)
    caller = Caller(
        client=client, tokens=tokens, store=store, metrics=metrics, bucket_sizes=terms.bucket_sizes, clock=terms.clock
    )
    search = Search(caller, lambda portal, kind, since: StoredMemory(store, portal).made(kind, since), terms.clock)
    dialogs = DialogSearch(caller, partial(StoredMemory, store), terms.clock, terms.retry_policy.settle)
    delivery = Delivery(
        store=store, caller=caller, search=search, dialogs=dialogs, outcomes=Outcomes(retry_policy=terms.retry_policy),
        metrics=metrics, clock=terms.clock, crash_hook=crash_hook, attachments=Attachments(caller=caller),
    )  # fmt: skip
    sender = Sender(
        store=store, delivery=delivery, retry_policy=terms.retry_policy, metrics=metrics, outages=outages,
        clock=terms.clock, crash_hook=crash_hook, in_flight=terms.in_flight,
    )  # fmt: skip
    settings = Settings(
        handler_url="http://127.0.0.1:9/events", bot_code="new", bot_name="Bot", bot_api="v2",
        client_id=app.client_id, publish_at_once=True,
    )  # fmt: skip
    contexts = ContextFactory(store=store, router=router, caller=caller, settings=settings, clock=terms.clock)
    worker = Worker(
        store=store,
        handler_runner=HandlerRunner(router=router, contexts=contexts.of),
        retry_policy=terms.retry_policy,
        metrics=metrics,
        outages=outages,
        clock=terms.clock,
        crash_hook=crash_hook,
        concurrency=terms.concurrency,
    )
    out = Out(
        p=p, app=app, store=store, client=client, tokens=tokens, caller=caller, metrics=metrics, sender=sender,
        worker=worker, router=router, _changed=changed,
    )  # fmt: skip
    sender.on_result = worker.wake.set
    worker.on_effects = sender.wake.set
    return out
