"""CRM cards, with the fields that a feed needs, and the entries of their timelines."""

from dataclasses import dataclass, field
from typing import Any

from portal.world.messenger import File

TYPES = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
"""Card types and their numbers."""
Stage = tuple[str, str, str]
LEAD: tuple[Stage, ...] = (
    ("NEW", "Unassigned", ""),
    ("IN_PROCESS", "In progress", ""),
    ("PROCESSED", "Processed", ""),
    ("CONVERTED", "High-quality lead", "S"),
    ("JUNK", "Low-quality lead", "F"),
)
DEAL: tuple[Stage, ...] = (
    ("NEW", "New", ""),
    ("PREPARATION", "Prepare documents", ""),
    ("PREPAYMENT_INVOICE", "Prepayment invoice", ""),
    ("EXECUTING", "In progress", ""),
    ("FINAL_INVOICE", "Final invoice", ""),
    ("WON", "Deal won", "S"),
    ("LOSE", "Deal lost", "F"),
)
SECOND: tuple[Stage, ...] = (
    ("C1:NEW", "Asked for an offer", ""),
    ("C1:EXECUTING", "Yearly order runs", ""),
    ("C1:WON", "Renewed", "S"),
    ("C1:LOSE", "Not renewed", "F"),
)
BOOKS: dict[str, tuple[Stage, ...]] = {"STATUS": LEAD, "DEAL_STAGE": DEAL, "DEAL_STAGE_1": SECOND}
"""Stages by reference book: those of leads, of deals, and of deals in the pipeline 1; code, name and semantics."""
CardKey = tuple[str, int]
"""The key of a card, type and id: ("deal", 42)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A lead, deal, contact or company.

    `private_to` holds the ids of the people who may see it; empty means all employees.
    """

    type: str
    id: int
    title: str
    responsible: int = 1
    private_to: tuple[int, ...] = ()
    created: float = 0.0
    changed: float = 0.0
    author: int = 1
    fields: dict[str, Any] = field(default_factory=dict)
    """Further fields by their REST names: STAGE_ID, OPPORTUNITY, COMMENTS..."""

    @property
    def key(self) -> CardKey:
        """Return the key of the card: type and id."""
        return self.type, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One timeline entry: a comment, a log message, or a message of the CRM feed."""

    id: int
    kind: str
    type: str
    card: int
    author: int
    text: str
    date: float
    title: str = ""
    files: tuple[File, ...] = ()
    also: tuple[CardKey, ...] = ()
    """Keys of further cards that show the entry."""
    log: int = 0
    """The feed-log id of a message of the CRM feed."""
    dest: tuple[str, ...] = ()
    """Recipients of a message of the CRM feed."""
    icon: str = ""
    maker: str = ""
    """The application or webhook that wrote the log message; only this one may delete it."""

    @property
    def card_keys(self) -> tuple[CardKey, ...]:
        """Return the keys of all cards that show the entry; the first is that of its own card."""
        return (self.type, self.card), *self.also


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note on a timeline entry."""

    text: str
    author: int
    created: float
    editor: int
    changed: float


@dataclass(slots=True, kw_only=True)
class Crm:
    """All cards and their timelines."""

    cards: dict[CardKey, Card] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    by_card: dict[CardKey, set[int]] = field(default_factory=dict)
    """By card key: the ids of the card's timeline entries."""
    notes: dict[tuple[CardKey, int], Note] = field(default_factory=dict)
    """By card key and entry id: the note."""
    pinned: dict[CardKey, tuple[int, ...]] = field(default_factory=dict)
    """By card key: the ids of the pinned entries, in the order of pinning."""

    def timeline(self, kind: str, card: int) -> list[Entry]:
        """Return the timeline entries of a card, oldest first."""
        return [self.entries[number] for number in sorted(self.by_card.get((kind, card), ()))]

    def put(self, entry: Entry) -> None:
        """Store a timeline entry, new or changed."""
        self._remove_from_timelines(entry.id)
        self.entries[entry.id] = entry
        for card_key in entry.card_keys:
            self.by_card.setdefault(card_key, set()).add(entry.id)

    def _remove_from_timelines(self, number: int) -> None:
        """Remove an entry from the timelines of all cards, and from the stored entries."""
        old = self.entries.pop(number, None)
        for card_key in old.card_keys if old else ():
            self.by_card[card_key].discard(number)

    def drop(self, entry: Entry) -> None:
        """Delete an entry with its notes and pins."""
        self._remove_from_timelines(entry.id)
        for card_key in entry.card_keys:
            self.leave(entry.id, card_key)

    def leave(self, number: int, card_key: CardKey) -> None:
        """Delete the note and the pin that an entry has at one card."""
        self.notes.pop((card_key, number), None)
        kept = tuple(one for one in self.pinned.pop(card_key, ()) if one != number)
        if kept:
            self.pinned[card_key] = kept
