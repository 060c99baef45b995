"""The whole service on a loopback socket, with one portal that it knows, and its inbox."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot import app, config
from bot.bitrix import addresses
from bot.bitrix.inbound import forms
from bot.clock import Clock
from bot.crash_points import no_crash
from bot.model import events, state_changes
from bot.model.events import Event, EventTokens, PortalId, UserId
from bot.model.queued import WaitingEvent
from bot.observability.metrics import Metrics
from bot.store import Encryption, Store, open_database
from bot.webhook.authentication import Authentication
from bot.webhook.pending_installations import PendingInstallations
from bot.webhook.server import WebhookServer
from tests import payloads

CLOSED = "http://127.0.0.1:9/rest/"
"""A portal that answers nothing, because nobody listens on this port (discard)."""

KEY = Fernet.generate_key().decode()

INSTALLED = WaitingEvent(
    id=0,
    portal=PortalId(payloads.MEMBER),
    kind="Installed",
    ordering_key="portal",
    event=events.Installed(portal=PortalId(payloads.MEMBER), endpoint=CLOSED),
    event_tokens=EventTokens(),
    received_at=0.0,
    attempts=0,
    due_at=0.0,
)
"""An installation that is handled; its state changes are committed with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One row of the inbox, decoded."""

    event: Event
    key: str
    ordering_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningWebhook:
    """A running webhook, a client that sends to it, and its inbox."""

    address: str
    store: Store
    session: aiohttp.ClientSession
    lines: list[MutableMapping[str, Any]]
    """Return what the service wrote to its log."""

    async def knock(
        self, body: bytes, content_type: str = payloads.FORM, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Send any body to /events; return status and text of the answer."""
        return await knock(self.session, self.address, body, {"Content-Type": content_type, **(headers or {})})

    async def send(self, tree: payloads.Tree, *, as_json: bool = False) -> int:
        """Send one event, as a form or as JSON; return the status."""
        body = payloads.as_json(tree) if as_json else payloads.form(tree)
        status, _ = await self.knock(body, payloads.JSON if as_json else payloads.FORM)
        return status

    async def get(self, path: str) -> tuple[int, str]:
        """Get a page of the service."""
        async with self.session.get(f"{self.address}{path}") as answer:
            return answer.status, await answer.text()

    async def inbox(self) -> list[Taken]:
        """Return what the webhook stored, in order, without the sender's results."""
        query = "SELECT kind, key, ordering_key, payload FROM inbox WHERE kind NOT IN ('Done', 'Failed') ORDER BY id"
        async with self.store.db.reader.execute(query) as cursor:
            rows = await cursor.fetchall()
        return [
            Taken(event=msgspec.json.decode(payload, type=events.KINDS[kind]), key=key, ordering_key=ordering_key)
            for kind, key, ordering_key, payload in rows
        ]

    async def events(self) -> list[Event]:
        """Return the events that the webhook stored, in order."""
        return [taken.event for taken in await self.inbox()]


def settings(folder: Path, **security: Any) -> config.Config:
    """Return settings of a service with its database in this folder, on a free port."""
    return config.Config(
        server=config.Server(port=0),
        store=config.Store(url=f"sqlite:///{folder}/feedbridge.db"),
        app=config.App(oauth_url="http://127.0.0.1:9/oauth/token/"),
        security=config.Security(**(dict[str, Any](key=KEY, insecure_portals=True) | security)),
        retry=config.Retry(first=60.0, late=3600.0),
    )


def opened(folder: Path, **security: Any) -> contextlib.AbstractAsyncContextManager[RunningWebhook]:
    """Start a service on the files in this folder."""
    return serving(settings(folder, **security))


@contextlib.asynccontextmanager
async def serving(settings: config.Config) -> AsyncIterator[RunningWebhook]:
    """Start a service with these settings."""
    with capture_logs() as lines:
        async with app.serving(settings) as service, knocker() as session:
            yield RunningWebhook(address=service.address, store=service.store, session=session, lines=lines)


@contextlib.asynccontextmanager
async def stored(folder: Path, key: str | bytes = KEY) -> AsyncIterator[Store]:
    """Open the store on the files in this folder, committing, without a service."""
    async with open_database(folder / "feedbridge.db") as database:
        committer = asyncio.create_task(database.serve())
        yield Store(database, Encryption(key))
        committer.cancel()


def alone(
    store: Store,
    *,
    max_seconds: float = config.Server().max_seconds,
    pending_installations: int = config.Security().pending_installations,
) -> WebhookServer:
    """Make a webhook without worker and sender: events stay in the inbox."""
    metrics = Metrics()
    store.db.on_commit = metrics.commit_rows.observe
    return WebhookServer(
        store=store,
        metrics=metrics,
        clock=Clock(),
        crash_hook=no_crash,
        limits=forms.LIMITS,
        max_body=config.Server().max_body,
        max_seconds=max_seconds,
        authentication=Authentication(
            store=store,
            pending_installations=PendingInstallations(pending_installations, store.waiting_installations),
            reach=addresses.ANYWHERE,
        ),
    )


@contextlib.asynccontextmanager
async def opened_alone(store: Store, **changes: Any) -> AsyncIterator[RunningWebhook]:
    """Start a webhook without worker and sender on a socket."""
    runner = web.AppRunner(alone(store, **changes).application(), access_log=None)
    with capture_logs() as lines:
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0]
            async with knocker() as session:
                yield RunningWebhook(address=f"http://{host}:{port}", store=store, session=session, lines=lines)
        finally:
            await runner.cleanup()


async def knock(
    session: aiohttp.ClientSession, address: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    """Send any body to the webhook at an address; return status and text of the answer."""
    url, data = f"{address}/events", io.BytesIO(body)  # aiohttp warns of large bodies that are bytes
    async with session.post(url, data=data, headers=headers) as answer:
        return answer.status, await answer.text()


def knocker() -> aiohttp.ClientSession:
    """Open a client session."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120))


async def install(
    store: Store, *, token: str = payloads.APPLICATION_TOKEN, portal: str = payloads.MEMBER, endpoint: str = CLOSED
) -> None:
    """Make a portal known, as its installation would."""
    known = state_changes.PortalKnown(
        endpoint=endpoint,
        auth_endpoint="",
        domain=payloads.DOMAIN,
        language="en",
        api="v1",
        license="",
        user=UserId(1),
        access_token="access-of-the-installer",
        refresh_token="",
        application_token=token,
        expires=0,
    )
    row = replace(INSTALLED, portal=PortalId(portal))
    await store.commit_event(row, [known], [], now=1.0)


async def raw(running_webhook: RunningWebhook, request: bytes) -> bytes:
    """Send bytes over a socket, close our side, and read everything that comes back."""
    host, port = running_webhook.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        await writer.drain()
        writer.write_eof()
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
