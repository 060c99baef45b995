"""How events, effects and portals stand in rows, and how they are read from them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from bot.model import effects, events, ordering
from bot.model.effects import Effect
from bot.model.events import EventTokens, PortalId
from bot.model.queued import IncomingEvent, WaitingEffect, WaitingEvent
from bot.model.records import KnownPortal
from bot.store.encryption import Encryption
from bot.store.sqlite import InboxRow, Row

NO_EVENT_TOKENS = EventTokens()
LONGEST_REASON = 2_000
_encoder = msgspec.json.Encoder()
KEYS = {
    "posts": ordering.POST,
    "late": ordering.LATE,
    "timers": ordering.TIMER,
    "installer": ordering.INSTALL,
    "users": ordering.USER,
    "arrivals": ordering.ARRIVAL,
    "looked_for": _encoder.encode([kind.__name__ for kind in ordering.LOOKED_FOR]).decode(),
}
"""The keys and owners that statements compare with, by the names of their parameters; each takes those it needs."""


def inbox_row(one: IncomingEvent, encryption: Encryption, now: float) -> InboxRow:
    """An event as it is stored."""
    event_tokens = (
        encryption.encrypt(_json(one.event_tokens))
        if one.event_tokens and one.event_tokens != NO_EVENT_TOKENS
        else None
    )
    event = one.event
    # An event without a key is never a repeat, but of what came at the very same time: it is handled after both came.
    key = one.key or ordering.key_of_repeatable(one.ordering_key, now)
    return event.portal, type(event).__name__, key, one.ordering_key, _json(event), event_tokens, now


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


def outbox_rows(cause: WaitingEvent, wanted: Sequence[Effect], *, start: str, now: float) -> list[Row]:
    """Give the rows of the effects of an event; `start` tells this run of the database from others."""
    keys = (ordering.key_of_effect(cause.portal, start, cause.id, place) for place in itertools.count())
    return [_outbox_row(cause, one, key=key, now=now) for one, key in zip(wanted, keys, strict=False)]


def _outbox_row(cause: WaitingEvent, wanted: Effect, *, key: str, now: float) -> Row:
    return {
        "portal": cause.portal,
        "ordering_key": ordering.of_effect(wanted),
        "kind": type(wanted).__name__,
        "key": key,
        "token_owner": ordering.owner_of(wanted),
        "priority": int(wanted.priority),
        "payload": _json(wanted),
        "report": int(wanted.report),
        "created_at": now,
    }


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
        installer=row["installer"],
    )


def reason(error: str) -> str:
    """Why something failed, as any database takes it: errors quote what came in, however odd or long."""
    return error[:LONGEST_REASON].encode(errors="backslashreplace").decode()


def _json(value: object) -> str:
    return _encoder.encode(value).decode()
