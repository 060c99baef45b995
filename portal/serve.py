"""One portal on one loopback port: both sides and the page, in one aiohttp application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

import portal.methods
from portal.control import Control
from portal.core import Portal
from portal.rest.inputs import MAX_BODY
from portal.rest.server import Server

HOST = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
FAMILIES = portal.methods.FAMILIES
"""Named here so that every method is known before the first call."""


def application(house: Portal) -> web.Application:
    """Join the Bitrix24 side, the control side and the page."""
    app = web.Application(client_max_size=MAX_BODY)
    app.on_shutdown.append(_ending(house))
    app.add_routes([*Server(house).routes(), *Control(house).routes()])
    if (STATIC / "index.html").is_file():
        app.router.add_static("/static/", STATIC)
        app.router.add_get("/", _page)
    return app


def _ending(house: Portal) -> Callable[[web.Application], Awaitable[None]]:
    """Let open streams end at once when the server does."""

    async def end(_app: web.Application) -> None:
        house.hub.end()

    return end


async def _page(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


@asynccontextmanager
async def listening(house: Portal, *, port: int = 0) -> AsyncIterator[Portal]:
    """Serve a portal until the block ends; `house.url` tells where."""
    app = await asyncio.to_thread(application, house)  # it looks at the page's files
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    try:
        await site.start()
        house.url = f"http://{HOST}:{runner.addresses[0][1]}/"
        await house.courier.start()
        yield house
    finally:
        await house.courier.stop()
        await runner.cleanup()
