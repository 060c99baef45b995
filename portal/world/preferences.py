"""Personal settings of people: pinned and hidden chats, unread marks and last searches."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Settings of one person for one chat in the list of recent chats."""

    pinned: bool = False
    hidden: int | None = None
    """The newest message when the chat was hidden; a newer one shows the chat again."""
    unread: bool = False
    """Whether the person has marked the chat as unread."""


@dataclass(slots=True, kw_only=True)
class Preferences:
    """The personal settings of all people."""

    marks: dict[tuple[int, int], Mark] = field(default_factory=dict)
    """By (user, chat): the settings."""
    searched: dict[int, list[str]] = field(default_factory=dict)
    """By user: dialogs opened from the search, newest first."""

    def mark(self, user: int, chat: int) -> Mark:
        """Return the settings of a person for a chat."""
        return self.marks.get((user, chat)) or Mark()
