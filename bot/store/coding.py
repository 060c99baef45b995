"""Encodes events and effects as database rows, and decodes rows of events, effects and portals."""

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
from bot.model.records import AuditEntry, KnownPortal
from bot.store.encryption import Encryption
from bot.store.sqlite import Database, Row
from bot.store.statements import Statement, Values

T = TypeVar("T")

NO_EVENT_TOKENS = EventTokens()
LONGEST_REASON = 2_000
"""The most characters of an error text that are stored."""
REFRESH_AFTER = 90 * 86_400.0
"""Seconds after which a refresh token is renewed, used or not: half of what it lives (reference: OAuth, lifetimes)."""
_encoder = msgspec.json.Encoder()
KEYS = {
    "posts": ordering.POST,
    "late": ordering.LATE,
    "end": ordering.END,
    "timers": ordering.TIMER,
    "installer": ordering.INSTALL,
    "users": ordering.USER,
    "spare": ordering.SPARE,
    "pending": ordering.PENDING,
    "own": ordering.OWN,
    "looked_for": _encoder.encode([kind.__name__ for kind in ordering.LOOKED_FOR]).decode(),
    "messages": _encoder.encode([kind.__name__ for kind in ordering.BOT_MESSAGES]).decode(),
}
"""Ordering keys and token owners, by the names of SQL parameters; a query ignores the ones that it does not use."""

log = structlog.get_logger(__name__)


async def read(
    db: Database, ask: Callable[[], Awaitable[list[Row]]], decode: Callable[[Row], T], *, park: str
) -> list[T]:
    """Read rows with `ask`, and return them decoded; a row that cannot be decoded is parked.

    Such a row was written by another version of the service. `park` is the name of the query that makes it a dead
    letter.
    """
    parked: set[int] = set()
    while True:
        found, errors = [], {}
        for row in await ask():
            try:
                found.append(decode(row))
            except Exception as exc:  # noqa: BLE001 - an error in one row must not stop the others
                errors[row["id"]] = f"it cannot be read: {type(exc).__name__}: {exc}"
                log.error("row.unreadable", portal=row["portal"], kind=row["kind"], id=row["id"], error=str(exc))  # noqa: TRY400 - the text is enough
        if errors.keys() <= parked:  # there are none, or the database refused to park them
            return found
        # Read again: rows behind the parked ones take their places under the limit of the query.
        parked |= errors.keys()
        with contextlib.suppress(StoreError):
            await db.write([Statement(name=park, values={"id": id_, "error": why}) for id_, why in errors.items()])


def received(one: IncomingEvent, encryption: Encryption, now: float) -> Statement:
    """Make the statement that stores an event received at `now` in the inbox, with its tokens encrypted."""
    event_tokens = (
        encryption.encrypt(_json(one.event_tokens))
        if one.event_tokens and one.event_tokens != NO_EVENT_TOKENS
        else None
    )
    event = one.event
    # An event without a key is a duplicate only of one with the same ordering key that came at the same moment. One of
    # the two is enough then, because it is handled after both came.
    key = one.key or ordering.key_of_repeatable(one.ordering_key, now)
    values = event.portal, type(event).__name__, key, one.ordering_key, _json(event), event_tokens, now
    return Statement(name="inbox_add", values=values)


def event(row: Row, encryption: Encryption) -> WaitingEvent:
    """Decode a row of the inbox, and decrypt the tokens of the event."""
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
    """Make the row that stores the effect `wanted`, which a handler of the event `cause` asked for at `now`.

    `key` is the idempotency key of the effect, which is unique over all portals.
    """
    kind, priority, report = type(wanted).__name__, int(wanted.priority), int(wanted.report)
    ordering_key, token_owner = ordering.of_effect(wanted), ordering.owner_of(wanted)
    return cause.portal, ordering_key, kind, key, token_owner, priority, _json(wanted), report, now


def effect(row: Row) -> WaitingEffect:
    """Decode a row of the outbox."""
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
        api=row["api"],
    )


def portal(row: Row) -> KnownPortal:
    """Decode a row of the table of portals, without the encrypted columns."""
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


def audit_entry(row: Row) -> AuditEntry:
    """Decode a row of the audit."""
    return AuditEntry(**{**dict(row), "certain": bool(row["certain"])})


def reason(error: str) -> str:
    """Make an error text that any database accepts: shortened, and without characters that UTF-8 cannot encode."""
    return error[:LONGEST_REASON].encode(errors="backslashreplace").decode()


def _json(value: object) -> str:
    return _encoder.encode(value).decode()
