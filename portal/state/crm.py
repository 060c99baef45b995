"""CRM cards as far as a feed needs them, and what stands in their timelines."""

from dataclasses import dataclass, field

from portal.state.talk import File

TYPES = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
"""Entity types with a feed and their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A lead, deal, contact or company; `private_to` lists who may see it, empty means every employee."""

    type: str
    id: int
    title: str
    responsible: int = 1
    private_to: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in a timeline: a comment, or a message of the CRM feed."""

    id: int
    kind: str
    type: str
    card: int
    author: int
    text: str
    date: float
    title: str = ""
    files: tuple[File, ...] = ()


@dataclass(slots=True, kw_only=True)
class Crm:
    """All cards and their timelines."""

    cards: dict[tuple[str, int], Card] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)

    def timeline(self, kind: str, card: int) -> list[Entry]:
        """Return what stands in a card's timeline, oldest first."""
        return [entry for entry in self.entries.values() if (entry.type, entry.card) == (kind, card)]
