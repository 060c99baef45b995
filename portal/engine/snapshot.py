"""Save the state of a portal in a file and load it (`--state FILE`)."""

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
from portal.engine.tokens import TokenIssuer
from portal.errors import ControlError
from portal.world.memory import World

FORMAT = 2
"""Version of the file format; it changes when older files can no longer be read."""
SAVE_INTERVAL = 1.0
"""Seconds between two saves while changes happen; the last save is at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedState:
    """The content of the state file. It is encoded as MessagePack, which holds values but no code."""

    format: int
    world: World
    key: bytes
    issued: int
    offset: float
    switches: Switches


def save(portal: Portal, path: Path) -> None:
    """Write the state of a portal to a file atomically, readable by the owner of the file only.

    The file contains secrets.
    """
    saved = SavedState(
        format=FORMAT,
        world=portal.world,
        key=portal.token_issuer.key,
        issued=portal.token_issuer.issued,
        offset=portal.clock.offset,
        switches=portal.switches,
    )
    _write(path, msgspec.msgpack.encode(saved))


def load(portal: Portal, path: Path) -> bool:
    """Load the state of a portal from a file; return False when there is no file.

    Raise ControlError when the file cannot be read or was saved by another version.
    """
    try:
        saved = msgspec.msgpack.decode(path.read_bytes(), type=SavedState)
    except FileNotFoundError:
        return False
    except (OSError, msgspec.DecodeError) as wrong:
        raise ControlError(f"The state {path} cannot be read: {wrong}. Move it away to start again.") from wrong
    if saved.format != FORMAT:
        raise ControlError(f"The state {path} was saved by another version. Move it away to start again.")
    portal.world, portal.switches = saved.world, saved.switches
    portal.token_issuer = TokenIssuer(saved.key, issued=saved.issued)
    # Tokens expire by the portal's clock, so the clock keeps its offset.
    portal.clock.advance(saved.offset - portal.clock.offset)
    return True


@contextlib.asynccontextmanager
async def saving(portal: Portal, path: Path | None) -> AsyncIterator[None]:
    """Save the state of a portal after changes, at most once a second, and when the block ends.

    Without a path, nothing is saved.
    """
    if path is None:
        yield
        return
    # One thread writes: a save that is still running when the portal ends must not overtake the last one.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshot") as writer:
        save_task = asyncio.create_task(_save_after_changes(portal, path, writer))
        try:
            yield
        finally:
            save_task.cancel()
            await asyncio.get_running_loop().run_in_executor(writer, save, portal, path)


async def _save_after_changes(portal: Portal, path: Path, writer: ThreadPoolExecutor) -> None:
    with portal.hub.watching() as changes:
        while True:
            await changes.get()
            while not changes.empty():
                changes.get_nowait()
            await asyncio.get_running_loop().run_in_executor(writer, save, portal, path)
            await asyncio.sleep(SAVE_INTERVAL)


def _write(path: Path, data: bytes) -> None:
    """Replace the file atomically, so that a crash leaves the old content."""
    fresh = path.with_name(f".{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    fresh.replace(path)
