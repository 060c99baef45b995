"""Encodes and decodes scheduled posts."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.errors import Overtaken
from bot.model.events import PortalId
from bot.model.records import ScheduledPost
from bot.model.state_changes import PostScheduled, PostUnscheduled, StateChange
from bot.store.sqlite import Row
from bot.store.statements import Guard, Statement


def put(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that stores a scheduled post, and the parameters of the query."""
    assert isinstance(state_change, PostScheduled)  # noqa: S101 - the table of state changes says so
    post = state_change.post
    return "scheduled_put", {
        "user": post.user,
        "number": post.number,
        "due_at": post.at,
        "revision": post.revision,
        "payload": msgspec.json.encode(post).decode(),
    }


def drop(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that removes a scheduled post, and the parameters of the query."""
    assert isinstance(state_change, PostUnscheduled)  # noqa: S101 - the table of state changes says so
    return "scheduled_end", {"user": state_change.user, "number": state_change.number}


def unchanged(change: PostScheduled | PostUnscheduled, portal: PortalId) -> Statement:
    """Return the statement that fails with Overtaken if the stored post is not the one that the handler has read."""
    of = change.post if isinstance(change, PostScheduled) else change
    reason = f"the scheduled post {of.number} of user {of.user} changed meanwhile"
    values = {"portal": portal, "user": of.user, "number": of.number, "revision": change.over}
    is_new = change.over is None
    guard = Guard(rows=0 if is_new else 1, otherwise=reason, error=Overtaken)
    return Statement(name="scheduled_is_there" if is_new else "scheduled_is_same", values=values, guard=guard)


def decode(row: Row) -> ScheduledPost:
    """Decode a row of the table of scheduled posts."""
    return msgspec.json.decode(row["payload"], type=ScheduledPost)
