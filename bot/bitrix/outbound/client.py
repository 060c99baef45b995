"""Sends one POST to a portal and returns its answer.

The only file that opens connections.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.bitrix import addresses
from bot.bitrix.outbound import answers
from bot.bitrix.outbound.public_resolver import PublicOnly
from bot.errors import (
    ApplicationRefused,
    AuthorizationDown,
    BadEvent,
    Broken,
    MethodBlocked,
    PortalDown,
    PortalError,
    TokenExpired,
    TokenRefused,
    TooFast,
)

USER_AGENT = "Feedbridge"
_MOVED = (301, 302, 307, 308)
_MOST_MOVES = 3
_NOT_FOUND = 404
_REFUSALS: dict[str, type[TokenRefused]] = {
    "invalid_grant": TokenRefused,
    **dict.fromkeys(
        (
            "wrong_client", "invalid_client", "invalid_request", "NOT_INSTALLED", "PAYMENT_REQUIRED", "invalid_scope",
            "insufficient_scope",
        ),
        ApplicationRefused,
    ),
}  # fmt: skip
"""The decisions of the authorization server (reference: OAuth, errors); any other error decides nothing."""
KEEPALIVE = 4.0
"""Seconds that an idle connection is kept for reuse; shorter than the keep-alive of usual servers (Apache: 5 s).

A request on a connection that the server is closing has an unknown outcome, and looking for its result takes a minute.
"""
MOST_BYTES = 16 * 2**20
"""The largest answer in bytes, unpacked; fifty of the longest posts are smaller."""


def open_session(*, private: bool, keepalive: float = KEEPALIVE) -> aiohttp.ClientSession:
    """Open the session for requests to portals; connections are limited elsewhere, for each portal."""
    resolver = None if private else PublicOnly()
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=keepalive, resolver=resolver)
    headers = {"User-Agent": USER_AGENT}
    return aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, and the endpoint that sent it.

    A renamed portal answers at its new address.
    """

    tree: dict[str, Any]
    endpoint: str


class Client:
    """Sends REST calls and token refreshes over one connection pool."""

    def __init__(self, session: aiohttp.ClientSession, *, timeout: float, reach: addresses.Reach) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(10.0, timeout))
        self._reach = reach

    async def call(self, endpoint: str, method: str, params: dict[str, Any], *, token: str) -> Answer:
        """POST one method to `client_endpoint` with the token in the JSON body.

        Raises:
            PortalError: the portal's own error.
            PortalDown: no usable answer; `outcome_unknown` says whether the call may have worked.
        """
        for _ in range(_MOST_MOVES):
            status, body, moved = await self._post(f"{endpoint}{method}", method, {**params, "auth": token})
            if status not in _MOVED:
                return Answer(tree=answers.tree(status, body, method=method), endpoint=endpoint)
            endpoint = self._new_address(endpoint, moved, method)
        raise PortalDown(f"{method}: sent from address to address", outcome_unknown=False)

    async def refresh(
        self, oauth_url: str, *, client_id: str, client_secret: str, refresh_token: str
    ) -> dict[str, Any]:
        """Return a new token pair (reference: OAuth, refresh_token).

        The secret is in the body, not in the URL.

        Raises:
            TokenRefused: this refresh token will never work again.
            ApplicationRefused: no refresh token works until the application's settings are corrected.
            AuthorizationDown: any other answer, or none; nothing was decided.
        """
        form = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": client_secret,
            "refresh_token": refresh_token,
        }
        try:
            status, body, _ = await self._send(oauth_url, "oauth/token", data=form)
            answer = answers.tree(status, body, method="oauth/token")
        except PortalDown as exc:
            raise AuthorizationDown(str(exc)) from exc
        except PortalError as exc:
            if (refused := _REFUSALS.get(exc.code)) is None:
                raise AuthorizationDown(str(exc)) from exc
            raise refused(exc.code, exc.text, method="oauth/token", status=exc.status) from exc
        if not isinstance(answer.get("access_token"), str):
            raise AuthorizationDown(f"HTTP {status} and an answer without a token")
        return answer

    async def described(self, url: str, *, token: str) -> dict[str, Any]:
        """Return an authorization server's app.info for a token; empty if it has no such method.

        Raises:
            TokenExpired: the token has expired.
            TokenRefused: the token is unknown.
            PortalDown: the authorization server did not answer.
        """
        status, body, _ = await self._post(url, "app.info", {"auth": token})
        if status == _NOT_FOUND:
            return {}
        try:
            found = answers.read(status, body, method="app.info")
        except (TokenExpired, TokenRefused):
            raise
        except (Broken, TooFast, MethodBlocked) as exc:
            raise PortalDown(f"the authorization server did not answer: {exc}", outcome_unknown=False) from exc
        except PortalError:
            return {}
        return found if isinstance(found, dict) else {}

    async def _post(self, url: str, method: str, params: dict[str, Any]) -> tuple[int, bytes, str]:
        body = json.dumps(params, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._send(url, method, data=body, headers={"Content-Type": "application/json"})

    async def _send(self, url: str, method: str, **kwargs: Any) -> tuple[int, bytes, str]:
        try:
            async with self._session.post(url, allow_redirects=False, timeout=self._timeout, **kwargs) as response:
                body = await _limited(response, method)
                return response.status, body, response.headers.get("Location", "")
        except aiohttp.ClientConnectorError as exc:
            host, why = urlsplit(url).hostname, exc.os_error
            raise PortalDown(f"{method}: {host} cannot be reached: {why}", outcome_unknown=False) from exc
        except TimeoutError as exc:
            connected = not isinstance(exc, aiohttp.ConnectionTimeoutError)
            raise PortalDown(f"{method}: no answer in time", outcome_unknown=connected) from exc
        except (aiohttp.ClientError, ConnectionError, asyncio.IncompleteReadError) as exc:
            raise PortalDown(f"{method}: the connection broke ({type(exc).__name__})", outcome_unknown=True) from exc

    def _new_address(self, endpoint: str, location: str, method: str) -> str:
        """Return the endpoint on the host to which a renamed portal redirects, with our path."""
        try:
            old, new = urlsplit(endpoint), urlsplit(location)
            return addresses.endpoint(f"{new.scheme}://{new.netloc}{old.path}", self._reach)
        except (BadEvent, ValueError) as exc:
            raise PortalDown(f"{method}: moved to an address we do not call: {exc}", outcome_unknown=False) from exc


async def _limited(response: aiohttp.ClientResponse, method: str) -> bytes:
    """Read the body, up to the size limit."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            raise PortalDown(f"{method}: an answer of more than {MOST_BYTES} bytes", outcome_unknown=True)
    return bytes(body)
