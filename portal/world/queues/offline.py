"""Offline events: they wait at the portal until an application fetches them (reference: D3)."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineEvent:
    """The latest event of one object for one application and connector.

    `process` has reserved it since the time `reserved`.
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
        """The key with one free event each: application with connector, event and object."""
        return f"{self.client_id}\n{self.connector}", self.event, self.message_id


@dataclass(slots=True, kw_only=True)
class OfflineEvents:
    """All offline events, oldest first."""

    rows: dict[int, OfflineEvent] = field(default_factory=dict)
    latest: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """By key: the event that a newer one replaces; a reserved event stays."""
    signalled: dict[int, float] = field(default_factory=dict)
    """By handler of ONOFFLINEEVENT: the time when it was called last."""

    def put(self, row: OfflineEvent) -> None:
        """Store an event; it replaces a free one of the same object."""
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
        """Store a reserved or failed event; newer events no longer replace it."""
        if self.latest.get(row.key) == row.id:
            del self.latest[row.key]
        self.rows[row.id] = row

    def forget(self, client_id: str) -> None:
        """Delete all events of an application."""
        for row in [row for row in self.rows.values() if row.client_id == client_id]:
            self.drop(row)
