"""Send, read, answer and delete notifications (reference: F5)."""

from dataclasses import dataclass, replace
from typing import Any

from portal.engine.core import Portal
from portal.world.notifications import Kind, Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """The content of a new notification."""

    to: int
    text: str
    kind: Kind = "user"
    author: int = 0
    owner: str = ""
    tag: str = ""
    sub_tag: str = ""
    attach: dict[str, Any] | None = None


def send(portal: Portal, sending: Sending) -> Notice:
    """Notify a person.

    It replaces an earlier notification with the same sender and tag.
    """
    rows = portal.world.notices.rows
    if sending.tag:
        same = (sending.to, sending.owner, sending.tag)
        for old in [row for row in rows.values() if (row.user, row.owner, row.tag) == same]:
            del rows[old.id]
    notice = Notice(
        id=portal.world.next_id("message"),
        user=sending.to,
        kind=sending.kind,
        text=sending.text,
        date=portal.clock.now(),
        author=0 if sending.kind == "system" else sending.author,
        owner=sending.owner,
        tag=sending.tag,
        sub_tag=sending.sub_tag,
        attach=sending.attach,
    )
    rows[notice.id] = notice
    _changed(portal, notice.user)
    return notice


def delete(portal: Portal, gone: list[Notice]) -> bool:
    """Delete notifications; return False when there are none."""
    for notice in gone:
        del portal.world.notices.rows[notice.id]
        _changed(portal, notice.user)
    return bool(gone)


def mark(portal: Portal, rows: list[Notice], *, read: bool) -> None:
    """Mark notifications as read or unread."""
    for notice in rows:
        portal.world.notices.rows[notice.id] = replace(notice, read=read)
        _changed(portal, notice.user)


def answer(portal: Portal, notice: Notice, answer_: str) -> Notice:
    """Store a person's answer to a notification and mark it as read."""
    new = replace(notice, answer=answer_, read=True)
    portal.world.notices.rows[notice.id] = new
    _changed(portal, notice.user)
    return new


def chat_of(portal: Portal, user: int) -> int:
    """Return the number of the chat that holds a person's notifications."""
    chats = portal.world.notices.chats
    if user not in chats:
        chats[user] = portal.world.next_id("chat")
    return chats[user]


def _changed(portal: Portal, user: int) -> None:
    portal.hub.publish({"type": "notices", "as": user})
