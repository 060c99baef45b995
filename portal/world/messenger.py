"""Chats and messages, with read marks, typing marks and commands that may still be answered."""

from dataclasses import dataclass, field
from typing import Any

LIKE = "like"
"""The name of the reaction that counts as a like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A private dialog of two users or a group chat.

    `kind` is P for a private dialog, C for a group chat, O for an open one.
    """

    id: int
    kind: str
    members: tuple[int, ...]
    created: float
    title: str = ""
    owner: int = 0
    managers: tuple[int, ...] = ()
    description: str = ""
    color: str = "#ab7761"
    entity_type: str = ""
    entity_id: str = ""
    writable: bool = True
    text_field: bool = True
    """Whether people have an input field; a bot may hide it (imbot.v2.Chat.TextField.enabled)."""
    avatar: str = ""
    muted: tuple[int, ...] = ()
    """Ids of the members who have muted the chat."""

    @property
    def private(self) -> bool:
        """Tell whether this is a private dialog of two users."""
        return self.kind == "P"

    def dialog_for(self, user: int) -> str:
        """Return the DIALOG_ID of the chat for one member: the id of the other user, or chatN for a group chat."""
        if not self.private:
            return f"chat{self.id}"
        others = [member for member in self.members if member != user]
        return str(others[0] if others else user)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a chat or a post."""

    id: int
    name: str
    content: bytes = b""

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """The origin of a forwarded message."""

    message: int
    author: int
    chat: int
    date: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message with attach, keyboard and menu in normal form; author 0 is the system."""

    id: int
    chat: int
    author: int
    date: float
    text: str
    sender: int = 0
    """The id of the user who wrote the message and may change it; for system messages it differs from `author`."""
    attach: dict[str, Any] | None = None
    keyboard: list[dict[str, Any]] | None = None
    menu: list[dict[str, Any]] | None = None
    files: tuple[File, ...] = ()
    reply_to: int | None = None
    template: str = ""
    system: bool = False
    edited: bool = False
    deleted: bool = False
    forward: Forward | None = None
    reactions: tuple[tuple[int, str], ...] = ()
    """Pairs (user id, reaction), oldest first; each user has at most one reaction."""

    @property
    def likes(self) -> tuple[int, ...]:
        """Return the ids of the users who like the message; v1 and im.message.like know only likes."""
        return tuple(user for user, reaction in self.reactions if reaction == LIKE)


@dataclass(slots=True, kw_only=True)
class Messenger:
    """All chats and messages of the portal."""

    chats: dict[int, Chat] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    by_chat: dict[int, list[int]] = field(default_factory=dict)
    by_user: dict[int, dict[int, None]] = field(default_factory=dict)
    """By user id: the ids of the user's chats, in the order of joining."""
    private: dict[frozenset[int], int] = field(default_factory=dict)
    read: dict[tuple[int, int], int] = field(default_factory=dict)
    """By (chat id, user id): the id of the last message that the user has read."""
    typing: dict[tuple[int, int], float] = field(default_factory=dict)
    """By (chat id, user id): the Unix time until which "is typing" is shown."""
    answerable: dict[tuple[int, int], float] = field(default_factory=dict)
    """By (message id, command id): the Unix time until which an answer to the command is written (behaviour 5.4)."""
    templates: dict[tuple[int, int, str], int] = field(default_factory=dict)
    """By (chat id, author id, template id): the id of the message that a repeated call returns."""
    since: dict[tuple[int, int], int] = field(default_factory=dict)
    """By (chat id, user id): the id of the last hidden message, for a user who was added without the history."""
    doing: dict[tuple[int, int], str] = field(default_factory=dict)
    """By (chat id, user id): the statusMessageCode that is shown until the time in `typing`."""
    file_of: dict[int, int] = field(default_factory=dict)
    """By file id: the id of the message that contains the file."""

    def put(self, chat: Chat) -> Chat:
        """Store a chat, new or changed."""
        old = self.chats.get(chat.id)
        for member in old.members if old else ():
            self.by_user[member].pop(chat.id, None)
        for member in chat.members:
            self.by_user.setdefault(member, {})[chat.id] = None
        self.chats[chat.id] = chat
        self.by_chat.setdefault(chat.id, [])
        if chat.private:
            self.private[frozenset(chat.members)] = chat.id
        return chat

    def forget(self, chat: Chat) -> None:
        """Delete a chat with its messages."""
        for member in chat.members:
            self.by_user[member].pop(chat.id, None)
        del self.chats[chat.id]
        self.private.pop(frozenset(chat.members), None)
        for number in self.by_chat.pop(chat.id, []):
            self.messages.pop(number, None)

    def write(self, message: Message) -> Message:
        """Store a message, new or changed."""
        if message.id not in self.messages:
            self.by_chat.setdefault(message.chat, []).append(message.id)
        self.messages[message.id] = message
        # A forwarded file belongs to the message that contained it first.
        for file in message.files:
            self.file_of.setdefault(file.id, message.id)
        return message

    def shown(self, chat: int, user: int) -> list[int]:
        """Return the ids of the messages of a chat that a member may see, oldest first.

        These are all messages, or those since the member was added without the history.
        """
        ids, hidden = self.by_chat.get(chat, []), self.since.get((chat, user))
        return ids if hidden is None else [number for number in ids if number > hidden]

    def file(self, number: int) -> tuple[File, Message] | None:
        """Return the file with an id and the message that contains it, or None."""
        message = self.messages.get(self.file_of.get(number, 0))
        files = message.files if message is not None else ()
        return next(((file, message) for file in files if file.id == number and message is not None), None)

    def erase(self, message: Message) -> None:
        """Delete a message, so that no note stays in its place."""
        self.messages.pop(message.id, None)
        self.by_chat[message.chat].remove(message.id)

    def last(self, chat: int) -> Message | None:
        """Return the newest message of a chat, or None."""
        ids = self.by_chat.get(chat)
        return self.messages[ids[-1]] if ids else None

    def of(self, user: int) -> list[Chat]:
        """Return the chats of a person, in the order of joining."""
        return [self.chats[number] for number in self.by_user.get(user, ())]

    def unread(self, chat: int, user: int) -> int:
        """Count the messages of other authors that a person has not read in a chat."""
        seen = max(self.read.get((chat, user), 0), self.since.get((chat, user), 0))
        ids = self.by_chat.get(chat, [])
        return sum(1 for number in ids if number > seen and self.messages[number].author != user)
