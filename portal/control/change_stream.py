"""Stream all changes to the web page as server-sent events."""

import asyncio
import json

from aiohttp import web

from portal.engine.changes import END, Hub

KEEPALIVE_SECONDS = 15.0
"""Seconds without a change after which a comment is sent, so that proxies keep the connection open."""


async def stream(hub: Hub, request: web.Request) -> web.StreamResponse:
    """Write all changes of the portal to one client until it disconnects."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    response.content_type = "text/event-stream"
    await response.prepare(request)
    await response.write(b": hello\n\n")
    with hub.watching() as changes:
        while True:
            try:
                change = await asyncio.wait_for(changes.get(), KEEPALIVE_SECONDS)
            except TimeoutError:
                line = ": keepalive\n\n"
            else:
                if change is END:
                    return response
                line = f"data: {json.dumps(change)}\n\n"
            try:
                await response.write(line.encode())
            except ConnectionError:
                return response
