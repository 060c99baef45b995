"""Overlapping reads on one connection."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.model import effects, events
from bot.model.effects import Content
from bot.model.events import Dialog, PortalId, PostId
from bot.model.queued import IncomingEvent
from bot.store import Encryption, Store, open_database
from tests.outgoing import KEY
from tests.storing import known


async def test_a_read_sees_all_earlier_commits(tmp_path: Path) -> None:
    """Overlapping reads keep no old snapshot: the next read sees every earlier commit."""
    async with open_database(tmp_path / "feedbridge.db") as database:
        committer = asyncio.create_task(database.serve())
        store = Store(database, Encryption(KEY))

        async def read_on() -> None:
            while not done.is_set():
                await store.ready_effects(PortalId("0"), now=9e9, many=400)
                await store.portal(PortalId("0"))
                await store.oldest_effect()

        done = asyncio.Event()
        readers = [asyncio.create_task(read_on()) for _ in range(5)]
        for number in range(60):
            portal = PortalId(str(number))
            event = events.PostDeleted(portal=portal, post=PostId(number))
            await store.receive([IncomingEvent(event=event, key="x", ordering_key="y")], 1.0)
            [row] = [row for row in await store.waiting_events(after=0, many=100) if row.portal == portal]
            await store.commit_event(row, [known()], [effects.Say(dialog=Dialog("1"), content=Content(text="x"))], 2.0)
            assert portal in await store.portals_with_work()
        done.set()
        await asyncio.gather(*readers)
        committer.cancel()


async def test_a_closed_database_refuses(tmp_path: Path) -> None:
    """A read or write after the end gets an error and does not wait forever."""
    async with open_database(tmp_path / "feedbridge.db") as database:
        store = Store(database, Encryption(KEY))
    with pytest.raises(StoreError):
        await store.oldest_event()
    committer = asyncio.create_task(database.serve())
    with pytest.raises(StoreError):
        await store.portal_moved(PortalId("0"), "")
    committer.cancel()
