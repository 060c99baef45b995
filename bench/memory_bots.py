"""Bots that keep everything in memory, for bench_line.py to compare with; each is run as a process of its own.

`memory_bots.py aiohttp PORTAL TOKEN ANSWER` parses the form, compares the token and answers by one REST call.
`memory_bots.py aiogram ANSWER` is a Telegram bot of aiogram whose handler answers in the webhook's own response.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp
from aiohttp import web


async def serve_aiohttp(portal: str, token: str, answer: dict[str, Any]) -> None:
    """Serve an aiohttp bot that answers by one REST call."""
    async with aiohttp.ClientSession() as session:

        async def events(request: web.Request) -> web.Response:
            form = await request.post()
            if form["auth[application_token]"] != token:
                return web.Response(status=403)
            params = answer | {"DIALOG_ID": form["data[PARAMS][DIALOG_ID]"], "auth": "token"}
            async with session.post(f"{portal}rest/imbot.message.add", json=params) as response:
                await response.json()
            return web.Response()

        await listen(web.post("/events", events))


async def serve_aiogram(answer: dict[str, Any]) -> None:
    """Serve an aiogram bot that answers in the webhook's response."""
    import aiogram  # type: ignore[import-not-found]  # noqa: PLC0415 - only this bench needs it, and only where it is installed
    from aiogram.methods import SendMessage  # type: ignore[import-not-found]  # noqa: PLC0415
    from aiogram.webhook import aiohttp_server  # type: ignore[import-not-found]  # noqa: PLC0415

    dispatcher = aiogram.Dispatcher()

    @dispatcher.message()  # type: ignore[untyped-decorator]
    async def show(message: aiogram.types.Message) -> SendMessage:
        return message.answer(answer["MESSAGE"])

    bot = aiogram.Bot("42:" + "x" * 35)
    handler = aiohttp_server.SimpleRequestHandler(dispatcher, bot, handle_in_background=False)
    await listen(web.post("/events", handler.handle))


async def listen(route: web.RouteDef) -> None:
    """Serve until the process is ended; print the address when ready."""
    application = web.Application()
    application.router.add_routes([route])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ready: http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    kind, *arguments = sys.argv[1:]
    answer = json.loads(arguments.pop())
    if kind == "aiohttp":
        asyncio.run(serve_aiohttp(arguments[0], arguments[1], answer))
    else:
        asyncio.run(serve_aiogram(answer))
