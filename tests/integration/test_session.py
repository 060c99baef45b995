"""The HTTP connections to portals."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.bitrix.outbound import client
from tests.serving import serving


@pytest.mark.parametrize(("rests", "connections"), [pytest.param(60.0, 1, id="fresh"), pytest.param(0.0, 3, id="old")])
async def test_an_idle_connection_is_not_reused(rests: float, connections: int) -> None:
    """The server may be closing it, and then the outcome of a request is unknown."""
    seen: set[object] = set()

    async def answer(request: web.Request) -> web.Response:
        seen.add(request.transport)
        return web.Response()

    async with (
        serving(web.get("/rest/{method}", answer)) as endpoint,
        client.open_session(private=True, keepalive=rests) as session,
    ):
        for _ in range(3):
            async with session.get(f"{endpoint}app.info") as response:
                await response.read()
    assert len(seen) == connections


def test_our_keepalive_is_shorter_than_that_of_servers() -> None:
    """Apache closes idle connections after five seconds by default, nginx after 75."""
    assert client.KEEPALIVE < 5
