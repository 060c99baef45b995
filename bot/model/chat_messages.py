"""Messages of chats that people wrote, as a person may read them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.events import Dialog, MessageId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """A message of a dialog; `text` is BB code, `date` is ISO 8601.

    `author` is who wrote it first, also if it was forwarded; 0 is the portal itself. `dialog` is the group where it was
    written first (None: a private dialog, or unknown), and `first` its id there. `files` are ids on the Drive.
    """

    id: MessageId
    author: UserId
    author_name: str
    text: str
    date: str = ""
    dialog: Dialog | None = None
    first: MessageId | None = None
    files: tuple[int, ...] = ()
