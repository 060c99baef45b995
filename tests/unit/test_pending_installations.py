"""The limit of unconfirmed installations that may wait."""

from __future__ import annotations

import asyncio

from bot.webhook.pending_installations import PendingInstallations


async def test_concurrent_installations_count_at_once() -> None:
    """Concurrent installations count each other before they are on disk, so that the limit holds."""

    async def nobody() -> int:
        await asyncio.sleep(0)
        return 0

    pending_installations, entered = PendingInstallations(3, nobody), []

    async def come() -> None:
        async with pending_installations.reserve() as room:
            await asyncio.sleep(0)
            entered.append(room)

    await asyncio.gather(*(come() for _ in range(10)))
    assert sum(entered) <= 3
    async with pending_installations.reserve() as room:
        assert room


async def test_waiting_installations_count() -> None:
    """At the limit on disk there is no place; below it there is one."""
    waiting = 3

    async def on_disk() -> int:
        return waiting

    pending_installations = PendingInstallations(3, on_disk)
    async with pending_installations.reserve() as room:
        assert not room
    waiting = 2
    async with pending_installations.reserve() as first, pending_installations.reserve() as second:
        assert first
        assert not second
