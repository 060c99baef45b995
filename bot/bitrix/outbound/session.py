"""The HTTP session for requests to portals."""

from __future__ import annotations

import aiohttp

from bot.bitrix.outbound.client import USER_AGENT
from bot.bitrix.outbound.public_resolver import PublicOnly

KEEPALIVE = 4.0
"""Seconds that an idle connection is kept for reuse; shorter than the keep-alive of usual servers (Apache: 5 s).

A request on a connection that the server is closing has an unknown outcome, and looking for its result takes a minute.
"""


def open_session(*, insecure: bool, keepalive: float = KEEPALIVE) -> aiohttp.ClientSession:
    """Open the session; it limits no connections, because each portal has its own limit elsewhere."""
    resolver = None if insecure else PublicOnly()
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=keepalive, resolver=resolver)
    headers = {"User-Agent": USER_AGENT}
    return aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar())
