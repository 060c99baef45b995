"""Send, read, answer and delete notifications (reference: F5)."""

from dataclasses import dataclass, replace
from typing import Any

from portal.engine.core import Portal
from portal.world.notifications import Kind, Notification


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationDraft:
    """The content of a new notification."""

    to: int
    text: str
    kind: Kind = "user"
    author: int = 0
    owner: str = ""
    tag: str = ""
    sub_tag: str = ""
    attach: dict[str, Any] | None = None


def send(portal: Portal, draft: NotificationDraft) -> Notification:
    """Notify a person.

    The notification replaces an earlier one with the same sender and tag.
    """
    rows = portal.world.notifications.rows
    if draft.tag:
        same = (draft.to, draft.owner, draft.tag)
        for old in [row for row in rows.values() if (row.user, row.owner, row.tag) == same]:
            del rows[old.id]
    notification = Notification(
        id=portal.world.next_id("message"),
        user=draft.to,
        kind=draft.kind,
        text=draft.text,
        date=portal.clock.now(),
        author=0 if draft.kind == "system" else draft.author,
        owner=draft.owner,
        tag=draft.tag,
        sub_tag=draft.sub_tag,
        attach=draft.attach,
    )
    rows[notification.id] = notification
    _publish_change(portal, notification.user)
    return notification


def delete(portal: Portal, notifications: list[Notification]) -> bool:
    """Delete notifications; return False when the list is empty."""
    for notification in notifications:
        del portal.world.notifications.rows[notification.id]
        _publish_change(portal, notification.user)
    return bool(notifications)


def mark(portal: Portal, rows: list[Notification], *, read: bool) -> None:
    """Mark notifications as read or unread."""
    for notification in rows:
        portal.world.notifications.rows[notification.id] = replace(notification, read=read)
        _publish_change(portal, notification.user)


def answer(portal: Portal, notification: Notification, answer_: str) -> Notification:
    """Store a person's answer to a notification and mark it as read."""
    new = replace(notification, answer=answer_, read=True)
    portal.world.notifications.rows[notification.id] = new
    _publish_change(portal, notification.user)
    return new


def chat_of(portal: Portal, user: int) -> int:
    """Return the id of the chat that holds a person's notifications; create it at first use."""
    chats = portal.world.notifications.chats
    if user not in chats:
        chats[user] = portal.world.next_id("chat")
    return chats[user]


def _publish_change(portal: Portal, user: int) -> None:
    portal.hub.publish({"type": "notifications", "as": user})
