"""Where a name leads is looked at when it is connected to: a public name may stand for a place near us, or come to."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.bitrix import addresses

AT_ONCE = 32
"""Names looked up at once: a portal whose name servers are slow holds one place of these, and nothing else."""


class PublicOnly(AbstractResolver):
    """Leaves out the addresses that `addresses.endpoint` would refuse."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a name; raises OSError where it has none: such a portal cannot be reached."""
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        public = [
            ResolveResult(hostname=host, host=str(at[0]), port=int(at[1]), family=kind, proto=proto, flags=numeric)
            for kind, _, proto, _, at in found
            if addresses.is_public(str(at[0]))
        ]
        if not public:
            raise OSError(f"{host} is on this machine or network{addresses.UNLESS}")
        return public

    async def close(self) -> None:
        """Wait for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)
