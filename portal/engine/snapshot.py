"""A portal's state in a file: what survives a restart when `--state FILE` asks for it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from portal.engine.core import Portal
from portal.engine.switches import Switches
from portal.engine.tokens import Mint
from portal.errors import ControlError
from portal.world.memory import World

FORMAT = 1
"""Grows when an older file cannot be read any more."""
EVERY = 1.0
"""Seconds between two savings while things happen; the last one is at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is in the file, as MessagePack: no code, only values."""

    format: int
    world: World
    key: bytes
    issued: int
    offset: float
    switches: Switches


def save(portal: Portal, path: Path) -> None:
    """Write the whole state, or leave the file as it was; readable by its owner only (it holds secrets)."""
    kept = Kept(
        format=FORMAT,
        world=portal.world,
        key=portal.mint.key,
        issued=portal.mint.issued,
        offset=portal.clock.offset,
        switches=portal.switches,
    )
    _write(path, msgspec.msgpack.encode(kept))


def load(portal: Portal, path: Path) -> bool:
    """Take the state of a file; False where there is none yet, ControlError where it is none of ours."""
    try:
        kept = msgspec.msgpack.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return False
    except (OSError, msgspec.DecodeError) as wrong:
        raise ControlError(f"The state {path} cannot be read: {wrong}. Move it away to begin anew.") from wrong
    if kept.format != FORMAT:
        raise ControlError(f"The state {path} was kept by another version. Move it away to begin anew.")
    portal.world, portal.switches = kept.world, kept.switches
    portal.mint = Mint(kept.key, issued=kept.issued)
    portal.clock.advance(kept.offset - portal.clock.offset)
    return True


@contextlib.asynccontextmanager
async def kept(portal: Portal, path: Path | None) -> AsyncIterator[None]:
    """Keep the state in the file as things happen, at most once a second, and at the end; without a path nothing."""
    if path is None:
        yield
        return
    # One thread writes: a save that is still running when the portal ends must not overtake the last one.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshot") as writer:
        keeper = asyncio.create_task(_keep(portal, path, writer))
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.get_running_loop().run_in_executor(writer, save, portal, path)


async def _keep(portal: Portal, path: Path, writer: ThreadPoolExecutor) -> None:
    with portal.hub.watching() as changes:
        while True:
            await changes.get()
            while not changes.empty():
                changes.get_nowait()
            await asyncio.get_running_loop().run_in_executor(writer, save, portal, path)
            await asyncio.sleep(EVERY)


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    fresh.replace(path)
