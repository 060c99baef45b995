"""Reads the state of every portal for an operator, beside a service that may be running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.events import BotId, PortalId, UserId
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits of one portal: `waiting` rows, the oldest since `oldest` (unix seconds), and `dead` letters.

    `error` is why the last attempt at the newest failed row did not work; "" if no row waits after a failed attempt.
    """

    waiting: int = 0
    oldest: float | None = None
    dead: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalStatus:
    """The state of one installed portal.

    `speaker` is the user whose token the bot speaks with; None if it is the installer's. Since `mute_since` (unix
    seconds) the bot cannot speak, for `mute_reason`; None: it can. `bot` is None until the bot is registered.
    """

    id: PortalId
    domain: str
    api: str
    bot: BotId | None
    speaker: UserId | None
    mute_since: float | None
    mute_reason: str
    follows: int
    events: Queue
    effects: Queue


async def read_status(database: Database) -> list[PortalStatus]:
    """Read the state of all installed portals, by domain."""
    events = await _queues(database, "event")
    effects = await _queues(database, "effect")
    return [
        PortalStatus(
            id=PortalId(row["id"]),
            domain=row["domain"],
            api=row["api"],
            bot=row["bot"],
            speaker=row["speaker"],
            mute_since=row["mute_since"],
            mute_reason=row["mute_reason"],
            follows=row["follows"],
            events=events.get(row["id"], Queue()),
            effects=effects.get(row["id"], Queue()),
        )
        for row in await database.read("status_portals")
    ]


async def _queues(database: Database, kind: str) -> Mapping[str, Queue]:
    waiting = {row["portal"]: row for row in await database.read(f"status_{kind}s")}
    dead = {row["portal"]: int(row["dead"]) for row in await database.read(f"status_dead_{kind}s")}
    errors = {row["portal"]: str(row["error"]) for row in await database.read(f"status_{kind}_errors")}
    return {
        portal: Queue(
            waiting=waiting[portal]["waiting"] if portal in waiting else 0,
            oldest=waiting[portal]["oldest"] if portal in waiting else None,
            dead=dead.get(portal, 0),
            error=errors.get(portal, ""),
        )
        for portal in {*waiting, *dead}
    }
