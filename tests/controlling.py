"""Calls the control API of an emulator as its page does: over HTTP, in JSON."""

from __future__ import annotations

from typing import Any

import aiohttp

from portal.testing import Setup


async def look(setup: Setup, path: str, **query: Any) -> Any:
    """Read something from the control API."""
    async with aiohttp.ClientSession() as http, http.get(f"{setup.p.control}{path}", params=query) as answer:
        return await answer.json()


async def do(setup: Setup, path: str, **body: Any) -> Any:
    """Do something with the control API."""
    async with aiohttp.ClientSession() as http, http.post(f"{setup.p.control}{path}", json=body) as answer:
        return await answer.json()
