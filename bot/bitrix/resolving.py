"""Where a name leads is looked at when it is connected to: a public name may stand for a place near us, or come to."""

from __future__ import annotations

import socket

from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.bitrix import verify


class PublicOnly(ThreadedResolver):
    """Leaves out the addresses that `verify.endpoint` would refuse."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a name; raises OSError where it has none: such a portal cannot be reached."""
        found = await super().resolve(host, port, family)
        public = [one for one in found if verify.is_public(one["host"])]
        if not public:
            raise OSError(f"{host} is on this machine or network{verify.UNLESS}")
        return public
