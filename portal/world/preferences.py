"""Personal settings of people: pinned and hidden chats, unread marks and last searches."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Settings of one person for one chat in the list of recent chats."""

    pinned: bool = False
    hidden: int | None = None
    """The id of the newest message when the chat was hidden, or None; a newer message shows the chat again."""
    unread: bool = False
    """Whether the person has marked the chat as unread."""


@dataclass(slots=True, kw_only=True)
class Preferences:
    """The personal settings of all people."""

    marks: dict[tuple[int, int], Mark] = field(default_factory=dict)
    """By (user id, chat id): the settings of this person for this chat."""
    searched: dict[int, list[str]] = field(default_factory=dict)
    """By user id: the dialogs that the user has opened from the search, newest first."""

    def mark(self, user: int, chat: int) -> Mark:
        """Return the settings of a person for a chat; the default settings when none are stored."""
        return self.marks.get((user, chat)) or Mark()
