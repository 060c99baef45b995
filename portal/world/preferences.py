"""What each person keeps to themselves: pinned and hidden chats, marks and last searches."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How one person keeps one chat in the list of recent chats."""

    pinned: bool = False
    hidden: int | None = None
    """The newest message when the chat was hidden; a newer one brings it back."""
    unread: bool = False
    """Marked as unread by hand."""


@dataclass(slots=True, kw_only=True)
class Habits:
    """Marks of all people."""

    marks: dict[tuple[int, int], Mark] = field(default_factory=dict)
    """(user, chat) -> mark."""
    searched: dict[int, list[str]] = field(default_factory=dict)
    """user -> dialogs opened from the search, newest first."""

    def mark(self, user: int, chat: int) -> Mark:
        """Return how a person keeps a chat."""
        return self.marks.get((user, chat)) or Mark()
