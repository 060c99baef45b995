"""The company a portal starts with: six people, four departments, two groups, two chats, a little CRM, three posts."""

import json
from collections.abc import Mapping
from typing import Any

from portal.errors import ControlError
from portal.state.crm import TYPES, Card
from portal.state.feed import Post
from portal.state.people import Department, Group, User
from portal.state.talk import Chat
from portal.state.world import World, member_id_of

Seed = Mapping[str, Any]
HOUR = 3600.0

DEFAULT: Seed = {
    "name": "Nordlicht",
    "users": [
        {
            "id": 1,
            "first_name": "Olga",
            "last_name": "Sommer",
            "position": "Director",
            "gender": "F",
            "admin": True,
            "departments": [1],
            "email": "olga@nordlicht.example",
            "time_zone": "Europe/Berlin",
        },
        {
            "id": 2,
            "first_name": "Anna",
            "last_name": "Petrova",
            "position": "Head of Marketing",
            "gender": "F",
            "departments": [2],
            "language": "ru",
            "email": "anna.petrova@nordlicht.example",
            "time_zone": "Europe/Riga",
        },
        {
            "id": 3,
            "first_name": "Boris",
            "last_name": "Klein",
            "position": "Sales manager",
            "gender": "M",
            "departments": [3],
            "language": "de",
            "email": "boris@nordlicht.example",
            "time_zone": "Europe/Berlin",
        },
        {
            "id": 4,
            "first_name": "Clara",
            "last_name": "Wirth",
            "position": "People partner",
            "gender": "F",
            "departments": [4],
            "email": "clara@nordlicht.example",
        },
        {
            "id": 5,
            "first_name": "Anna",
            "last_name": "Schmidt",
            "position": "Sales manager",
            "gender": "F",
            "departments": [3],
            "email": "anna.schmidt@nordlicht.example",
        },
        {
            "id": 6,
            "first_name": "Gustav",
            "last_name": "Ahlberg",
            "position": "Agency partner",
            "gender": "M",
            "extranet": True,
            "email": "gustav@agency.example",
        },
    ],
    "departments": [
        {"id": 1, "name": "Company", "head": 1},
        {"id": 2, "name": "Marketing", "parent": 1, "head": 2},
        {"id": 3, "name": "Sales", "parent": 1, "head": 3},
        {"id": 4, "name": "HR team", "parent": 1, "head": 4},
    ],
    "groups": [
        {"id": 7, "name": "Product launch", "owner": 2, "members": [2, 3, 6], "project": True},
        {"id": 8, "name": "Office Berlin", "owner": 4, "members": [1, 4, 5]},
    ],
    "chats": [
        {"id": 10, "title": "General talk", "owner": 1, "members": [1, 2, 3, 4, 5]},
        {"id": 11, "title": "Launch crew", "owner": 2, "members": [2, 3, 6]},
    ],
    "cards": [
        {"type": "deal", "id": 42, "title": "Coffee machines for Nordwind", "responsible": 3},
        {"type": "deal", "id": 43, "title": "Maintenance contract", "responsible": 5},
        {"type": "lead", "id": 12, "title": "Call from the trade fair", "responsible": 5},
        {"type": "contact", "id": 5, "title": "Henrik Dahl", "responsible": 3},
        {"type": "company", "id": 3, "title": "Nordwind Ltd", "responsible": 3},
    ],
    "posts": [
        {"id": 217, "author": 1, "title": "Welcome", "text": "Our [b]feed[/b] is open.", "dest": ["UA"], "age": 72},
        {"id": 218, "author": 2, "title": "Launch plan", "text": "Dates are set.", "dest": ["SG7"], "age": 24},
        {
            "id": 219,
            "author": 4,
            "title": "Summer hours",
            "text": "See the list below.",
            "dest": ["DR3", "U2"],
            "age": 5,
        },
    ],
}
"""Ids are unlike between kinds, so that a swapped id shows. Two people are called Anna; number 6 is a guest."""


def world_from(seed: Seed | None, *, now: float) -> World:
    """Build a portal's memory; raises ControlError when the seed does not make a company."""
    given = DEFAULT if seed is None else seed
    stable = json.dumps(given, sort_keys=True, default=str)
    world = World(name=str(given.get("name", "Portal")), member_id=str(given.get("member_id") or member_id_of(stable)))
    try:
        _people(world, given, now)
        _talk(world, given, now)
        _feed(world, given, now)
        for row in given.get("cards", []):
            card = Card(**{**row, "private_to": tuple(row.get("private_to", ()))})
            if card.type not in TYPES:
                raise ControlError(f"The seed has a CRM card of an unknown type: {card.type}.")
            world.crm.cards[card.type, card.id] = card
    except (TypeError, KeyError, AttributeError) as wrong:
        raise ControlError(f"The seed cannot be read: {wrong}.") from wrong
    return world


def _people(world: World, seed: Seed, now: float) -> None:
    for row in seed.get("users", []):
        user = User(**{**row, "departments": tuple(row.get("departments", ()))})
        world.people.users[user.id] = user
        world.taken("user", user.id)
    for row in seed.get("departments", []):
        department = Department(**row)
        world.people.departments[department.id] = department
    for row in seed.get("groups", []):
        group = Group(**{"created": now - 1000 * HOUR, **row, "members": tuple(row.get("members", ()))})
        world.people.groups[group.id] = group


def _talk(world: World, seed: Seed, now: float) -> None:
    for row in seed.get("chats", []):
        chat = Chat(**{"kind": "C", "created": now - 500 * HOUR, **row, "members": tuple(row["members"])})
        world.talk.put(chat)
        world.taken("chat", chat.id)


def _feed(world: World, seed: Seed, now: float) -> None:
    for given in seed.get("posts", []):
        row = dict(given)
        date = now - float(row.pop("age", 1)) * HOUR
        lists = {"dest": tuple(row.get("dest", ["UA"])), "tags": tuple(row.get("tags", ()))}
        post = Post(**{"log": world.next_id("log"), "date": date, "touched": date, **row, **lists})
        world.feed.posts[post.id] = post
        world.taken("post", post.id)
