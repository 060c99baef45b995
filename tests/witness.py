"""A small model of who may see what in the portal, without its code: each mark in a text knows its viewers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

ADMIN, EXTRANET_USER = 1, 6
PEOPLE = (1, 2, 3, 4, 5, 6)
EMPLOYEES = frozenset({1, 2, 3, 4, 5})
LAUNCH = frozenset({2, 3, 6})
"""The workgroup of the extranet user."""
CODES = {
    "UA": EMPLOYEES,
    "DR1": EMPLOYEES,
    "DR2": frozenset({2}),
    "DR3": frozenset({3, 5}),
    "DR4": frozenset({4}),
    "SG7": LAUNCH,
    "SG8": frozenset({1, 4, 5}),
    **{f"U{number}": frozenset({number}) for number in PEOPLE},
}
"""The people behind each recipient code, counted by hand from the portal's company."""
NOBODY = ("SG99", "DR9", "U77")
"""Recipient codes in the right form that do not exist."""
CARDS = {("deal", 42): EMPLOYEES, ("deal", 44): frozenset({ADMIN, 3}), ("lead", 12): EMPLOYEES}
"""Who sees each CRM card; deal 44 is private to one person."""


def addresses(user: int, code: str) -> bool:
    """Check whether a person may send a post to a recipient."""
    if code not in CODES:
        return False
    if code.startswith("SG"):
        return user == ADMIN or user in CODES[code]
    if code.startswith("U") and code != "UA":
        return user != EXTRANET_USER or int(code[1:]) in LAUNCH
    return user != EXTRANET_USER


@dataclass(kw_only=True)
class Thing(ABC):
    """Something with a mark; `past` are its earlier marks."""

    id: int
    author: int
    mark: str
    alive: bool = True
    past: set[str] = field(default_factory=set)

    def remark(self, mark: str) -> None:
        """Give it a new mark."""
        self.past.add(self.mark)
        self.mark = mark

    @abstractmethod
    def viewers(self) -> frozenset[int]:
        """Return who may see it while it exists."""

    def shows(self, mark: str, viewer: int) -> bool:
        """Check whether somebody may see a mark here."""
        return self.alive and mark == self.mark and viewer in self.viewers()


@dataclass(kw_only=True)
class Post(Thing):
    """A post of the feed."""

    dest: set[str]
    touched: float
    """When it last moved up in the feed."""
    comments: list[Remark] = field(default_factory=list)

    def feed(self) -> frozenset[int]:
        """Return in whose feed it is."""
        return frozenset({self.author}).union(*(CODES[code] for code in self.dest))

    def viewers(self) -> frozenset[int]:
        """Return who may open it; administrators may open all."""
        return self.feed() | {ADMIN} if self.alive else frozenset()

    def changeable(self, user: int) -> bool:
        """Check whether somebody may change it."""
        return self.alive and user in (ADMIN, self.author)


@dataclass(kw_only=True)
class Remark(Thing):
    """A comment on a post."""

    post: Post

    def viewers(self) -> frozenset[int]:
        """Return who sees the post."""
        return self.post.viewers()


@dataclass(kw_only=True)
class Notice(Thing):
    """A notification."""

    to: int
    read: bool = False

    def viewers(self) -> frozenset[int]:
        """Return its owner."""
        return frozenset({self.to})


@dataclass(kw_only=True)
class Entry(Thing):
    """A comment in CRM timelines."""

    places: list[tuple[str, int]]

    def viewers(self) -> frozenset[int]:
        """Return who sees one of its cards."""
        return frozenset[int]().union(*(CARDS[place] for place in self.places))


@dataclass(kw_only=True)
class Chat(Thing):
    """A chat; its mark is in its title. Lines of the system have no mark."""

    members: list[int]
    private: bool = False
    open: bool = False
    managers: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    said: int = 0
    """How many lines there ever were: the number of the last one."""
    read: dict[int, int] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    """For each member, the last line before they were added without history."""

    def viewers(self) -> frozenset[int]:
        """Return who may see its title."""
        return frozenset(self.members) | (EMPLOYEES if self.open else frozenset())

    def rules(self, user: int) -> bool:
        """Check whether somebody owns or manages it."""
        return not self.private and user in (self.author, *self.managers)

    def name(self, viewer: int) -> str:
        """Return its DIALOG_ID for one member."""
        if not self.private:
            return f"chat{self.id}"
        return str(next((one for one in self.members if one != viewer), viewer))

    def line(self, author: int, mark: str = "", number: int = 0) -> Line:
        """Write a line; its author has then read everything."""
        self.said += 1
        made = Line(id=number, author=author, mark=mark, chat=self, place=self.said)
        self.lines.append(made)
        if author:
            self.read[author] = self.said
        return made

    def join(self, user: int, *, hidden: bool) -> None:
        """Add a member; a line of the system says so."""
        self.members.append(user)
        if hidden:
            self.since[user] = self.said
        self.line(0)

    def leave(self, user: int) -> None:
        """Remove a member; the next one becomes the owner if needed."""
        self.members.remove(user)
        self.managers.discard(user)
        self.since.pop(user, None)
        if self.author == user:
            self.author = self.members[0] if self.members else 0
        self.line(0)

    def visible(self, viewer: int) -> list[Line]:
        """Return the lines that a member sees, oldest first."""
        return [line for line in self.lines if line.place > self.since.get(viewer, 0)]

    def unread(self, viewer: int) -> int:
        """Count the lines of others that a member has not read."""
        seen = self.read.get(viewer, 0)
        return sum(1 for line in self.visible(viewer) if line.place > seen and line.author != viewer)


@dataclass(kw_only=True)
class Line(Thing):
    """A message."""

    chat: Chat
    place: int
    forwarded: bool = False

    def viewers(self) -> frozenset[int]:
        """Return the members who were there, or got the history."""
        chat = self.chat
        return frozenset(one for one in chat.members if self.place > chat.since.get(one, 0))
