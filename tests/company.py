"""A company for random tests of who reads what: many kinds of people, departments, workgroups and chats."""

from __future__ import annotations

from typing import Any

from tests.judging import FIRST_POST

ADMIN = 1
EMPLOYEES = tuple(range(501, 515))
EXTRANET_USERS = tuple(range(521, 526))
PEOPLE = (ADMIN, *EMPLOYEES, *EXTRANET_USERS)
DEPARTMENTS = (1, 2, 3, 4, 5)
CHATS_FROM = 300

GROUPS = (
    ("harbour", {"visible": True, "opened": True}),
    ("orchard", {"visible": True}),
    ("velvet", {"visible": False}),
    ("velvet", {"visible": False}),
    ("granite", {"visible": False}),
    ("lagoon", {"visible": True, "extranet": True}),
)
"""The first word of each workgroup's name, typed after `to:`; two are similar, so that the bot must ask."""


def company() -> dict[str, Any]:
    """Make the seed of such a portal, with empty chats."""
    users: list[dict[str, Any]] = [
        {"id": ADMIN, "first_name": "Olga", "last_name": "Sommer", "admin": True, "departments": [1]}
    ]
    for place, number in enumerate(EMPLOYEES):
        language = ("en", "de", "ru")[place % 3]
        department = DEPARTMENTS[1:][place % 4]
        name = {"first_name": f"Emil{number}", "last_name": "Worker", "language": language}
        users.append({"id": number, "departments": [department], **name})
    users += [{"id": number, "first_name": f"Extern{number}", "extranet": True} for number in EXTRANET_USERS]
    departments = [
        {"id": 1, "name": "Headquarters", "head": ADMIN},
        *({"id": number, "name": f"Branch{number}", "parent": 3 if number == 5 else 1} for number in DEPARTMENTS[1:]),
    ]
    post = {"id": FIRST_POST, "author": ADMIN, "title": "Welcome", "text": "Our feed is open.", "dest": ["UA"]}
    return {
        "name": "Nordlicht",
        "users": users,
        "departments": departments,
        "groups": [_group(place, name, **options) for place, (name, options) in enumerate(GROUPS)],
        "chats": [{"id": CHATS_FROM - 1, "title": "Everybody", "owner": ADMIN, "members": [ADMIN]}],
        "cards": [{"type": "deal", "id": 42, "title": "Coffee machines", "responsible": EMPLOYEES[0]}],
        "posts": [post],
    }


def _group(place: int, name: str, **options: Any) -> dict[str, Any]:
    owner = EMPLOYEES[place]
    members = [owner, *EMPLOYEES[place + 2 : place + 5]]
    if options.get("extranet") or place in (0, 4):
        members += EXTRANET_USERS[:2]
    return {"id": 30 + place, "name": f"{name} hg{place}x", "owner": owner, "members": members, **options}
