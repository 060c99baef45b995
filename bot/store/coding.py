"""How events, effects and portals stand in rows, and how they are read from them."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from bot.errors import StoreError
from bot.model import effects, events, ordering
from bot.model.effects import Effect
from bot.model.events import EventTokens, PortalId
from bot.model.queued import IncomingEvent, WaitingEffect, WaitingEvent
from bot.model.records import KnownPortal
from bot.store.encryption import Encryption
from bot.store.sqlite import Database, Row
from bot.store.statements import Statement, Values

T = TypeVar("T")

NO_EVENT_TOKENS = EventTokens()
LONGEST_REASON = 2_000
REFRESH_AFTER = 90 * 86_400.0
"""Seconds after which a refresh token is renewed, used or not: half of what it lives (reference: OAuth, lifetimes)."""
_encoder = msgspec.json.Encoder()
KEYS = {
    "posts": ordering.POST,
    "late": ordering.LATE,
    "timers": ordering.TIMER,
    "installer": ordering.INSTALL,
    "users": ordering.USER,
    "spare": ordering.SPARE,
    "arrivals": ordering.ARRIVAL,
    "looked_for": _encoder.encode([kind.__name__ for kind in ordering.LOOKED_FOR]).decode(),
}
"""The keys and owners that statements compare with, by the names of their parameters; each takes those it needs."""

log = structlog.get_logger(__name__)


async def read(
    db: Database, ask: Callable[[], Awaitable[list[Row]]], decode: Callable[[Row], T], *, park: str
) -> list[T]:
    """Rows as values; one that cannot be read (another version wrote it) is parked, and stops nobody."""
    strange: set[int] = set()
    while True:
        found, errors = [], {}
        for row in await ask():
            try:
                found.append(decode(row))
            except Exception as exc:  # noqa: BLE001 - whatever is wrong with a row concerns that row
                errors[row["id"]] = f"it cannot be read: {type(exc).__name__}: {exc}"
                log.error("row.unreadable", portal=row["portal"], kind=row["kind"], id=row["id"], error=str(exc))  # noqa: TRY400 - the sentence says it all
        if errors.keys() <= strange:  # none, or they could not be parked
            return found
        strange |= errors.keys()
        with contextlib.suppress(StoreError):
            await db.write([Statement(name=park, values={"id": id_, "error": why}) for id_, why in errors.items()])


def received(one: IncomingEvent, encryption: Encryption, now: float) -> Statement:
    """An event as it is stored."""
    event_tokens = (
        encryption.encrypt(_json(one.event_tokens))
        if one.event_tokens and one.event_tokens != NO_EVENT_TOKENS
        else None
    )
    event = one.event
    # An event without a key is never a repeat, but of what came at the very same time: it is handled after both came.
    key = one.key or ordering.key_of_repeatable(one.ordering_key, now)
    values = event.portal, type(event).__name__, key, one.ordering_key, _json(event), event_tokens, now
    return Statement(name="inbox_add", values=values)


def event(row: Row, encryption: Encryption) -> WaitingEvent:
    """An event as it was stored."""
    event_tokens = encryption.decrypt(row["event_tokens"])
    return WaitingEvent(
        id=row["id"],
        portal=PortalId(row["portal"]),
        kind=row["kind"],
        ordering_key=row["ordering_key"],
        event=msgspec.json.decode(row["payload"], type=events.KINDS[row["kind"]]),
        event_tokens=msgspec.json.decode(event_tokens, type=EventTokens) if event_tokens else EventTokens(),
        received_at=row["received_at"],
        attempts=row["attempts"],
        due_at=row["due_at"],
    )


def outbox_row(cause: WaitingEvent, wanted: Effect, *, key: str, now: float) -> Values:
    """An effect as it is stored; `key` is its own wherever it is sent."""
    kind, priority, report = type(wanted).__name__, int(wanted.priority), int(wanted.report)
    ordering_key, token_owner = ordering.of_effect(wanted), ordering.owner_of(wanted)
    return cause.portal, ordering_key, kind, key, token_owner, priority, _json(wanted), report, now


def effect(row: Row) -> WaitingEffect:
    """An effect as it was stored."""
    return WaitingEffect(
        id=row["id"],
        portal=PortalId(row["portal"]),
        ordering_key=row["ordering_key"],
        kind=row["kind"],
        key=row["key"],
        token_owner=row["token_owner"],
        effect=msgspec.json.decode(row["payload"], type=effects.KINDS[row["kind"]]),
        report=bool(row["report"]),
        created_at=row["created_at"],
        attempts=row["attempts"],
        due_at=row["due_at"],
        outcome_unknown=bool(row["outcome_unknown"]),
        urgency=row["urgency"],
        weight=len(row["payload"]),
    )


def portal(row: Row) -> KnownPortal:
    """A portal as it is remembered, without its secrets."""
    return KnownPortal(
        id=PortalId(row["id"]),
        endpoint=row["endpoint"],
        domain=row["domain"],
        language=row["language"],
        api=row["api"],
        license=row["license"],
        bot=row["bot"],
        crm_feed=bool(row["crm_feed"]),
        installer=row["installer"] if row["speaker"] is None else row["speaker"],
        speaker=row["speaker"],
        mute_since=row["mute_since"],
    )


def reason(error: str) -> str:
    """Why something failed, as any database takes it: errors quote what came in, however odd or long."""
    return error[:LONGEST_REASON].encode(errors="backslashreplace").decode()


def _json(value: object) -> str:
    return _encoder.encode(value).decode()
