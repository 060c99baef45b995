"""Reads the people, departments and workgroups of a portal in few requests, and keeps the answers for some minutes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships.kept import Kept
from bot.bitrix.outbound.rows import rows_of
from bot.errors import Gone, Refused
from bot.model.events import Dialog, UserId
from bot.model.records import KnownPortal

MOST_MEMBERS = 199
"""The most members of a chat that are read: one less than a page of imbot.v2.Chat.User.list.

The members of a larger chat count as unknown.
"""
MOST_ROWS = 5000
"""The most departments of a company, or members of a workgroup, that are read; the others count as unknown."""
PAGE = 50

Asker: TypeAlias = UserId | None
"""The owner of the token to use: a known user, the installer (None), or the user of an event (ACTOR)."""
ACTOR = UserId(-1)
"""The user who caused the event, if the event contains their token but not their id."""
Ask = Callable[[Sequence[Call], Asker], Awaitable[list[answers.Item]]]
"""Sends calls in one request with one token; returns an item for each, in order."""
Row = dict[str, Any]
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a chat, with the departments they work in; `extranet`: they may be an extranet user."""

    id: UserId
    departments: tuple[int, ...]
    extranet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user to whom a token belongs (0: the portal did not name them), and the workgroups they are in."""

    id: UserId
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The people of one portal; every method may raise PortalError or PortalDown."""

    portal: KnownPortal
    ask: Ask
    kept: Kept[Any]

    async def members(self, dialogs: Sequence[Dialog]) -> dict[Dialog, tuple[Member, ...] | None]:
        """Return the members of each chat, without bots; None for a chat that is closed to us, or too large.

        The lists of members are not kept, because a new member must count at once.
        """
        lists: dict[Dialog, list[UserId] | None] = {}
        for some, items in await self.in_batches(dialogs, self._list, None):
            lists |= {dialog: _ids(result_of(item)) for dialog, item in zip(some, items, strict=True)}
        people = await self._people(one for ids in lists.values() for one in ids or ())
        return {dialog: _members(ids, people) for dialog, ids in lists.items()}

    async def person(self, user: UserId) -> Member | None:
        """Return a person with their departments; None for a bot, or if the portal does not know them."""
        return (await self._people([user])).get(user)

    async def departments(self) -> dict[int, int]:
        """Return the id of the department above each department, by its id; 0 if there is none above."""
        kept: dict[int, int] | None = self.kept.get(self.portal.id, "departments", 0)
        if kept is None:
            rows = await self._pages(lambda start: Call(method="department.get", params={"START": start}), None)
            kept = {calls.number(row.get("ID")): calls.number(row.get("PARENT")) for row in rows}
            kept.pop(0, None)
            self.kept.put(self.portal.id, "departments", 0, value=kept, size=len(kept) + 1)
        return kept

    async def account(self, asker: Asker) -> Account:
        """Return the user to whom a token belongs, and their workgroups.

        For an ACTOR the answer is not kept, because it is another person in another event.
        """
        number = (self.portal.installer if asker is None else asker) or UserId(0)
        kept: Account | None = None if asker == ACTOR else self.kept.get(self.portal.id, "account", number)
        if kept is None:
            kept = await self._account(asker, UserId(max(number, 0)))
            if asker != ACTOR:
                self.kept.put(self.portal.id, "account", number, value=kept, size=len(kept.groups) + 1)
        return kept

    async def _account(self, asker: Asker, number: UserId) -> Account:
        asked = [Call(method="sonet_group.user.groups", params={})]
        groups, *named = await self.ask(asked if number else [*asked, Call(method="profile", params={})], asker)
        numbers = (calls.number(row.get("GROUP_ID")) for row in rows_of(result_of(groups)))
        own = [item.result.get("ID") for item in named if isinstance(item.result, dict)]
        return Account(id=UserId(calls.number(*own)) if own else number, groups=tuple(filter(None, numbers)))

    async def group(self, number: int, viewer: Asker) -> frozenset[UserId]:
        """Return the members of a workgroup, as `viewer` sees them, without people who asked to join or are invited."""
        kept: frozenset[UserId] | None = self.kept.get(self.portal.id, "group", number)
        if kept is None:
            kept = await self.inside(number, viewer)
            self.kept.put(self.portal.id, "group", number, value=kept, size=len(kept) + 1)
        return kept

    async def inside(self, number: int, viewer: Asker) -> frozenset[UserId]:
        """Read the members of a workgroup, as `viewer` sees them; empty if the portal refuses."""
        rows = await self._pages(lambda start: _members_of(number, start), viewer)
        inside = (calls.number(row.get("USER_ID")) for row in rows if row.get("ROLE") in ("A", "E", "K"))
        return frozenset(UserId(one) for one in inside if one)

    async def in_batches(
        self, things: Sequence[V], call: Callable[[V], Call], asker: Asker
    ) -> list[tuple[Sequence[V], list[answers.Item]]]:
        """Send the call of each thing, fifty calls in a request, with the token of `asker`.

        Return the things of each request, and the answers for them in the same order.
        """
        size = calls.MOST_IN_A_BATCH
        parts = [things[start : start + size] for start in range(0, len(things), size)]
        return [(part, await self.ask([call(one) for one in part], asker)) for part in parts]

    async def _pages(self, call: Callable[[int], Call], asker: Asker) -> list[Row]:
        """Return all rows of a list: read its first page, then the other pages, fifty pages in a request.

        `call` makes the call for the page that begins at a row.
        """
        [first] = await self.ask([call(0)], asker)
        rows = rows_of(result_of(first))
        if first.next > 0:
            starts = range(first.next, min(first.total, MOST_ROWS), first.next)
            for _, items in await self.in_batches(starts, call, asker):
                rows += [row for item in items for row in rows_of(result_of(item))]
        return rows

    def _list(self, dialog: Dialog) -> Call:
        if self.portal.api == "v1":
            return Call(method="imbot.chat.user.list", params={"CHAT_ID": dialog.removeprefix("chat")})
        params = {"botId": self.portal.bot, "dialogId": dialog, "limit": MOST_MEMBERS + 1}
        return Call(method="imbot.v2.Chat.User.list", params=params)

    async def _people(self, ids: Iterable[UserId]) -> dict[UserId, Member | None]:
        """Return the person of each id: None for a bot; ids that the portal does not know are left out."""
        known: dict[UserId, Member | None] = {}
        asked: list[UserId] = []
        for person in dict.fromkeys(ids):
            kept = self.kept.get(self.portal.id, "person", person)
            if kept is None:
                asked.append(person)
            else:
                known[person] = kept[0]
        chunks = [asked[start : start + PAGE] for start in range(0, len(asked), PAGE)]
        for _, items in await self.in_batches(chunks, who, None):
            for item in items:
                known |= dict(_person(row) for row in rows_of(result_of(item)) if _is_person(row))
        for person in asked:
            if person in known:
                self.kept.put(self.portal.id, "person", person, value=(known[person],))
        return known


def result_of(item: answers.Item) -> object:
    """Return the result of a call; None if the portal refused the call.

    Raises:
        PortalError: the call failed for another reason, and may work later.
    """
    if item.error is not None and not isinstance(item.error, Refused | Gone):
        raise item.error
    return item.result


def _members_of(group: int, start: int) -> Call:
    """Make the call for one page of a workgroup's members.

    Its documentation does not mention pages, so the first page is requested without `start`.
    """
    return Call(method="sonet_group.user.get", params={"ID": group, **({"start": start} if start else {})})


def who(people: Sequence[UserId]) -> Call:
    """Make the call that reads people by their ids."""
    return Call(method="im.user.list.get", params={"ID": list(people), "RESULT_TYPE": "array"})


def _ids(rows: object) -> list[UserId] | None:
    """Return the ids in a list of members, which are ids (v1) or users (v2); None if it is malformed or too long."""
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_MEMBERS:
        return None
    ids = [UserId(calls.number(row.get("id") if isinstance(row, dict) else row)) for row in rows]
    return ids if all(ids) else None


def _is_person(row: Row) -> bool:
    known = row.get("bot") is True or isinstance(row.get("departments"), list)
    return known and calls.number(row.get("id")) > 0


def _person(row: Row) -> tuple[UserId, Member | None]:
    number = UserId(calls.number(row.get("id")))
    if row.get("bot") is True:
        return number, None
    departments = tuple(sorted(calls.number(one) for one in row["departments"]))
    return number, Member(id=number, departments=departments, extranet=row.get("extranet") is not False)


def _members(ids: list[UserId] | None, people: dict[UserId, Member | None]) -> tuple[Member, ...] | None:
    if ids is None or not all(one in people for one in ids):
        return None
    return tuple(member for one in sorted(ids) if (member := people[one]))
