"""Makes records from the rows in the portal's answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.bitrix.outbound import calls
from bot.model.events import PostId, UserId
from bot.model.records import Named, Post

Row = dict[str, Any]

_PARTS = {"thanks": "UF_GRATITUDE", "poll": "UF_BLOG_POST_VOTE", "files": "UF_BLOG_POST_FILE"}
"""What a post may have beside its text, and the fields that say so (reference: log.blogpost.get)."""


def post_of(row: object) -> Post | None:
    """Make a post from a row of log.blogpost.get, whose values are strings; None if the row has no id."""
    fields = object_of(row)
    if not calls.number(fields.get("ID")):
        return None
    return Post(
        id=PostId(calls.number(fields.get("ID"))),
        author=UserId(calls.number(fields.get("AUTHOR_ID"))),
        title=str(fields.get("TITLE") or "") if fields.get("MICRO") != "Y" else "",
        text=str(fields.get("DETAIL_TEXT") or ""),
        date=str(fields.get("DATE_PUBLISH") or ""),
        important=_truthy(object_of(fields.get("UF_BLOG_POST_IMPRTNT")).get("VALUE")),
        for_all=fields.get("HAS_SOCNET_ALL") == "Y",
        comments=calls.number(fields.get("NUM_COMMENTS")),
        parts=tuple(part for part, name in _PARTS.items() if _truthy(object_of(fields.get(name)).get("VALUE"))),
    )


def is_extranet(found: object) -> bool | None:
    """Check whether the portal's answer marks a chat or a person as extranet; None if it does not say."""
    chat = object_of(found)
    answer = object_of(chat.get("chat", chat)).get("extranet")
    return None if answer is None else bool(answer)


def object_of(value: object) -> dict[str, Any]:
    """Return an object of an answer; empty if the value is none."""
    return value if isinstance(value, dict) else {}


def rows_of(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list, or in an object that has them by key; other values are left out."""
    rows = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict)]


def people_of(value: object) -> list[dict[str, Any]]:
    """Return the people, without bots, in an answer that has them by id (im.search.user.list)."""
    return [row for row in rows_of(value) if not row.get("bot")]


def named(
    prefix: str,
    rows: list[dict[str, Any]],
    key: str,
    name: str,
    *,
    visible: Callable[[dict[str, Any]], bool],
    detail: str = "",
) -> list[Named]:
    """Make names from rows: `prefix` begins their codes; `key`, `name` and `detail` are the names of the fields."""
    return [
        Named(
            code=f"{prefix}{number}",
            name=str(row.get(name) or ""),
            visible=visible(row),
            detail=str(row.get(detail) or ""),
        )
        for row in rows
        if (number := calls.number(row.get(key)))
    ]


def named_of(people: list[Row], departments: list[Row], groups: list[Row]) -> list[Named]:
    """Make the names of people, departments and workgroups that searches have found."""
    return [
        *named("U", people, "id", "name", visible=is_employee, detail="work_position"),
        *named("DR", departments, "id", "name", visible=lambda _: True, detail="full_name"),
        *named("SG", groups, "ID", "NAME", visible=is_visible),
    ]


def is_employee(person: dict[str, Any]) -> bool:
    """Check whether a found person is an employee, whom every employee may know (im.search.user.list)."""
    return person.get("extranet") is False


def is_visible(group: dict[str, Any]) -> bool:
    """Check whether every employee sees a group (reference: sonet_group.get, VISIBLE)."""
    return group.get("VISIBLE") == "Y"


def _truthy(value: object) -> bool:
    return value not in (None, "", "0", 0, False, [], {})
