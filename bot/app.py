"""The composition root: creates every object of the service and connects them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import aiohttp

from bot import commands, feed, lifecycle
from bot.bitrix import addresses
from bot.bitrix.inbound import forms
from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.client import Client, open_session
from bot.bitrix.outbound.crm.attachments import Attachments
from bot.bitrix.outbound.earlier import DialogSearch, Search
from bot.bitrix.outbound.leaky_bucket import BucketSizes
from bot.bitrix.outbound.memberships import Kept
from bot.bitrix.outbound.speaking.upkeep import UPKEEP_EVERY, TokenUpkeep
from bot.bitrix.outbound.tokens import Credentials, Tokens
from bot.clock import Clock
from bot.config import App, Config, Security
from bot.crash_points import CrashHook, no_crash
from bot.framework.context import Settings
from bot.framework.router import Router
from bot.observability.metrics import Metrics
from bot.pipeline.card_checks import CHECK_EVERY, Checks
from bot.pipeline.context_factory import ContextFactory
from bot.pipeline.delivery import Delivery
from bot.pipeline.handler_runner import HandlerRunner
from bot.pipeline.outages import Outages
from bot.pipeline.outcomes import Outcomes
from bot.pipeline.scheduler import Scheduler, ServiceTask
from bot.pipeline.sender import Sender
from bot.pipeline.worker import Worker
from bot.policy import Policy
from bot.policy import load as load_policy
from bot.retry import RetryPolicy
from bot.store import Database, Encryption, Store, StoredMemory, Timers, key_from_file, open_database
from bot.webhook.authentication import Authentication
from bot.webhook.listening import GRACE, listening
from bot.webhook.pending_installations import PendingInstallations
from bot.webhook.server import WebhookServer

HOUSEKEEPING_EVERY = 3600.0
"""Seconds between two deletions of old rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The running service; `address` is the URL where the webhook listens."""

    store: Store
    webhook: WebhookServer
    worker: Worker
    sender: Sender
    address: str


def router() -> Router:
    """Return a router with every handler of the service."""
    table = Router().include(commands.router(), feed.router())
    return table.include(lifecycle.router(table.commands))


async def run(
    config: Config, *, on_ready: Callable[[str], None] | None = None, crash_hook: CrashHook = no_crash
) -> None:
    """Run the service until cancelled, and call `on_ready` with its address when it accepts events."""
    async with serving(config, crash_hook=crash_hook) as service:
        if on_ready:
            on_ready(service.address)
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def serving(
    config: Config, *, crash_hook: CrashHook = no_crash, clock: Clock | None = None
) -> AsyncIterator[Service]:
    """Start the service, and yield it while it runs.

    At the end, close the webhook first and let requests in progress finish.

    Raises:
        ConfigError: the database, the key or the policy cannot be used.
    """
    metrics, clock = Metrics(), clock or Clock()
    async with (
        open_database(config.store.path) as database,
        open_session(private=config.security.accepts_private) as session,
        asyncio.TaskGroup() as group,
    ):
        database.on_commit = metrics.commit_rows.observe
        committer = group.create_task(database.serve())
        policy = await asyncio.to_thread(load_policy, config.publish.policy_path, zone=config.publish.zone)
        store = Store(database, await _encryption(config.security, database), delay_notice_after=config.retry.late)
        await store.check_key()
        caller = _caller(config, session=session, store=store, metrics=metrics, clock=clock)
        webhook = _webhook(config, store=store, metrics=metrics, clock=clock, crash_hook=crash_hook)
        worker, sender, scheduler = _pipeline(
            config,
            policy=policy,
            caller=caller,
            store=store,
            timers=Timers(database),
            metrics=metrics,
            clock=clock,
            crash_hook=crash_hook,
        )
        webhook.stalled = partial(worker.outages.stalled, loops=("worker", "sender", "scheduler"))
        webhook.on_event = sender.on_result = worker.wake.set
        worker.on_effects, worker.on_timers = sender.wake.set, scheduler.wake.set
        caller.speakers.on_event = worker.wake.set
        loops = [group.create_task(loop) for loop in (worker.serve(), sender.serve(), scheduler.serve())]
        try:
            async with listening(webhook, host=config.server.host, port=config.server.port) as address:
                yield Service(store=store, webhook=webhook, worker=worker, sender=sender, address=address)
        finally:
            await _shut_down(sender, caller, loops, committer)


def warnings(config: Config) -> list[str]:
    """Return a sentence for each problem of settings that are allowed.

    With such settings the bot falls silent, or portals cannot reach the service.
    """
    return [text for text in (_missing(config.app), _hidden(config)) if text]


def _missing(application: App) -> str:
    match bool(application.client_id), bool(application.client_secret):
        case True, True:
            return ""
        case True, False:
            what = "app.client_id is set, but app.client_secret is not (give it as FEEDBRIDGE_APP__CLIENT_SECRET)"
        case False, True:
            what = "app.client_secret is set, but app.client_id is not"
        case _:
            what = "app.client_id and app.client_secret are not set"
    return f"{what}: access cannot be renewed, and the bot falls silent an hour after the installation"


def _hidden(config: Config) -> str:
    if config.security.accepts_private or not addresses.is_hidden(config.server.public_url):
        return ""
    return (
        f"server.public_url is {config.server.public_url}, an address of this machine or network: portals elsewhere"
        " cannot send their events there; set the address that they reach, or [security] private_portals = true"
    )


def _reach(security: Security) -> addresses.Reach:
    return addresses.Reach(http=security.accepts_http, private=security.accepts_private)


async def _encryption(security: Security, database: Database) -> Encryption:
    """Return the encryption with the configured key.

    A missing key file is created only if the database contains nothing that was encrypted with another key.
    """
    if security.key:
        return Encryption(security.key)
    encrypted = any(row["application_token"] for row in await database.read("portal_secrets"))
    return Encryption(await asyncio.to_thread(key_from_file, security.key_path, make=not encrypted))


def _caller(config: Config, *, session: aiohttp.ClientSession, store: Store, metrics: Metrics, clock: Clock) -> Caller:
    client = Client(session, timeout=config.rate_limit.timeout, reach=_reach(config.security))
    credentials = Credentials.from_config(config.app)
    tokens = Tokens(store=store, client=client, credentials=credentials, metrics=metrics, clock=clock)
    bucket_sizes = BucketSizes.from_config(config.rate_limit)
    return Caller(client=client, tokens=tokens, store=store, metrics=metrics, bucket_sizes=bucket_sizes, clock=clock)


def _webhook(config: Config, *, store: Store, metrics: Metrics, clock: Clock, crash_hook: CrashHook) -> WebhookServer:
    pending_installations = PendingInstallations(config.security.pending_installations, store.waiting_installations)
    authentication = Authentication(
        store=store, pending_installations=pending_installations, reach=_reach(config.security)
    )
    return WebhookServer(
        store=store, metrics=metrics, clock=clock, crash_hook=crash_hook, authentication=authentication,
        install_warning=_hidden(config), limits=forms.Limits(fields=config.server.max_fields),
        max_body=config.server.max_body, max_seconds=config.server.max_seconds,
    )  # fmt: skip


def _pipeline(
    config: Config, *, policy: Policy, caller: Caller, store: Store, timers: Timers, metrics: Metrics, clock: Clock,
    crash_hook: CrashHook,
) -> tuple[Worker, Sender, Scheduler]:  # fmt: skip
    table, retry_policy, sends = router(), RetryPolicy.from_config(config.retry, clock), asyncio.Event()
    outages = Outages(retry_policy=retry_policy, metrics=metrics, clock=clock)
    contexts = ContextFactory(
        store=store, router=table, caller=caller, settings=Settings.from_config(config, policy), clock=clock,
        kept=Kept(clock=clock), on_spare=sends.set,
    )  # fmt: skip
    worker = Worker(
        store=store, handler_runner=HandlerRunner(router=table, contexts=contexts.of), retry_policy=retry_policy,
        metrics=metrics, outages=outages, clock=clock, crash_hook=crash_hook, concurrency=config.worker.concurrency,
    )  # fmt: skip
    delivery = Delivery(
        store=store, caller=caller, outcomes=Outcomes(retry_policy=retry_policy), metrics=metrics, clock=clock,
        crash_hook=crash_hook,
        search=Search(caller, lambda portal, kind, since: StoredMemory(store, portal).made(kind, since), clock),
        dialogs=DialogSearch(caller, partial(StoredMemory, store), clock, config.retry.settle),
        attachments=Attachments(caller=caller),
    )  # fmt: skip
    sender = Sender(
        store=store, delivery=delivery, retry_policy=retry_policy, metrics=metrics, outages=outages, clock=clock,
        crash_hook=crash_hook, in_flight=config.rate_limit.in_flight, wake=sends,
    )  # fmt: skip
    checks = Checks(
        store=store, caller=caller, outages=outages, clock=clock, on_event=worker.wake.set, forget=contexts.kept.forget
    )
    scheduler = Scheduler(
        timers=timers, outages=outages, clock=clock, crash_hook=crash_hook, on_event=worker.wake.set,
        tasks=service_tasks(store, checks, TokenUpkeep(store=store, caller=caller, clock=clock)),
    )  # fmt: skip
    return worker, sender, scheduler


def service_tasks(store: Store, checks: Checks, upkeep: TokenUpkeep) -> tuple[ServiceTask, ...]:
    """Return the tasks that the scheduler repeats: deleting old rows, refreshing tokens, and checking cards."""
    return (
        ServiceTask(key="housekeeping", every=HOUSEKEEPING_EVERY, run=store.forget_old),
        ServiceTask(key="tokens", every=UPKEEP_EVERY, run=lambda _now: upkeep.run(), at_start=True),
        ServiceTask(key="card checks", every=CHECK_EVERY, run=lambda _now: checks.check_all(), at_start=True),
    )


async def _shut_down(
    sender: Sender, caller: Caller, loops: list[asyncio.Task[None]], committer: asyncio.Task[None]
) -> None:
    """Let requests in progress finish, then stop the loops.

    The committer, which writes to the database, stops last, after every new token is stored.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await sender.idle()
    for loop in loops:
        loop.cancel()
    await asyncio.wait(loops)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await caller.idle()
    committer.cancel()
