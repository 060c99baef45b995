"""Finds out whether every member of a chat is among the recipients of a post."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships.company import Account, Asker, Company, Member
from bot.bitrix.outbound.rows import rows_of
from bot.errors import PortalError
from bot.model.events import Dialog, PostId, UserId
from bot.model.records import Post

MOST_CODES = 150
"""The most departments and groups that one post is compared with; the others count as not addressed."""
MOST_LOOKED = 8
"""The most tokens and people whose feed is searched before a post counts as not found: at least six people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A person in whose feed a post was found, and the workgroups of this person."""

    asker: Asker
    groups: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class Memberships:
    """The members of chats, departments and groups during one event; chats are read again for each event."""

    company: Company
    viewers: tuple[Asker, ...] = ()
    """Tokens of the people whose feed is searched besides the author's: the user of the event, the installer."""
    _chats: dict[Dialog, tuple[Member, ...] | None] = field(default_factory=dict)
    _seen: dict[PostId, Viewer] = field(default_factory=dict)
    _looked: dict[PostId, set[Asker]] = field(default_factory=dict)
    _codes: dict[tuple[PostId, str], bool] = field(default_factory=dict)

    async def fingerprints(self, dialogs: Sequence[Dialog]) -> dict[Dialog, str]:
        """Return a short text for each group chat that changes with its members and their departments.

        A chat whose members are unknown is left out.
        """
        await self._look(dialogs)
        return {dialog: _fingerprint(members) for dialog in dialogs if (members := self._chats[dialog])}

    async def is_addressed(self, post: Post) -> bool:
        """Check whether a post is for a department or workgroup; False if no person with it in their feed is found."""
        return await self._viewer(post) is not None

    async def addressed(self, post: Post, codes: Sequence[str]) -> frozenset[str]:
        """Return those of the departments and groups that a post is for; none if nobody with it in their feed is found.

        A group that nobody whose feed is searched may see counts as not addressed.
        """
        viewer = await self._viewer(post)
        if viewer is None:
            return frozenset()
        await self._narrow(post, viewer, codes)
        return frozenset(code for code in codes if self._codes.get((post.id, code)))

    async def all_receive(self, post: Post, dialog: Dialog) -> bool:
        """Check whether every member of a chat is the author of a post, or receives it by department or workgroup.

        False if that is unknown.
        """
        viewer = await self._viewer(post)
        if viewer is None and post.author in self._looked[post.id]:
            return False  # it goes to persons only
        await self._look([dialog])
        members = self._chats[dialog]
        if not members or any(one.extranet for one in members):
            return False
        viewer = viewer or await self._viewer(post, [one.id for one in members])
        if viewer is None:
            return False
        above = await self.company.departments()
        await self._narrow(post, viewer, [f"DR{one}" for member in self._everybody() for one in _chain(member, above)])
        groups = [number for number in viewer.groups if self._codes.get((post.id, f"SG{number}"))]
        inside = set().union(*[await self.company.group(number, viewer.asker) for number in groups]) | {post.author}
        return all(one.id in inside or self._is_in_department(post, one, above) for one in members)

    def _is_in_department(self, post: Post, member: Member, above: dict[int, int]) -> bool:
        return any(self._codes.get((post.id, f"DR{number}")) for number in _chain(member, above))

    def _everybody(self) -> list[Member]:
        """Return the members of all chats of this event.

        A post is compared with the departments of all of them in one request.
        """
        return list({one.id: one for members in self._chats.values() for one in members or ()}.values())

    # --- recipients of a post ---

    async def _viewer(self, post: Post, members: Sequence[UserId] = ()) -> Viewer | None:
        """Find a person who has a post in their feed because of a department or workgroup; None if nobody was found.

        The feeds of the `members` are searched too. log.blogpost.get does not return the recipients of a post, but its
        list can be filtered by them (LOG_RIGHTS).
        """
        looked = self._looked.setdefault(post.id, set())
        candidates = dict.fromkeys((*self.viewers, post.author, *members)) if calls.window(post) else {}
        for person in candidates:  # None is the installer
            if post.id in self._seen or len(looked) >= MOST_LOOKED:
                break
            if person in looked:
                continue
            with contextlib.suppress(PortalError):  # we have no valid token of this person
                account = await self.company.account(person)
                if account.id not in looked and await self._is_in_feed(post, person, account):
                    self._seen[post.id] = Viewer(asker=person, groups=account.groups)
                looked |= {person, account.id}
        return self._seen.get(post.id)

    async def _is_in_feed(self, post: Post, asker: Asker, account: Account) -> bool:
        """Check whether a person's feed contains a post for any department, or for one of the person's workgroups."""
        codes = [f"DR{number}" for number in await self.company.departments()]
        codes += [f"SG{number}" for number in account.groups]
        return bool(codes) and has((await self.company.ask([of_codes(post, codes)], asker))[0], post)

    async def _narrow(self, post: Post, viewer: Viewer, departments: Iterable[str]) -> None:
        """Find out and remember which of these departments, and of the viewer's workgroups, a post is for."""
        wanted = dict.fromkeys((*departments, *(f"SG{number}" for number in viewer.groups)))
        codes = [code for code in wanted if (post.id, code) not in self._codes][:MOST_CODES]
        for some, items in await self.company.in_batches(codes, lambda code: of_codes(post, [code]), viewer.asker):
            self._codes |= {(post.id, code): has(item, post) for code, item in zip(some, items, strict=True)}

    async def _look(self, dialogs: Sequence[Dialog]) -> None:
        """Read the members of those chats that were not read yet during this event."""
        new = [dialog for dialog in dict.fromkeys(dialogs) if dialog not in self._chats]
        self._chats |= await self.company.members(new)


def of_codes(post: Post, codes: list[str]) -> Call:
    """Make the call that looks for a post among those for any of these recipients, in the feed of the token's user."""
    params = {**calls.window(post), "LOG_RIGHTS": codes, "LIMIT": calls.MOST_POSTS}
    return Call(method="log.blogpost.get", params=params)


def has(item: answers.Item, post: Post) -> bool:
    """Check whether the answer of such a call contains the post."""
    return any(calls.number(row.get("ID")) == post.id for row in rows_of(item.result))


def _chain(member: Member, above: dict[int, int]) -> list[int]:
    """Return a person's departments and all departments above them.

    A post for a department is also for the departments below it.
    """
    found: dict[int, None] = {}
    for start in member.departments:
        number = start
        while number and number not in found:
            found[number] = None
            number = above.get(number, 0)
    return list(found)


def _fingerprint(members: tuple[Member, ...]) -> str:
    text = ";".join(f"{one.id}:{one.departments}:{one.extranet}" for one in members)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
