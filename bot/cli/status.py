"""`feedbridge status`: what waits, what failed, and which bot cannot speak; also while the service runs."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from bot import config
from bot.cli import health
from bot.cli.exit_codes import FAILED, OK
from bot.clock import Clock
from bot.model.records import PortalStatus, QueueStatus
from bot.store import open_to_read
from bot.store.portals import read_status

DESCRIPTION = """\
Say whether the service answers, and for each portal: what waits and since when, why the last attempt failed, the dead
letters, and whether the bot can speak.

Reads the database of this configuration; the service may be running. Ends with 0 if the service answers and every bot
can speak, else with 1.
"""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))


def main(path: Path | None, *, as_json: bool) -> int:
    """Print the state, and return the exit code: OK if the service answers and every bot can speak, else FAILED.

    Raises:
        ConfigError: a setting is wrong, or the database cannot be read.
    """
    settings = config.load(path, os.environ)
    portals, reason = asyncio.run(_read(settings)), health.failure(settings.server)
    if as_json:
        print(json.dumps({"service": reason or "answers", "portals": [asdict(one) for one in portals]}, indent=2))
    else:
        print("\n".join(_lines(settings, reason, portals, Clock().wall())))
    return FAILED if reason or any(one.mute_since is not None for one in portals) else OK


async def _read(settings: config.Config) -> list[PortalStatus]:
    async with open_to_read(settings.store.path) as database:
        return await read_status(database)


def _lines(settings: config.Config, reason: str, portals: Sequence[PortalStatus], now: float) -> Iterator[str]:
    yield f"Service:  {reason or f'answers at {health.address(settings.server)}'}"
    yield f"Database: {settings.store.url}"
    yield f"Portals:  {len(portals) or 'none is installed yet'}"
    for one in portals:
        yield ""
        yield f"{one.domain or one.id} (bot API {one.api}, bot {one.bot or 'not registered yet'})"
        yield f"  speaks with:   {_speaker(one, now)}"
        yield f"  subscriptions: {one.follows}"
        yield f"  events:        {_queue(one.events, now)}"
        yield f"  requests:      {_queue(one.effects, now)}"


def _speaker(one: PortalStatus, now: float) -> str:
    if one.mute_since is not None:
        return (
            f"NOBODY'S TOKEN for {_span(now - one.mute_since)} ({one.mute_reason}): the next message to the bot, or a"
            " new installation, mends that"
        )
    return "the installer's token" if one.speaker is None else f"the token of user {one.speaker}, not the installer's"


def _queue(queue: QueueStatus, now: float) -> str:
    said = [f"{queue.waiting} waiting"]
    if queue.oldest is not None:
        said.append(f"the oldest for {_span(now - queue.oldest)}")
    if queue.dead:
        said.append(f"dead letters: {queue.dead}")
    return ", ".join(said) + (f"; last error: {queue.error}" if queue.error else "")


def _span(seconds: float) -> str:
    """Write a time span in its largest unit, such as `3 min`."""
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
