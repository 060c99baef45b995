"""Names of portals are resolved in parallel to everything else."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

from bot.bitrix.outbound.public_resolver import AT_ONCE, PublicOnly

PUBLIC = "93.184.216.34"


async def test_slow_name_servers_delay_no_other_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """While many names are unresolved, another one is resolved, and threads are free for other work."""
    answered = threading.Event()

    def ask(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host.startswith("slow"):
            assert answered.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))]

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    names = PublicOnly()
    slow = [asyncio.create_task(names.resolve(f"slow-{number}.example", 443)) for number in range(AT_ONCE - 1)]
    try:
        async with asyncio.timeout(20):
            [found] = await names.resolve("fast.example", 443)
            assert (found["host"], found["port"], found["hostname"]) == (PUBLIC, 443, "fast.example")
            assert await asyncio.to_thread(str, 1) == "1"
            assert not any(one.done() for one in slow)
    finally:
        answered.set()
    assert all(await asyncio.gather(*slow))
    await names.close()
