"""The Drive as far as chats need it: their folders, what lies there, and addresses that let files in and out."""

from dataclasses import dataclass, field

from portal.world.messenger import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The right to download one file, once or until it expires."""

    file: File
    expires: float
    once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The right to put one file into a folder, once."""

    folder: int
    user: int
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that lies in the folder of a chat and has not been sent."""

    file: File
    folder: int
    author: int
    date: float


@dataclass(slots=True, kw_only=True)
class Disk:
    """Folders, files, tickets and pictures, in memory."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    """name -> an avatar."""
    folders: dict[int, int] = field(default_factory=dict)
    """chat -> its folder, made when it is first asked for."""
    stored: dict[int, Stored] = field(default_factory=dict)
    """file -> what lies in a folder, until a message carries it."""
    entries: dict[str, Entry] = field(default_factory=dict)

    def chat_of(self, folder: int) -> int:
        """Return the chat a folder belongs to, 0 when it is none."""
        return next((chat for chat, number in self.folders.items() if number == folder), 0)

    def names_in(self, folder: int) -> set[str]:
        """Return the names that are taken in a folder."""
        return {row.file.name for row in self.stored.values() if row.folder == folder}
