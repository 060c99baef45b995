"""An envelope as it came in, an arrival as the inbox takes it, and what makes an arrival happen only once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.bitrix.inbound import fields
from bot.model import ordering
from bot.model.events import Event, EventTokens, PortalId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every event of a portal is wrapped in; `token` is the top-level application_token, the only proof."""

    kind: str
    portal: PortalId
    domain: str
    token: str = field(repr=False)
    ts: int
    data: dict[str, Any] = field(repr=False)
    auth: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedEvent:
    """One event with the key that is taken once per portal ("": each time), its lane and its tokens."""

    event: Event
    key: str
    ordering_key: str
    event_tokens: EventTokens


def application_key(portal: PortalId, auth: fields.Tree) -> str:
    """Give the ordering key of installations, updates and removals in the name of a portal at an address."""
    return ordering.of_application(portal, fields.text(auth, "client_endpoint"), fields.text(auth, "server_endpoint"))


# --- Tokens -----------------------------------------------------------------------------------------------


def event_tokens(auth: fields.Tree, ts: int, *, application_token: str = "") -> EventTokens:
    """Take the acting user's tokens out of an `auth`; without an access token there is nothing to keep."""
    access_token = fields.text(auth, "access_token")
    user = fields.maybe_number(auth, "user_id")
    return EventTokens(
        access_token=access_token,
        refresh_token=fields.text(auth, "refresh_token"),
        application_token=application_token,
        expires=_expires(auth, ts) if access_token else 0,
        user=UserId(user) if user else None,
    )


def _expires(auth: fields.Tree, ts: int) -> int:
    return fields.maybe_number(auth, "expires") or ts + (fields.maybe_number(auth, "expires_in") or 0)
