"""The only place where things are made and joined."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bot import commands, feed, lifecycle
from bot.bitrix.inbound import forms
from bot.bitrix.outbound.caller import BucketSizes, Caller
from bot.bitrix.outbound.client import USER_AGENT, Client
from bot.bitrix.outbound.find_earlier import Search
from bot.bitrix.outbound.memberships import Kept
from bot.bitrix.outbound.public_resolver import PublicOnly
from bot.bitrix.outbound.tokens import Credentials, Tokens
from bot.clock import Clock
from bot.config import Config
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
from bot.retry import RetryPolicy
from bot.store import Encryption, Store, StoredMemory, Timers, key_from_file, open_database
from bot.webhook.authentication import Authentication
from bot.webhook.pending_installations import PendingInstallations
from bot.webhook.server import WebhookServer, http_log

HOUSEKEEPING_EVERY = 3600.0
GRACE = 5.0
"""Seconds that requests under way get to end when we are told to stop."""
IDLE = 150.0
"""Seconds a connection may be open without a request, or with half of its head; longer than proxies keep theirs."""
REUSED = 4.0
"""Seconds a connection to a portal may rest and be used again: less than usual servers keep it (Apache five). Whether
a request worked that met a closing one nobody knows, and a post would wait a minute to be looked for."""
UNREAD = 16_384
"""Bytes of a body that may have come before it is read; a connection holds some 300 KB of them at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything that runs, joined; `address` is where the door listens."""

    store: Store
    webhook: WebhookServer
    worker: Worker
    sender: Sender
    address: str


def router() -> Router:
    """Every handler there is."""
    table = Router().include(commands.router(), feed.router())
    return table.include(lifecycle.router(table.commands))


@contextlib.asynccontextmanager
async def serving(
    config: Config, *, crash_hook: CrashHook = no_crash, clock: Clock | None = None
) -> AsyncIterator[Service]:
    """The running service; on the way out the door closes first, and what is under way may end."""
    encryption = Encryption(config.security.key or await asyncio.to_thread(key_from_file, config.security.key_path))
    metrics, clock = Metrics(), clock or Clock()
    async with (
        open_database(config.store.path) as database,
        _session(insecure=config.security.insecure_portals) as session,
        asyncio.TaskGroup() as group,
    ):
        database.on_commit = metrics.commit_rows.observe
        loops = [group.create_task(database.serve())]
        store = Store(database, encryption, delay_notice_after=config.retry.late)
        await store.check_key()
        client = Client(session, timeout=config.rate_limit.timeout, insecure=config.security.insecure_portals)
        tokens = _tokens(config, store, client, metrics, clock)
        caller = Caller(
            client=client, tokens=tokens, store=store, metrics=metrics, bucket_sizes=_bucket_sizes(config), clock=clock
        )
        retry_policy = _retry_policy(config, clock)
        outages = Outages(retry_policy=retry_policy, metrics=metrics, clock=clock)
        webhook = WebhookServer(
            store=store, metrics=metrics, clock=clock, crash_hook=crash_hook,
            limits=forms.Limits(fields=config.server.max_fields), max_body=config.server.max_body,
            max_seconds=config.server.max_seconds, authentication=_authentication(config, store),
        )  # fmt: skip
        table = router()
        contexts = ContextFactory(
            store=store, router=table, caller=caller, settings=_settings(config), clock=clock, kept=Kept(clock=clock)
        )
        worker = Worker(
            store=store,
            handler_runner=HandlerRunner(router=table, contexts=contexts.of),
            retry_policy=retry_policy,
            metrics=metrics,
            outages=outages,
            clock=clock,
            crash_hook=crash_hook,
            concurrency=config.worker.concurrency,
        )
        delivery = Delivery(
            store=store,
            caller=caller,
            outcomes=Outcomes(retry_policy=retry_policy),
            metrics=metrics,
            clock=clock,
            crash_hook=crash_hook,
            search=Search(caller, lambda portal, kind, since: StoredMemory(store, portal).made(kind, since), clock),
        )
        sender = Sender(
            store=store, delivery=delivery, retry_policy=retry_policy, metrics=metrics, outages=outages, clock=clock,
            crash_hook=crash_hook, in_flight=config.rate_limit.in_flight,
        )  # fmt: skip
        checks = Checks(
            store=store, caller=caller, outages=outages, clock=clock, on_event=worker.wake.set,
            forget=contexts.kept.forget,
        )  # fmt: skip
        scheduler = Scheduler(
            timers=Timers(database),
            outages=outages,
            clock=clock,
            crash_hook=crash_hook,
            tasks=service_tasks(store, checks),
            on_event=worker.wake.set,
        )
        webhook.on_event = sender.on_result = worker.wake.set
        worker.on_effects, worker.on_timers = sender.wake.set, scheduler.wake.set
        loops += [group.create_task(loop) for loop in (worker.serve(), sender.serve(), scheduler.serve())]
        try:
            async with _listening(webhook, config) as address:
                yield Service(store=store, webhook=webhook, worker=worker, sender=sender, address=address)
        finally:
            await _shut_down(sender, tokens, loops)


def _session(*, insecure: bool) -> aiohttp.ClientSession:
    """Connections are limited portal by portal, where they are asked for: a slow portal keeps none from another."""
    resolver = None if insecure else PublicOnly()
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=REUSED, resolver=resolver)
    headers = {"User-Agent": USER_AGENT}
    return aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar())


async def _shut_down(sender: Sender, tokens: Tokens, loops: list[asyncio.Task[None]]) -> None:
    """Requests under way may end; then the loops stop, the one that commits last, after the last new token."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await sender.idle()
    committer, *others = loops
    for loop in others:
        loop.cancel()
    await asyncio.wait(others)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await tokens.idle()
    committer.cancel()


async def run(
    config: Config, *, on_ready: Callable[[str], None] | None = None, crash_hook: CrashHook = no_crash
) -> None:
    """Serve until cancelled."""
    async with serving(config, crash_hook=crash_hook) as service:
        if on_ready:
            on_ready(service.address)
        await asyncio.Event().wait()


def _tokens(config: Config, store: Store, client: Client, metrics: Metrics, clock: Clock) -> Tokens:
    credentials = Credentials(
        client_id=config.app.client_id, client_secret=config.app.client_secret, oauth_url=config.app.oauth_url
    )
    return Tokens(store=store, client=client, credentials=credentials, metrics=metrics, clock=clock)


def _bucket_sizes(config: Config) -> BucketSizes:
    limit = config.rate_limit
    return BucketSizes(
        capacity=limit.capacity, rate=limit.rate,
        enterprise_capacity=limit.enterprise_capacity, enterprise_rate=limit.enterprise_rate,
    )  # fmt: skip


def _authentication(config: Config, store: Store) -> Authentication:
    pending_installations = PendingInstallations(config.security.pending_installations, store.waiting_installations)
    return Authentication(
        store=store, pending_installations=pending_installations, insecure=config.security.insecure_portals
    )


def _retry_policy(config: Config, clock: Clock) -> RetryPolicy:
    retry = config.retry
    return RetryPolicy(
        attempts=retry.attempts,
        first=retry.first,
        most=retry.most,
        settle=retry.settle,
        random=random.random,
        clock=clock,
    )


def service_tasks(store: Store, checks: Checks) -> tuple[ServiceTask, ...]:
    """Return what the scheduler repeats for the service itself."""
    return (
        ServiceTask(key="housekeeping", every=HOUSEKEEPING_EVERY, run=store.forget_old),
        ServiceTask(key="card checks", every=CHECK_EVERY, run=lambda _now: checks.look(), at_start=True),
    )


def _settings(config: Config) -> Settings:
    return Settings(
        handler_url=f"{config.server.public_url}/events",
        bot_code=config.app.bot_code,
        bot_name=config.app.bot_name,
        bot_api=config.app.bot_api,
        client_id=config.app.client_id,
    )


@contextlib.asynccontextmanager
async def _listening(webhook: WebhookServer, config: Config) -> AsyncIterator[str]:
    runner = web.AppRunner(
        webhook.application(), access_log=None, handle_signals=False, shutdown_timeout=GRACE, keepalive_timeout=IDLE,
        read_bufsize=UNREAD, logger=http_log,
    )  # fmt: skip
    await runner.setup()
    try:
        await _listen(runner, config)
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        for site in list(runner.sites):
            await site.stop()
        with contextlib.suppress(TimeoutError):  # aiohttp's own cleanup no longer reads what is half sent
            await asyncio.wait_for(webhook.idle(), GRACE)
        await runner.cleanup()


async def _listen(runner: web.AppRunner, config: Config) -> None:
    host, port = config.server.host, config.server.port
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as exc:  # its own words do not say which setting it is about
        why = exc.strerror or str(exc)
        raise OSError(f"server.host, server.port: cannot listen on {host}, port {port}: {why}") from exc
