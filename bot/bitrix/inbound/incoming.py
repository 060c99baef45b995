"""Defines the envelope of an event and the decoded event, and reads tokens and the keys of installations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.bitrix.inbound import fields
from bot.model import ordering
from bot.model.events import Event, EventTokens, PortalId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The fields that every event has; only `token`, the application_token at the top, proves who sent the event."""

    kind: str
    portal: PortalId
    domain: str
    token: str = field(repr=False)
    ts: int
    data: dict[str, Any] = field(repr=False)
    auth: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedEvent:
    """An event with its ordering key, its tokens, and its idempotency key ("": the event is never a duplicate)."""

    event: Event
    key: str
    ordering_key: str
    event_tokens: EventTokens


def application_key(portal: PortalId, auth: fields.Tree) -> str:
    """Return the ordering key of the installations, updates and removals that name this portal and its addresses."""
    return ordering.of_application(portal, fields.text(auth, "client_endpoint"), fields.text(auth, "server_endpoint"))


# --- Tokens -----------------------------------------------------------------------------------------------


def event_tokens(
    auth: fields.Tree, ts: int, *, application_token: str = "", own: EventTokens | None = None
) -> EventTokens:
    """Return the tokens of the user in an `auth` group; empty tokens if it has no access token.

    `own` are the tokens of the bot's own user in the same event.
    """
    access_token = fields.text(auth, "access_token")
    user = fields.maybe_number(auth, "user_id")
    return EventTokens(
        access_token=access_token,
        refresh_token=fields.text(auth, "refresh_token"),
        application_token=application_token,
        expires=_expires(auth, ts) if access_token else 0,
        user=UserId(user) if user else None,
        own=own,
    )


def _expires(auth: fields.Tree, ts: int) -> int:
    return fields.maybe_number(auth, "expires") or ts + (fields.maybe_number(auth, "expires_in") or 0)
