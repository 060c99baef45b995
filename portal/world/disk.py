"""The Drive, as far as chats use it: folders, stored files, one-time tickets."""

from dataclasses import dataclass, field

from portal.world.messenger import File


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadTicket:
    """The right to download one file, once or until the ticket expires."""

    file: File
    expires: float
    once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTicket:
    """The right to upload one file to a folder, once."""

    folder: int
    user: int
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file in the folder of a chat."""

    file: File
    folder: int
    author: int
    date: float


@dataclass(slots=True, kw_only=True)
class Disk:
    """Folders, files, one-time download and upload addresses, and avatars; all in memory."""

    download_tickets: dict[str, DownloadTicket] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    """By name in the address: the content of an avatar."""
    folders: dict[int, int] = field(default_factory=dict)
    """By chat id: the id of the chat's folder, which is created at first use."""
    stored: dict[int, StoredFile] = field(default_factory=dict)
    """By file id: the stored file, until it is sent in a message."""
    upload_tickets: dict[str, UploadTicket] = field(default_factory=dict)

    def chat_of(self, folder: int) -> int:
        """Return the id of the chat of a folder, or 0 when there is no such folder."""
        return next((chat for chat, number in self.folders.items() if number == folder), 0)

    def names_in(self, folder: int) -> set[str]:
        """Return the names of those files in a folder that were not sent yet."""
        return {row.file.name for row in self.stored.values() if row.folder == folder}
