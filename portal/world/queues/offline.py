"""Events that wait at the portal until an application fetches them (reference: D3)."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The latest state of one object for one application and connector; `process` reserves it since `reserved`."""

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
    def place(self) -> tuple[str, str, str]:
        """What there is one record for: application with connector, event and object."""
        return f"{self.client_id}\n{self.connector}", self.event, self.message_id


@dataclass(slots=True, kw_only=True)
class Offline:
    """All that waits, oldest first."""

    rows: dict[int, Waiting] = field(default_factory=dict)
    latest: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """The record a newer state replaces; one that is reserved stays."""
    signalled: dict[int, float] = field(default_factory=dict)
    """handler of ONOFFLINEEVENT -> when it was told last."""

    def put(self, row: Waiting) -> None:
        """Store a record; a free one for the same object goes."""
        self.rows.pop(self.latest.pop(row.place, 0), None)
        self.rows[row.id] = row
        if not row.process:
            self.latest[row.place] = row.id

    def drop(self, row: Waiting) -> None:
        """Forget a record."""
        self.rows.pop(row.id, None)
        if self.latest.get(row.place) == row.id:
            del self.latest[row.place]

    def change(self, row: Waiting) -> None:
        """Store a record that was reserved or marked: a newer state no longer replaces it."""
        if self.latest.get(row.place) == row.id:
            del self.latest[row.place]
        self.rows[row.id] = row

    def forget(self, client_id: str) -> None:
        """Drop everything of an application."""
        for row in [row for row in self.rows.values() if row.client_id == client_id]:
            self.drop(row)
