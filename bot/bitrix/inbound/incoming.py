"""An envelope as it came in, an arrival as the inbox takes it, and what makes an arrival happen only once."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from bot.bitrix.inbound import fields
from bot.model.events import Commanded, Event, EventTokens, From, PortalId, UserId

SHORT: Final = 64
"""A longer part of a key is replaced by its digest; so a key stays under 200 characters."""
DIGEST: Final = 8
"""Bytes of a digest, 16 hex digits: only parts within one message have to differ."""


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


# --- Keys: a portal may tell the same thing twice (reference: D1) ----------------------------------------


def said_key(message: int, text: str) -> str:
    """Key of a message; one that starts with `/name rest` has the key of that typed command, which may come as well."""
    name, _, rest = text.partition("\n")[0].strip().partition(" ")
    return typed_key(message, name[1:], rest) if name[:1] == "/" and name != "/" else f"msg:{message}"


def typed_key(message: int, name: str, params: str) -> str:
    """Key of a typed command: without a time, because the command and its message are sent one after the other."""
    return f"cmd:{message}:{short(name)}:{short(params.strip())}"


def command_key(event: Commanded) -> str:
    """Key of a command; the same button can be pressed again and again, so a press has its time in it."""
    if event.source is From.TYPED:
        return typed_key(event.message, event.name, event.params)
    return f"press:{event.message}:{event.command}:{event.author.id}:{short(event.params)}:{event.ts}"


def short(part: str) -> str:
    """Give a part of a key as it is, or its digest where it is long."""
    return part if len(part) <= SHORT else digest(part)


def digest(part: str) -> str:
    """Give 16 hex digits that stand for a text."""
    return blake2b(part.encode("utf-8", "surrogatepass"), digest_size=DIGEST).hexdigest()


PORTAL_KEY: Final = "portal"
"""What happens to the portal as a whole is handled one after the other."""
APPLICATION_KEY: Final = "application:"
"""How the lanes begin of our coming to a portal and going; a portal that moved, or is only claimed, has its own."""


def application_key(portal: PortalId, auth: fields.Tree) -> str:
    """The lane of installations, updates and removals in the name of a portal at an address."""
    where = (portal, fields.text(auth, "client_endpoint"), fields.text(auth, "server_endpoint"))
    return APPLICATION_KEY + digest(repr(where))


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
