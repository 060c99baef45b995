"""Chats and messages, who has read how far, who is typing, which commands may still be answered."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A private dialog (kind P, two members) or a group chat (kind C, or O when open)."""

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

    @property
    def private(self) -> bool:
        """Whether this is a dialog of two."""
        return self.kind == "P"

    def dialog_for(self, user: int) -> str:
        """Return DIALOG_ID as one member sees it: the other's id, or chatN."""
        if not self.private:
            return f"chat{self.id}"
        others = [member for member in self.members if member != user]
        return str(others[0] if others else user)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was put into a chat or a post."""

    id: int
    name: str
    content: bytes = b""

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message with its objects in normal form; author 0 is the system."""

    id: int
    chat: int
    author: int
    date: float
    text: str
    sender: int = 0
    """Who really wrote it: differs from `author` for system messages, and decides who may change it."""
    attach: dict[str, Any] | None = None
    keyboard: list[dict[str, Any]] | None = None
    menu: list[dict[str, Any]] | None = None
    files: tuple[File, ...] = ()
    reply_to: int | None = None
    template: str = ""
    system: bool = False
    edited: bool = False
    deleted: bool = False
    forwarded: bool = False
    likes: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class Talk:
    """All chats and messages of the portal."""

    chats: dict[int, Chat] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    by_chat: dict[int, list[int]] = field(default_factory=dict)
    by_user: dict[int, dict[int, None]] = field(default_factory=dict)
    """user -> the chats they are in, in order of joining."""
    private: dict[frozenset[int], int] = field(default_factory=dict)
    read: dict[tuple[int, int], int] = field(default_factory=dict)
    """(chat, user) -> the last message that person has read."""
    typing: dict[tuple[int, int], float] = field(default_factory=dict)
    """(chat, user) -> until when "is typing" is shown."""
    answerable: dict[tuple[int, int], float] = field(default_factory=dict)
    """(message, command) -> until when imbot.command.answer works (reference: 5.4, ten minutes)."""
    templates: dict[tuple[int, int, str], int] = field(default_factory=dict)
    """(chat, author, template id) -> the message that a repeat is answered with."""

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
        """Drop a chat with its messages."""
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
        return message

    def erase(self, message: Message) -> None:
        """Forget a message without a trace."""
        self.messages.pop(message.id, None)
        self.by_chat[message.chat].remove(message.id)

    def last(self, chat: int) -> Message | None:
        """Return the newest message of a chat."""
        ids = self.by_chat.get(chat)
        return self.messages[ids[-1]] if ids else None

    def of(self, user: int) -> list[Chat]:
        """Return the chats a person is in."""
        return [self.chats[number] for number in self.by_user.get(user, ())]

    def unread(self, chat: int, user: int) -> int:
        """Count messages of others that a person has not read."""
        seen = self.read.get((chat, user), 0)
        ids = self.by_chat.get(chat, [])
        return sum(1 for number in ids if number > seen and self.messages[number].author != user)
