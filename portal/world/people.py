"""People, departments and workgroups."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of the portal: an employee, an extranet user, or a bot."""

    id: int
    first_name: str
    last_name: str = ""
    position: str = ""
    gender: str = ""
    email: str = ""
    inner_phone: str = ""
    language: str = "en"
    time_zone: str = ""
    departments: tuple[int, ...] = ()
    admin: bool = False
    extranet: bool = False
    bot: bool = False
    mail: bool = False
    """Whether the user is known by an e-mail address only, because a post has invited them."""
    crm: bool = True
    """Whether the rights of the CRM let the user work with leads, deals, contacts and companies at all."""
    active: bool = True
    color: str = "#df532d"
    registered: float = 0.0
    """Unix time of the first login; 0 for users of the seed."""
    avatar: str = ""
    status: str = "online"
    """Status that the user has chosen: online, dnd, away or break."""
    idle: float | None = None
    """Unix time since which the user is away from the keyboard; None means not away."""

    @property
    def name(self) -> str:
        """Return the full name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department of the company."""

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
    """All users, departments and workgroups."""

    users: dict[int, User] = field(default_factory=dict)
    departments: dict[int, Department] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)

    def department_tree(self, department: int) -> set[int]:
        """Return the ids of a department and all its sub-departments (reference: DR codes of the News Feed)."""
        found = {department}
        changed = True
        while changed:
            more = {row.id for row in self.departments.values() if row.parent in found}
            changed = not more <= found
            found |= more
        return found

    def in_department(self, user: User, department: int) -> bool:
        """Tell whether a person works in a department or in one of its sub-departments."""
        return not self.department_tree(department).isdisjoint(user.departments)

    def in_group(self, user: int, group: int) -> bool:
        """Tell whether a person is a member of a workgroup."""
        row = self.groups.get(group)
        return row is not None and user in row.members

    def search(self, words: str) -> Iterator[User]:
        """Return the active people in whose names each of the given words begins a word."""
        wanted = words.lower().split()
        for user in self.users.values():
            parts = user.name.lower().split()
            known = user.active and not user.mail
            if known and wanted and all(any(part.startswith(word) for part in parts) for word in wanted):
                yield user
