"""Encodes and decodes requests for an approval."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.errors import Overtaken
from bot.model.approvals import Approval
from bot.model.events import PortalId
from bot.model.state_changes import ApprovalKept, StateChange
from bot.store.sqlite import Row
from bot.store.statements import Guard, Statement


def put(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that stores a request, and the parameters of the query."""
    assert isinstance(state_change, ApprovalKept)  # noqa: S101 - the table of state changes says so
    kept = state_change.approval
    return "approval_put", {
        "number": kept.number,
        "user": kept.author,
        "state": kept.state,
        "expires_at": kept.expires_at,
        "revision": kept.revision,
        "payload": msgspec.json.encode(kept).decode(),
    }


def unchanged(change: ApprovalKept, portal: PortalId) -> Statement:
    """Return the statement that fails with Overtaken if the stored request is not the one that the handler has read."""
    number, is_new = change.approval.number, change.over is None
    reason = f"request {number} for an approval changed meanwhile"
    guard = Guard(rows=0 if is_new else 1, otherwise=reason, error=Overtaken)
    values = {"portal": portal, "number": number, "revision": change.over}
    return Statement(name="approval_is_there" if is_new else "approval_is_same", values=values, guard=guard)


def decode(row: Row) -> Approval:
    """Decode a row of the table of requests."""
    return msgspec.json.decode(row["payload"], type=Approval)
