"""Offline events: they wait at the portal until an application fetches them (reference: D3)."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineEvent:
    """The latest event of one kind about one object, for one application and connector.

    `process` is the process_id under which it is reserved since the Unix time `reserved`; empty means free.
    """

    id: int
    client_id: str
    connector: str
    event: str
    data: Any
    date: float
    message_id: str
    process: str = ""
    reserved: float = 0.0
    error: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the key under which only one free event exists: application with connector, event name and object."""
        return f"{self.client_id}\n{self.connector}", self.event, self.message_id


@dataclass(slots=True, kw_only=True)
class OfflineEvents:
    """All offline events, oldest first."""

    rows: dict[int, OfflineEvent] = field(default_factory=dict)
    latest: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """By key: the id of the free event that a newer one replaces."""
    signalled: dict[int, float] = field(default_factory=dict)
    """By id of a handler of ONOFFLINEEVENT: the Unix time when it was called last."""

    def put(self, row: OfflineEvent) -> None:
        """Store a new event; it replaces the free event with the same key."""
        self.rows.pop(self.latest.pop(row.key, 0), None)
        self.rows[row.id] = row
        # A reserved event must stay as its process has read it.
        if not row.process:
            self.latest[row.key] = row.id

    def drop(self, row: OfflineEvent) -> None:
        """Delete an event."""
        self.rows.pop(row.id, None)
        if self.latest.get(row.key) == row.id:
            del self.latest[row.key]

    def change(self, row: OfflineEvent) -> None:
        """Store an event that was reserved or has failed; newer events no longer replace it."""
        if self.latest.get(row.key) == row.id:
            del self.latest[row.key]
        self.rows[row.id] = row

    def forget(self, client_id: str) -> None:
        """Delete all events of an application."""
        for row in [row for row in self.rows.values() if row.client_id == client_id]:
            self.drop(row)
