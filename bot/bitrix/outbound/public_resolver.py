"""Resolves the names of hosts to public addresses only, when a connection is opened.

A name that was checked when its event came may resolve to an internal address later.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.bitrix import addresses

AT_ONCE = 32
"""The most names that are resolved at once, so that slow name servers do not block everything."""


class PublicOnly(AbstractResolver):
    """A resolver that leaves out addresses that are not public (`addresses.is_public`)."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of a host.

        Raises:
            OSError: the host has no public address, or is unknown.
        """
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        public = [
            ResolveResult(hostname=host, host=str(at[0]), port=int(at[1]), family=kind, proto=proto, flags=numeric)
            for kind, _, proto, _, at in found
            if addresses.is_public(str(at[0]))
        ]
        if not public:
            raise OSError(f"{host} is on this machine or network{addresses.PRIVATE_HINT}")
        return public

    async def close(self) -> None:
        """Shut down without waiting for pending lookups."""
        self._threads.shutdown(wait=False, cancel_futures=True)
