"""Serve one portal on one loopback port: REST API, control API and web page."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

import portal.api.methods  # noqa: F401 - every method is known before the first call
from portal.api import app_info
from portal.api.files.download import Downloads
from portal.api.files.upload import Uploads
from portal.api.inputs import MAX_BODY
from portal.api.server import Server
from portal.control.server import Control
from portal.engine.core import Portal
from portal.network.https_proxy import Tunnel

HOST = "127.0.0.1"
STATIC = Path(__file__).parent / "page"


def application(portal: Portal) -> web.Application:
    """Build the web application: REST API, control API and web page."""
    app = web.Application(client_max_size=MAX_BODY)
    # Open event streams would delay the shutdown until its timeout.
    app.on_shutdown.append(_end_streams(portal))
    server = Server(portal)
    app.add_domain(app_info.NAMES, app_info.authorization_server(portal, server))
    handlers = (Downloads(portal), Uploads(portal), server, Control(portal))
    app.add_routes([route for handler in handlers for route in handler.routes()])
    if (STATIC / "index.html").is_file():
        app.router.add_static("/static/", STATIC)
        app.router.add_get("/", _serve_page)
    return app


def _end_streams(portal: Portal) -> Callable[[web.Application], Awaitable[None]]:
    """Return a shutdown hook that ends all event streams, so that the shutdown does not wait for them."""

    async def end(_app: web.Application) -> None:
        portal.hub.end()

    return end


async def _serve_page(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


@asynccontextmanager
async def authorizing(portal: Portal, *, port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve the authorization server on a port of its own, and yield the URL of its /oauth/token/.

    On this port every host name reaches it; on the portal's port only `oauth.*` does.
    """
    runner = web.AppRunner(app_info.authorization_server(portal, Server(portal)), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port, ssl_context=tls).start()
        yield f"{'http' if tls is None else 'https'}://{HOST}:{runner.addresses[0][1]}/oauth/token/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def listening(
    portal: Portal, *, port: int = 0, tls: ssl.SSLContext | None = None, proxy_port: int = 0
) -> AsyncIterator[Portal]:
    """Serve a portal on a loopback port (0 selects a free one) until the block ends.

    Set `portal.url` to its address, and with TLS `portal.proxy` to the address of the HTTPS proxy.
    """
    app = await asyncio.to_thread(application, portal)  # it reads the file system, which blocks
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port, ssl_context=tls)
    tunnel: Tunnel | None = None
    try:
        await site.start()
        bound = runner.addresses[0][1]
        portal.url = f"{'http' if tls is None else 'https'}://{HOST}:{bound}/"
        if tls is not None:
            tunnel = Tunnel(bound)
            portal.proxy = await tunnel.start(proxy_port)
        await portal.event_sender.start()
        yield portal
    finally:
        await portal.event_sender.stop()
        if tunnel is not None:
            await tunnel.stop()
        await runner.cleanup()
