"""Reads who has read an important post, and to whom it is addressed, with the token of the person who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships.company import PAGE
from bot.bitrix.outbound.memberships.receivers import MOST_CODES, has, of_codes
from bot.bitrix.outbound.rows import rows_of
from bot.model.events import PostId, UserId
from bot.model.records import Employee, Post, Readership

MOST_DEPARTMENTS = 1000
"""The most departments of a company whose people are read; in a larger one only the readers are counted."""
MOST_READERS = 500
"""The most readers in an answer (reference: log.blogpost.getusers.important)."""

Ask = Callable[[Sequence[Call]], Awaitable[list[answers.Item]]]
"""Sends at most fifty calls in one request; returns an item for each, in order."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Department:
    id: int
    name: str
    parent: int


async def read(
    ask: Ask, number: PostId, asker: UserId, *, post_of: Callable[[object], Post | None]
) -> Readership | None:
    """Return the readers of a post; None if the asker may not see it, or it does not exist.

    Who received a post that is not for everybody is found for its author only: others may not be in its workgroups.

    Raises:
        PortalError, PortalDown: the portal refused the post or its readers.
    """
    asked = [
        Call(method="log.blogpost.get", params={"POST_ID": number}),
        Call(method="log.blogpost.getusers.important", params={"POST_ID": number}),
        Call(method="department.get", params={}),
    ]
    found, readers, departments = await ask(asked)
    for item in (found, readers):
        if item.error:
            raise item.error
    posts = (post for row in rows_of(found.result) if (post := post_of(row)) and post.id == number)
    post = next(posts, None)
    if post is None:
        return None
    rows = readers.result if isinstance(readers.result, list) else []
    read_by = frozenset(UserId(one) for row in rows if (one := calls.number(row))) - {post.author}
    asks = post.important and (post.for_all or post.author == asker)
    named = await _addressed(ask, post, departments) if asks else None
    if named is not None and not post.for_all and not read_by <= {one.id for one in named}:
        named = (
            None  # somebody else has read it, so some recipients are unknown, as of a group that its author has left
        )
    return Readership(
        post=post,
        read=read_by,
        addressed=named if named is None else tuple(one for one in named if one.id != post.author),
        many=len(rows) >= MOST_READERS,
    )


async def _addressed(ask: Ask, post: Post, first: answers.Item) -> list[Employee] | None:
    """Return the people to whom a post is addressed; None if the portal does not say, or there are too many parts."""
    departments = await _departments(ask, first)
    limited = [] if post.for_all else [f"DR{number}" for number in departments]
    if not departments or len(limited) > MOST_CODES:
        return None
    ids = list(departments)
    people = [_employees(ids[start : start + PAGE]) for start in range(0, len(ids), PAGE)]
    own = [] if post.for_all else [Call(method="sonet_group.user.groups", params={})]
    items = await _ask_all(ask, [*people, *own, *(of_codes(post, [code]) for code in limited)])
    if any(item.error for item in items):
        return None
    staff = _staff(items[: len(people)], departments)
    if post.for_all:
        return [person for person, _ in staff.values()]
    groups, *probes = items[len(people) :]
    codes = {code for code, item in zip(limited, probes, strict=True) if has(item, post)}
    chosen = {number for number, (_, places) in staff.items() if codes & _chain(places, departments)}
    numbers = [calls.number(row.get("GROUP_ID")) for row in rows_of(groups.result)]
    others = await _others(ask, post, numbers, [number for number in staff if number not in chosen])
    if others is None:
        return None
    return [staff[one][0] if one in staff else Employee(id=one) for one in sorted(chosen | others)]


async def _departments(ask: Ask, first: answers.Item) -> dict[int, _Department]:
    """Return all departments; `first` is the answer with their first page. Empty if the portal does not tell of all."""
    if first.error or first.total > MOST_DEPARTMENTS or first.next > first.total:
        return {}
    starts = range(first.next, first.total, first.next) if first.next > 0 else ()
    rest = await _ask_all(ask, [Call(method="department.get", params={"START": start}) for start in starts])
    if any(item.error for item in rest):
        return {}
    rows = [row for item in (first, *rest) for row in rows_of(item.result)]
    return {one.id: one for row in rows if (one := _department(row)).id}


async def _others(ask: Ask, post: Post, groups: Sequence[int], people: Sequence[UserId]) -> set[UserId] | None:
    """Return the recipients by workgroup and by name; None if there are too many to ask about each."""
    codes = [*(f"SG{number}" for number in groups), *(f"U{number}" for number in people)]
    if len(codes) > MOST_CODES:
        return None
    items = await _ask_all(ask, [of_codes(post, [code]) for code in codes])
    if any(item.error for item in items):
        return None
    hits = [code for code, item in zip(codes, items, strict=True) if has(item, post)]
    named = {UserId(int(code[1:])) for code in hits if code.startswith("U")}
    inside = [code[2:] for code in hits if code.startswith("SG")]
    members = await _ask_all(ask, [Call(method="sonet_group.user.get", params={"ID": number}) for number in inside])
    if any(item.error for item in members):
        return None
    rows = (row for item in members for row in rows_of(item.result) if row.get("ROLE") in ("A", "E", "K"))
    return named | {UserId(calls.number(row.get("USER_ID"))) for row in rows}


async def _ask_all(ask: Ask, asked: Sequence[Call]) -> list[answers.Item]:
    size = calls.MOST_IN_A_BATCH
    parts = [asked[start : start + size] for start in range(0, len(asked), size)]
    return [item for part in parts for item in await ask(part)]


def _department(row: Row) -> _Department:
    return _Department(
        id=calls.number(row.get("ID")), name=str(row.get("NAME") or ""), parent=calls.number(row.get("PARENT"))
    )


def _employees(departments: Iterable[int]) -> Call:
    return Call(method="im.department.employees.get", params={"ID": list(departments), "USER_DATA": "Y"})


def _staff(
    items: Sequence[answers.Item], departments: dict[int, _Department]
) -> dict[UserId, tuple[Employee, list[int]]]:
    """Return each employee with their departments, from lists of people by department."""
    found: dict[UserId, tuple[Employee, list[int]]] = {}
    lists = [pair for item in items if isinstance(item.result, dict) for pair in item.result.items()]
    for key, rows in lists:
        place = departments.get(calls.number(key))
        for row in rows_of(rows):
            number = UserId(calls.number(row.get("id")))
            if place is None or not number or row.get("bot") or row.get("extranet") is not False:
                continue
            person = Employee(id=number, name=str(row.get("name") or ""), department=place.name)
            found.setdefault(number, (person, []))[1].append(place.id)
    return found


def _chain(places: Iterable[int], departments: dict[int, _Department]) -> set[str]:
    """Return the codes of departments and of all departments above them."""
    found: set[str] = set()
    for start in places:
        number = start
        while number in departments and f"DR{number}" not in found:
            found.add(f"DR{number}")
            number = departments[number].parent
    return found
