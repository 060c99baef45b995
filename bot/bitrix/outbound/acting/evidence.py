"""Reads with an administrator's token what decides whether a person may write somewhere by hand.

What the portal refuses to tell, or tells in another form, is left out, and so counts against the person.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships.company import MOST_ROWS, PAGE, result_of
from bot.bitrix.outbound.rows import Row, object_of, post_of, rows_of
from bot.model.events import PostId, UserId
from bot.model.records import Post

MOST_GROUPS = 50
"""The most workgroups with extranet users whose members are read; the people of further ones count as unknown."""
MEMBERS = ("A", "E", "K")
"""The roles of owners, moderators and members of a workgroup; others have asked to join or are invited."""

_CODE = re.compile(r"(UA|U|DR|SG)(\d*)", re.ASCII)
_OF_PEOPLE = ("", "default", "socservices")
"""Values of external_auth_id of people who sign in by themselves; those of a directory service begin with LDAP#."""

Ask = Callable[[Sequence[Call]], Awaitable[list[answers.Item]]]
"""Sends at most fifty calls in one request with the administrator's token; returns an item for each, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user of the portal; `is_person`: they are active and write by hand, unlike bots and mail users."""

    id: UserId
    is_person: bool
    is_employee: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the portal says about some users, workgroups, departments and a post.

    `administrator` is the user of the token (None: they are no administrator). `members` are those of the workgroups in
    which posts can be written, and `shared` the people in the workgroups of an extranet user who writes.
    """

    administrator: UserId | None
    accounts: dict[UserId, Account]
    departments: frozenset[int] = frozenset()
    members: dict[int, frozenset[UserId]] = field(default_factory=dict)
    shared: frozenset[UserId] = frozenset()
    post: Post | None = None


def parsed(code: str) -> tuple[str, int]:
    """Return the kind and the number of a recipient (UA, U5, DR3, SG7); ("", 0) for another text."""
    found = _CODE.fullmatch(code)
    return (found[1], calls.number(found[2])) if found else ("", 0)


async def read(ask: Ask, user: UserId, codes: Iterable[str], *, post: PostId | None = None) -> Evidence:
    """Read what is needed to judge whether a user may write to these recipients, or do something to a post.

    The questions of one moment share requests: it is one, unless a workgroup has many members, or the user is an
    extranet user who writes to people.

    Raises:
        PortalError, PortalDown: the portal did not answer, but may later.
    """
    named = [parsed(code) for code in codes]
    numbers = {kind: tuple(dict.fromkeys(number for one, number in named if one == kind)) for kind in ("U", "DR", "SG")}
    people = tuple(UserId(number) for number in dict.fromkeys((user, *numbers["U"])))
    asker, found, departments, still_open, inside, about = await asyncio.gather(
        administrator(ask), accounts(ask, people), _departments(ask, numbers["DR"]), _open(ask, numbers["SG"]),
        members(ask, numbers["SG"]), _post(ask, post),
    )  # fmt: skip
    writer = found.get(user)
    outside = writer is not None and writer.is_person and not writer.is_employee and len(people) > 1
    return Evidence(
        administrator=asker, accounts=found, departments=departments, post=about,
        members={number: people for number, people in inside.items() if number in still_open},
        shared=await shared(ask, user) if outside else frozenset(),
    )  # fmt: skip


async def administrator(ask: Ask) -> UserId | None:
    """Return the user of the token; None for one who is no administrator, for whom the portal ignores USER_ID."""
    [item] = await ask([Call(method="profile", params={})])
    fields = object_of(result_of(item))
    return (UserId(calls.number(fields.get("ID"))) or None) if fields.get("ADMIN") is True else None


async def accounts(ask: Ask, people: Sequence[UserId]) -> dict[UserId, Account]:
    """Read users by their ids; those whom the portal does not know are left out."""
    asked = [Call(method="im.user.list.get", params={"ID": some, "RESULT_TYPE": "array"}) for some in _pages(people)]
    found = (account_of(row) for item in await _all(ask, asked) for row in rows_of(result_of(item)))
    return {one.id: one for one in found if one.id}


def account_of(row: Row) -> Account:
    """Make an account from a user as im.user.list.get shows them; what is missing counts as a reason against them.

    People without a department are no employees.
    """
    signs_in = str(row.get("external_auth_id") or "")
    from_outside = [row.get(name) for name in ("bot", "connector", "network")] != [False, False, False]
    is_person = row.get("active") is True and not from_outside
    is_person = is_person and (signs_in in _OF_PEOPLE or signs_in.startswith("LDAP#"))
    departments = row.get("departments")
    works_here = row.get("extranet") is False and isinstance(departments, list) and bool(departments)
    return Account(id=UserId(calls.number(row.get("id"))), is_person=is_person, is_employee=is_person and works_here)


async def shared(ask: Ask, user: UserId) -> frozenset[UserId]:
    """Return the people who are in a workgroup with an extranet user; that user is one of them."""
    params = {"FILTER": {"IS_EXTRANET": "Y", "ACTIVE": "Y"}, "IS_ADMIN": "Y"}
    [item] = await ask([Call(method="sonet_group.get", params=params)])
    groups = [calls.number(row.get("ID")) for row in rows_of(result_of(item))]
    inside = await members(ask, groups[:MOST_GROUPS])
    return frozenset(one for people in inside.values() if user in people for one in people)


async def members(ask: Ask, groups: Sequence[int]) -> dict[int, frozenset[UserId]]:
    """Return the members of each workgroup, without those who only asked to join or are invited."""
    items = await _all(ask, [_members_call(number, 0) for number in groups])
    return dict(zip(groups, await asyncio.gather(*map(partial(_members, ask), groups, items)), strict=True))


async def _members(ask: Ask, group: int, first: answers.Item) -> frozenset[UserId]:
    """Return the members in the first page of a list, and in those that follow."""
    rows = rows_of(result_of(first))
    starts = range(first.next, min(first.total, MOST_ROWS), first.next) if first.next > 0 else ()
    rest = await _all(ask, [_members_call(group, start) for start in starts])
    rows += [row for item in rest for row in rows_of(result_of(item))]
    inside = (calls.number(row.get("USER_ID")) for row in rows if row.get("ROLE") in MEMBERS)
    return frozenset(UserId(one) for one in inside if one)


def _members_call(group: int, start: int) -> Call:
    return Call(method="sonet_group.user.get", params={"ID": group, **({"start": start} if start else {})})


async def _open(ask: Ask, groups: Sequence[int]) -> frozenset[int]:
    """Return those workgroups that are active and not in the archive, where nobody writes any more."""
    filters = [{"FILTER": {"ID": some}, "IS_ADMIN": "Y"} for some in _pages(groups)]
    items = await _all(ask, [Call(method="sonet_group.get", params=one) for one in filters])
    rows = (row for item in items for row in rows_of(result_of(item)))
    is_open = (row for row in rows if row.get("ACTIVE") == "Y" and row.get("CLOSED") == "N")
    return frozenset(calls.number(row.get("ID")) for row in is_open)


async def _departments(ask: Ask, departments: Sequence[int]) -> frozenset[int]:
    items = await _all(ask, [Call(method="department.get", params={"ID": some}) for some in _pages(departments)])
    return frozenset(calls.number(row.get("ID")) for item in items for row in rows_of(result_of(item)))


def _pages(ids: Sequence[int]) -> list[list[int]]:
    """Cut ids into parts, so that the answer about each fits into one page of a list."""
    return [list(ids[start : start + PAGE]) for start in range(0, len(ids), PAGE)]


async def _all(ask: Ask, asked: Sequence[Call]) -> list[answers.Item]:
    """Send calls, fifty in a request; a single part is sent at once, so that it joins other reads of the moment."""
    size = calls.MOST_IN_A_BATCH
    found: list[answers.Item] = []
    for start in range(0, len(asked), size):
        found += await ask(asked[start : start + size])
    return found


async def _post(ask: Ask, number: PostId | None) -> Post | None:
    if number is None:
        return None
    [item] = await ask([Call(method="log.blogpost.get", params={"POST_ID": number})])
    posts = (found for row in rows_of(result_of(item)) if (found := post_of(row)))
    return next((one for one in posts if one.id == number), None)
