"""Turns a decoded body into an envelope, and an envelope into typed events.

No other module behind this one uses names of the portal's fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.bitrix.inbound import decode_v1, decode_v2, fields, incoming
from bot.bitrix.inbound.incoming import DecodedEvent, Envelope
from bot.errors import BadEvent
from bot.model import ordering
from bot.model.events import (
    Installed,
    PortalId,
    PostAdded,
    PostDeleted,
    PostEvent,
    PostId,
    PostUpdated,
    Uninstalled,
    UserId,
)

__all__ = ["KNOWN", "DecodedEvent", "Envelope", "decoded_events", "envelope"]

LONGEST_KIND: Final = 64
"""The longest event code in characters; longer ones would fill the log."""
LONGEST_NAME: Final = 255
"""The longest domain or member_id in characters; real member_ids have 32."""


def envelope(tree: Mapping[str, Any]) -> Envelope:
    """Make the envelope of a body from the fields that every event has (reference: D1).

    A v2 event may have only the domain and the application_token at the top. Its portal is then named in
    `data[bot][auth]`, but only the application_token at the top proves who sent it.

    Raises:
        BadEvent: a portal cannot have sent this.
    """
    kind = fields.required(tree, "event").upper()
    if len(kind) > LONGEST_KIND or not kind.isascii() or not kind.isalnum():
        raise BadEvent("The event's code is none that a portal could send.")
    data, auth = _object(tree, "data"), _object(tree, "auth")
    inner = fields.branch(fields.branch(data, "bot"), "auth")
    portal = fields.text(auth, "member_id") or fields.text(inner, "member_id")
    domain = fields.text(auth, "domain") or fields.text(inner, "domain")
    if max(len(portal), len(domain)) > LONGEST_NAME:
        raise BadEvent("The event's member_id or domain is longer than any portal's.")
    return Envelope(
        kind=kind,
        portal=PortalId(portal),
        domain=domain,
        token=fields.text(auth, "application_token"),
        ts=fields.number(tree, "ts"),
        data=data,
        auth=auth,
    )


def _object(tree: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the group of fields under `key`; empty if it is missing (a form) or [] (JSON).

    Raises:
        BadEvent: there is something else under `key`.
    """
    value = tree.get(key)
    if isinstance(value, dict):
        return value
    if value in (None, "", []):
        return {}
    raise BadEvent(f"The event's {key} is no group of fields.")


def decoded_events(envelope: Envelope) -> list[DecodedEvent]:
    """Return the typed events of an envelope.

    There are none for an unknown kind of event, and several for a v1 message with several commands.

    Raises:
        BadEvent: a required field is missing or not a number.
    """
    reader = _READERS.get(envelope.kind)
    return reader(envelope) if reader else []


def _post(cls: type[PostEvent]) -> Callable[[Envelope], list[DecodedEvent]]:
    """Make the function that reads events of one kind ONLIVEFEEDPOST...; such an event contains only the post's id."""

    def read(envelope: Envelope) -> list[DecodedEvent]:
        post = PostId(fields.number(fields.branch(envelope.data, "FIELDS"), "POST_ID"))
        event = cls(portal=envelope.portal, ts=envelope.ts, post=post)
        # `ts` is in whole seconds, so two edits can look the same. No edit counts as a duplicate of another one,
        # because handling an edit twice changes nothing.
        key = "" if cls is PostUpdated else ordering.key_of_post_event(envelope.kind, post, envelope.ts)
        return [
            DecodedEvent(
                event=event,
                key=key,
                ordering_key=ordering.of_post(post),
                event_tokens=incoming.event_tokens(envelope.auth, envelope.ts),
            )
        ]

    return read


def _installed(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONAPPINSTALL.

    Raises:
        BadEvent: a field is missing without which we could not call or check the portal.
    """
    fields.required(envelope.auth, "client_endpoint")
    return _with_tokens(envelope, update=False)


def _updated(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONAPPUPDATE; its application_token may be new, and its endpoint may be missing."""
    return _with_tokens(envelope, update=True)


def _with_tokens(envelope: Envelope, *, update: bool) -> list[DecodedEvent]:
    auth = envelope.auth
    token, access = fields.required(auth, "application_token"), fields.required(auth, "access_token")
    if not envelope.portal:
        raise BadEvent("The event has no member_id.")
    user = fields.maybe_number(auth, "user_id")
    event = Installed(
        portal=envelope.portal,
        ts=envelope.ts,
        endpoint=fields.text(auth, "client_endpoint"),
        auth_endpoint=fields.text(auth, "server_endpoint"),
        domain=envelope.domain,
        user=UserId(user) if user else None,
        status=fields.text(auth, "status"),
        scope=fields.text(auth, "scope"),
        language=fields.language(envelope.data, "LANGUAGE_ID"),
    )
    key = ordering.key_of_installation(envelope.ts, access, update=update)
    event_tokens = incoming.event_tokens(auth, envelope.ts, application_token=token)
    return [
        DecodedEvent(
            event=event,
            key=key,
            ordering_key=incoming.application_key(envelope.portal, auth),
            event_tokens=event_tokens,
        )
    ]


def _uninstalled(envelope: Envelope) -> list[DecodedEvent]:
    """Read ONAPPUNINSTALL, which has no tokens that could be used, because our access has ended."""
    event = Uninstalled(portal=envelope.portal, ts=envelope.ts, clean=fields.flag(envelope.data, "CLEAN"))
    event_tokens = incoming.event_tokens({}, envelope.ts)
    ordering_key = incoming.application_key(envelope.portal, envelope.auth)
    return [
        DecodedEvent(
            event=event,
            key=ordering.key_of_uninstallation(envelope.ts),
            ordering_key=ordering_key,
            event_tokens=event_tokens,
        )
    ]


_READERS: Final[Mapping[str, Callable[[Envelope], list[DecodedEvent]]]] = {
    "ONIMBOTMESSAGEADD": decode_v1.said,
    "ONIMBOTMESSAGEUPDATE": decode_v1.said,
    "ONIMBOTJOINCHAT": decode_v1.joined,
    "ONIMBOTDELETE": decode_v1.deleted,
    "ONIMCOMMANDADD": decode_v1.commanded,
    "ONIMBOTV2MESSAGEADD": decode_v2.said,
    "ONIMBOTV2MESSAGEUPDATE": decode_v2.said,
    "ONIMBOTV2COMMANDADD": decode_v2.commanded,
    "ONIMBOTV2JOINCHAT": decode_v2.joined,
    "ONIMBOTV2DELETE": decode_v2.deleted,
    "ONLIVEFEEDPOSTADD": _post(PostAdded),
    "ONLIVEFEEDPOSTUPDATE": _post(PostUpdated),
    "ONLIVEFEEDPOSTDELETE": _post(PostDeleted),
    "ONAPPINSTALL": _installed,
    "ONAPPUPDATE": _updated,
    "ONAPPUNINSTALL": _uninstalled,
}

KNOWN: Final = frozenset(_READERS)
"""The event codes that we read."""
