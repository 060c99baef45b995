"""Calls the control API of a pretend portal as its page does: over HTTP, in JSON."""

from __future__ import annotations

from typing import Any

import aiohttp

from portal.testing import Stage


async def look(stage: Stage, path: str, **query: Any) -> Any:
    """Read something from the control API."""
    async with aiohttp.ClientSession() as http, http.get(f"{stage.p.control}{path}", params=query) as answer:
        return await answer.json()


async def do(stage: Stage, path: str, **body: Any) -> Any:
    """Do something with the control API."""
    async with aiohttp.ClientSession() as http, http.post(f"{stage.p.control}{path}", json=body) as answer:
        return await answer.json()
