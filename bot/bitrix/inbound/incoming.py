"""The envelope of an event, the decoded event, and the keys that detect duplicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from bot.bitrix.inbound import fields
from bot.model.events import Commanded, Event, EventTokens, From, PortalId, UserId

SHORT: Final = 64
"""The longest part of a key in characters; longer parts are replaced by a digest."""
DIGEST: Final = 8
"""The bytes of a digest (16 hex digits); only parts of one message must differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The fields that every event has; only `token`, the top-level application_token, proves the sender."""

    kind: str
    portal: PortalId
    domain: str
    token: str = field(repr=False)
    ts: int
    data: dict[str, Any] = field(repr=False)
    auth: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedEvent:
    """One event with its idempotency key ("" is never a duplicate), ordering key and tokens."""

    event: Event
    key: str
    ordering_key: str
    event_tokens: EventTokens


# --- Idempotency keys: a portal may send an event twice (reference: D1) -----------------------------------


def said_key(message: int, text: str) -> str:
    """Return the key of a message.

    A typed command in it has the same key as its own event.
    """
    name, _, rest = text.partition("\n")[0].strip().partition(" ")
    return typed_key(message, name[1:], rest) if name[:1] == "/" and name != "/" else f"msg:{message}"


def typed_key(message: int, name: str, params: str) -> str:
    """Return the key of a typed command.

    Without time, because its message is sent a moment later.
    """
    return f"cmd:{message}:{short(name)}:{short(params.strip())}"


def command_key(event: Commanded) -> str:
    """Return the key of a command.

    A button can be pressed again, so its key includes the time.
    """
    if event.source is From.TYPED:
        return typed_key(event.message, event.name, event.params)
    return f"press:{event.message}:{event.command}:{event.author.id}:{short(event.params)}:{event.ts}"


def short(part: str) -> str:
    """Return a part of a key, or its digest if it is long."""
    return part if len(part) <= SHORT else digest(part)


def digest(part: str) -> str:
    """Return 16 hex digits that identify a text."""
    return blake2b(part.encode("utf-8", "surrogatepass"), digest_size=DIGEST).hexdigest()


PORTAL_KEY: Final = "portal"
"""The ordering key for events about the whole portal."""
APPLICATION_KEY: Final = "application:"
"""The prefix of ordering keys for installations and removals, one per portal and address."""


def application_key(portal: PortalId, auth: fields.Tree) -> str:
    """Return the ordering key of installations, updates and removals of a portal at an address."""
    where = (portal, fields.text(auth, "client_endpoint"), fields.text(auth, "server_endpoint"))
    return APPLICATION_KEY + digest(repr(where))


# --- Tokens -----------------------------------------------------------------------------------------------


def event_tokens(auth: fields.Tree, ts: int, *, application_token: str = "") -> EventTokens:
    """Return the user's tokens from an `auth`; empty without an access token."""
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
