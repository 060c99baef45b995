"""Remembers who belonged to which department, workgroup and chat while the service could not know of a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from portal.world.feed import Post
from portal.world.people import People

RESTRICTED = 50
"""The number of newest restricted posts whose readers each check reads again (decision 0010)."""
CHECKED_EVERY = 30.0
"""Seconds between two checks of a chat that follows nothing; events of posts start them (decision 0010)."""


@dataclass(slots=True, kw_only=True)
class Memberships:
    """Everybody's departments and workgroups since the cards of a post were last checked.

    No event tells of a change. A check reads the newest restricted posts again, and of older ones only a few in turn.
    """

    since_check: People
    ever: People
    oldest_checked: int = 0
    """The oldest post that counts as checked."""

    @classmethod
    def of(cls, people: People) -> Memberships:
        """Begin with the current memberships."""
        return cls(since_check=_copied(people), ever=_copied(people))

    def of_post(self, number: int) -> People:
        """Return who belonged to what since a post's cards were last checked."""
        return self.since_check if number >= self.oldest_checked else self.ever

    def changed(self, people: People) -> None:
        """Add the current memberships."""
        self.since_check, self.ever = _both(self.since_check, people), _both(self.ever, people)

    def checked(self, people: People, posts: Iterable[Post]) -> None:
        """Note that the service has checked its cards: what was before counts for older posts only."""
        newest = sorted((post.id for post in posts if "UA" not in post.dest), reverse=True)[:RESTRICTED]
        self.since_check, self.oldest_checked = _copied(people), newest[-1] if len(newest) == RESTRICTED else 0


def _copied(people: People) -> People:
    return People(users=dict(people.users), departments=dict(people.departments), groups=dict(people.groups))


def _both(before: People, now: People) -> People:
    """Return people who belong to what they belonged to before, and to what they belong to now."""
    users = {
        user.id: replace(user, departments=tuple({*user.departments, *before.users[user.id].departments}))
        if user.id in before.users
        else user
        for user in now.users.values()
    }
    groups = {
        group.id: replace(group, members=tuple({*group.members, *before.groups[group.id].members}))
        if group.id in before.groups
        else group
        for group in now.groups.values()
    }
    return People(users=users, departments=dict(now.departments), groups=groups)


@dataclass(slots=True, kw_only=True)
class NewMembers:
    """Remembers when people came into chats, and when an event of a post last had these chats checked."""

    clock: Callable[[], float] = time.monotonic
    _came: dict[tuple[int, int], float] = field(default_factory=dict)
    _post_at: float = 0.0

    def came(self, chat: int, person: int) -> None:
        """Note that somebody comes into a chat now."""
        self._came[chat, person] = self.clock()

    def post(self) -> None:
        """Note that a post was made, changed or deleted."""
        self._post_at = self.clock()

    def is_noticed(self, chat: int, person: int) -> bool:
        """Tell whether an event has had a chat checked since somebody came into it."""
        came = self._came.get((chat, person))
        return came is None or self._post_at - came > CHECKED_EVERY
