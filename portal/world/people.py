"""People, departments and workgroups."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person, a guest of the extranet, or a bot: all three are users of the portal."""

    id: int
    first_name: str
    last_name: str = ""
    position: str = ""
    gender: str = ""
    email: str = ""
    language: str = "en"
    time_zone: str = ""
    departments: tuple[int, ...] = ()
    admin: bool = False
    extranet: bool = False
    bot: bool = False
    mail: bool = False
    """Somebody known by an e-mail address only, who was invited into a post."""
    active: bool = True
    color: str = "#df532d"
    registered: float = 0.0
    """When they first logged in; 0 for those who were there from the start."""
    avatar: str = ""
    status: str = "online"
    """What they chose to show: online, dnd, away or break."""
    idle: float | None = None
    """Since when they have been away from the keyboard."""

    @property
    def name(self) -> str:
        """The full name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A node of the company's tree."""

    id: int
    name: str
    parent: int = 0
    head: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A workgroup or project; `members` includes the owner."""

    id: int
    name: str
    owner: int
    members: tuple[int, ...] = ()
    description: str = ""
    visible: bool = True
    project: bool = False
    extranet: bool = False
    opened: bool = False
    closed: bool = False
    moderators: tuple[int, ...] = ()
    created: float = 0.0
    changed: float = 0.0


@dataclass(slots=True, kw_only=True)
class People:
    """Everybody in the portal, and how they belong together."""

    users: dict[int, User] = field(default_factory=dict)
    departments: dict[int, Department] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)

    def below(self, department: int) -> set[int]:
        """Return a department with all its sub-departments (reference: DR codes of the News Feed)."""
        found = {department}
        grown = True
        while grown:
            more = {row.id for row in self.departments.values() if row.parent in found}
            grown = not more <= found
            found |= more
        return found

    def in_department(self, user: User, department: int) -> bool:
        """Tell whether a person works in a department or below it."""
        return not self.below(department).isdisjoint(user.departments)

    def in_group(self, user: int, group: int) -> bool:
        """Tell whether a person is a member of a workgroup."""
        row = self.groups.get(group)
        return row is not None and user in row.members

    def found(self, words: str) -> Iterator[User]:
        """Give active people, one of whose names starts with each of the words."""
        wanted = words.lower().split()
        for user in self.users.values():
            parts = user.name.lower().split()
            known = user.active and not user.mail
            if known and wanted and all(any(part.startswith(word) for part in parts) for word in wanted):
                yield user
