"""Strangers who say that they are portals: what we are made to call, and how often."""

from __future__ import annotations

import asyncio

import pytest

from bot import app
from bot.bitrix.client import Client
from bot.errors import PortalDown


@pytest.mark.parametrize("insecure", [False, True], ids=["secure", "insecure"])
async def test_a_name_that_leads_to_this_machine_is_not_called(*, insecure: bool) -> None:
    """Any name can be made to mean an address near us, after it was checked too; so its addresses are checked."""
    knocks = []

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.append(1)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, app._session(insecure=insecure) as session:
        client = Client(session, timeout=20, insecure=insecure)
        with pytest.raises(PortalDown) as caught:
            await client.call(f"https://localhost:{port}/rest/", "app.info", {}, token="t")
    assert bool(knocks) is insecure
    assert ("insecure_portals" in str(caught.value)) is not insecure
