"""Listens for HTTP requests, and stops without losing events that are being received."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from bot.errors import ConfigError
from bot.webhook.server import WebhookServer, http_log

GRACE = 5.0
"""Seconds that open requests get to finish at shutdown."""
KEEPALIVE = 150.0
"""Seconds a connection may stay open without a complete request head; longer than proxies keep theirs."""
READ_BUFFER = 16_384
"""Bytes of a body that are buffered before it is read; one connection then holds about 300 KB at most."""


@contextlib.asynccontextmanager
async def listening(webhook: WebhookServer, *, host: str, port: int) -> AsyncIterator[str]:
    """Serve the webhook while this context is open, and yield its URL; at the end wait for open requests.

    Raises:
        ConfigError: the host and port cannot be used.
    """
    runner = web.AppRunner(
        webhook.application(), access_log=None, handle_signals=False, shutdown_timeout=GRACE,
        keepalive_timeout=KEEPALIVE, read_bufsize=READ_BUFFER, logger=http_log,
    )  # fmt: skip
    await runner.setup()
    try:
        await _listen(runner, host, port)
        bound_host, bound_port = runner.addresses[0][:2]
        yield f"http://{bound_host}:{bound_port}"
    finally:
        for site in list(runner.sites):
            await site.stop()
        with contextlib.suppress(TimeoutError):  # aiohttp's own cleanup does not read the rest of a half-sent body
            await asyncio.wait_for(webhook.idle(), GRACE)
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as exc:
        why = exc.strerror or str(exc)
        raise ConfigError(f"server.host, server.port: cannot listen on {host}, port {port}: {why}") from exc
