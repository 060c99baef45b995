"""Notifications: one list for each person, separate from their chats (reference: F5)."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["user", "system", "confirm"]
TYPES: dict[Kind, int] = {"confirm": 1, "user": 2, "system": 4}
"""Value of notify_type for each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One notification to one person.

    `owner` is the application that sent it, or the CLIENT_ID of a webhook.
    """

    id: int
    user: int
    kind: Kind
    text: str
    date: float
    author: int = 0
    owner: str = ""
    tag: str = ""
    sub_tag: str = ""
    attach: dict[str, Any] | None = None
    read: bool = False
    answer: str = ""
    """The chosen or written answer; empty before the person answers."""


@dataclass(slots=True, kw_only=True)
class Notifications:
    """All notifications, oldest first."""

    rows: dict[int, Notification] = field(default_factory=dict)
    chats: dict[int, int] = field(default_factory=dict)
    """By user id: the id of the chat that holds the user's notifications."""

    def of(self, user: int) -> list[Notification]:
        """Return a person's notifications, newest first."""
        return [row for row in reversed(self.rows.values()) if row.user == user]

    def unread(self, user: int) -> int:
        """Count the unread notifications of a person."""
        return sum(1 for row in self.rows.values() if row.user == user and not row.read)
