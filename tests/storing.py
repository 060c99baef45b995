"""A store on a real file, and test data for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from cryptography.fernet import Fernet

from bot.model import effects, events, state_changes
from bot.model.approvals import Approval
from bot.model.effects import Content, Priority
from bot.model.events import BotId, Dialog, EventTokens, MessageId, Person, PortalId, UserId
from bot.model.queued import IncomingEvent, WaitingEvent
from bot.model.records import ScheduledPost
from bot.store import Encryption, Store, open_database

PORTAL = PortalId("m-one")
KEY = Fernet.generate_key()


@contextlib.asynccontextmanager
async def opened(path: Path, key: bytes = KEY) -> AsyncIterator[Store]:
    """Open a store on a file, and commit its writes."""
    async with open_database(path) as database:
        committer = asyncio.create_task(database.serve())
        yield Store(database, Encryption(key))
        committer.cancel()


def said(
    number: int, *, dialog: str = "chat1", key: str | None = None, event_tokens: EventTokens | None = None
) -> IncomingEvent:
    """Make the event of a message."""
    event = events.Said(
        portal=PORTAL,
        ts=1_790_000_000,
        bot=BotId(90),
        dialog=Dialog(dialog),
        author=Person(id=UserId(2), name="Anna"),
        message=MessageId(number),
        text=f"hello {number}",
    )
    return IncomingEvent(
        event=event, key=key or f"msg:{number}", ordering_key=f"dialog:{dialog}", event_tokens=event_tokens
    )


def say(text: str, *, dialog: str = "chat1", priority: Priority = Priority.REPLY) -> effects.Say:
    """Make an answer."""
    return effects.Say(dialog=Dialog(dialog), content=Content(text=text), priority=priority)


async def one_event(store: Store, arrived: IncomingEvent) -> WaitingEvent:
    """Receive an event and take it."""
    await store.receive([arrived], now=1.0)
    return (await store.waiting_events(after=0, many=10))[-1]


def known() -> state_changes.PortalKnown:
    """Make a portal that was just installed."""
    return state_changes.PortalKnown(
        endpoint="https://one.example/rest/",
        auth_endpoint="https://auth.example/rest/",
        domain="one.example",
        language="en",
        api="v2",
        license="basic",
        user=UserId(1),
        access_token="installer-token",
        refresh_token="refresh-me",
        application_token="app-token",
        expires=1_790_003_600,
    )


async def installed(store: Store) -> None:
    """Make the portal known, as its installation does."""
    arrived = IncomingEvent(event=events.Installed(portal=PORTAL, endpoint=""), key="hello", ordering_key="portal")
    await store.commit_event(await one_event(store, arrived), [known()], [], now=1.0)


def approval(*, user: int, number: int = 1, expires_at: float = 100.0, **more: Any) -> Approval:
    """Make a request of a user for an approval."""
    post = effects.Publish(dialog=Dialog(str(user)), user=UserId(user), text="Later", dest=["UA"], since=1)
    fields: dict[str, Any] = {"revision": 1, "approvers": (UserId(9),), "made_at": 1.0, "headline": "Later"} | more
    effect = msgspec.json.decode(msgspec.json.encode(post))
    return Approval(number=number, kind="Publish", effect=effect, author_name="Anna", expires_at=expires_at, **fields)


def scheduled(*, user: int, number: int = 1, at: float = 100.0, **more: Any) -> ScheduledPost:
    """Make a post that a user has scheduled."""
    post = effects.Publish(dialog=Dialog(str(user)), user=UserId(user), text="Later", dest=["UA"], since=1)
    return ScheduledPost(number=number, revision=1, post=post, at=at, zone="UTC", made_at=1.0, **more)
