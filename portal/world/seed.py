"""Build the data of a portal from company.toml or another seed."""

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from portal.errors import ControlError
from portal.world.crm import TYPES, Card
from portal.world.feed import Post
from portal.world.memory import World, member_id_of
from portal.world.messenger import Chat
from portal.world.people import Department, Group, User

Seed = Mapping[str, Any]
HOUR = 3600.0

DEFAULT: Seed = tomllib.loads(resources.files("portal").joinpath("company.toml").read_text("utf-8"))
"""The default seed: the company in company.toml."""


TABLES: Mapping[str, type] = {
    "users": User, "departments": Department, "groups": Group, "chats": Chat, "posts": Post, "cards": Card,
}  # fmt: skip
"""The tables of a seed, each with the class of its rows."""
VALUES = ("name", "member_id", "language")
"""Keys at the top of a seed that are not tables."""
EXTRA = {"posts": ("age",)}
"""By table: keys of rows that are not fields of the class; the `age` of a post is in hours."""


def _check(seed: Seed) -> None:
    """Raise ControlError when a seed contains an unknown table or an unknown key in a row."""
    if unknown := sorted(set(seed) - {*TABLES, *VALUES}):
        raise ControlError(
            f"The seed has unknown tables: {', '.join(unknown)}. Known are {', '.join((*TABLES, *VALUES))}."
        )
    for table, kind in TABLES.items():
        known = [field.name for field in dataclasses.fields(kind)] + list(EXTRA.get(table, ()))
        for row in seed.get(table, []):
            if unknown := sorted(set(row) - set(known)):
                raise ControlError(
                    f"The seed has unknown keys in {table}: {', '.join(unknown)}. Known are {', '.join(known)}."
                )


def world_from(seed: Seed | None, *, now: float) -> World:
    """Build the data of a portal from a seed, by default DEFAULT; raise ControlError for an invalid seed.

    `now` is in Unix seconds; dates of the data are counted back from it.
    """
    given = DEFAULT if seed is None else seed
    stable = json.dumps(given, sort_keys=True, default=str)
    world = World(
        name=str(given.get("name", "Portal")),
        member_id=str(given.get("member_id") or member_id_of(stable)),
        language=str(given.get("language", "en")),
    )
    try:
        _check(given)
        _people(world, given, now)
        _chats(world, given, now)
        _feed(world, given, now)
        for row in given.get("cards", []):
            made = now - 800 * HOUR
            card = Card(**{"created": made, "changed": made, **row, "private_to": tuple(row.get("private_to", ()))})
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


def _chats(world: World, seed: Seed, now: float) -> None:
    for row in seed.get("chats", []):
        chat = Chat(**{"kind": "C", "created": now - 500 * HOUR, **row, "members": tuple(row["members"])})
        world.messenger.put(chat)
        world.taken("chat", chat.id)


def _feed(world: World, seed: Seed, now: float) -> None:
    for given in seed.get("posts", []):
        row = dict(given)
        date = now - float(row.pop("age", 1)) * HOUR
        lists = {"dest": tuple(row.get("dest", ["UA"])), "tags": tuple(row.get("tags", ()))}
        post = Post(**{"log": world.next_id("log"), "date": date, "touched": date, **row, **lists})
        world.feed.posts[post.id] = post
        world.taken("post", post.id)
