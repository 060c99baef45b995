"""Encodes and decodes the state of conversations that take several steps."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import structlog

from bot.errors import Overtaken
from bot.model.events import PortalId
from bot.model.state_changes import ConversationEnded, ConversationState, StateChange
from bot.store.statements import Guard, Statement

T = TypeVar("T")

log = structlog.get_logger(__name__)


def conversation_put(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that stores the state of a conversation, and the parameters of the query."""
    assert isinstance(state_change, ConversationState)  # noqa: S101 - the table of state changes says so
    return "conversation_put", {
        "dialog": state_change.dialog,
        "user": state_change.user,
        "kind": kind_name(type(state_change.state)),
        "payload": msgspec.json.encode(state_change.state).decode(),
        "expires_at": state_change.expires_at,
    }


def conversation_end(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that ends a conversation, and the parameters of the query."""
    assert isinstance(state_change, ConversationEnded)  # noqa: S101 - the table of state changes says so
    kind = kind_name(state_change.kind)
    return "conversation_end", {"dialog": state_change.dialog, "user": state_change.user, "kind": kind}


def unchanged(change: ConversationState | ConversationEnded, portal: PortalId) -> Statement:
    """Return the statement that fails with Overtaken if the stored state is not the one that the handler has read."""
    kind = type(change.state) if isinstance(change, ConversationState) else change.kind
    of = {"portal": portal, "dialog": change.dialog, "user": change.user, "kind": kind_name(kind)}
    reason = f"the {kind_name(kind)} of user {change.user} in {change.dialog} changed meanwhile"
    values = of | {"revision": change.over}
    return Statement(name="conversation_is_same", values=values, guard=Guard(rows=1, otherwise=reason, error=Overtaken))


def kind_name(kind: type[object]) -> str:
    """Return the name under which states of this type are stored."""
    return kind.__name__


def decode(payload: str | None, kind: type[T]) -> T | None:
    """Decode the stored state of a conversation, which is JSON.

    None if nothing is stored, or if another version of the service stored a state with other fields.
    """
    if payload is None:
        return None
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.MsgspecError as exc:
        log.warning("conversation.unreadable", kind=kind_name(kind), error=str(exc))
        return None
