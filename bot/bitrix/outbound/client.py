"""Sends one POST request to a portal or an authorization server, and returns the answer.

No other file opens connections to them.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.bitrix import addresses
from bot.bitrix.outbound import answers
from bot.bitrix.outbound.public_resolver import PublicOnly
from bot.errors import (
    FILE_UNREADABLE,
    ApplicationRefused,
    AuthorizationDown,
    BadEvent,
    Broken,
    MethodBlocked,
    PortalDown,
    PortalError,
    Refused,
    TokenExpired,
    TokenRefused,
    TooFast,
)

USER_AGENT = "Feedbridge"
_MOVED = (301, 302, 307, 308)
_SEE_OTHER = 303
_MOST_MOVES = 3
_OK = 200
_NOT_FOUND = 404
_NO_FILE = (401, 403, 404, 410)
"""The statuses of an address that has no file for us."""
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
    """Open the HTTP session for requests to portals; `private`: addresses of the local network are allowed.

    The number of connections is not limited here, but by the sender for each portal. An idle connection is kept for
    `keepalive` seconds.
    """
    resolver = None if private else PublicOnly()
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=keepalive, resolver=resolver)
    headers = {"User-Agent": USER_AGENT}
    return aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a call, and the endpoint that sent it: a renamed portal answers at its new address."""

    tree: dict[str, Any]
    endpoint: str


class Client:
    """Sends REST calls and token refreshes over one pool of connections."""

    def __init__(self, session: aiohttp.ClientSession, *, timeout: float, reach: addresses.Reach) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(10.0, timeout))
        self._reach = reach

    async def call(self, endpoint: str, method: str, params: dict[str, Any], *, token: str) -> Answer:
        """Call a method at a portal's `endpoint`, with the token in the JSON body; follow a redirect to a new address.

        Raises:
            PortalError: the portal answered with an error.
            PortalDown: there was no usable answer; `outcome_unknown` says whether the call may have worked.
        """
        for _ in range(_MOST_MOVES):
            status, body, moved = await self._post(f"{endpoint}{method}", method, {**params, "auth": token})
            if status not in _MOVED:
                return Answer(tree=answers.tree(status, body, method=method), endpoint=endpoint)
            endpoint = self._new_address(endpoint, moved, method)
        raise PortalDown(f"{method}: sent from address to address", outcome_unknown=False)

    async def download(self, address: str, *, most: int) -> bytes | None:
        """Return the file at an address; None if it has more than `most` bytes.

        A portal may keep its files in a storage at another address, and redirect us there.

        Raises:
            Refused: the portal has no file at this address.
            PortalDown: there was no usable answer.
        """
        try:
            for _ in range(_MOST_MOVES):
                async with self._session.get(address, allow_redirects=False, timeout=self._timeout) as response:
                    if response.status not in (*_MOVED, _SEE_OTHER):
                        return await _file(response, most)
                    address = self._storage(address, response.headers.get("Location", ""))
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as exc:
            raise PortalDown(f"download: {type(exc).__name__}", outcome_unknown=False) from exc
        raise Refused(FILE_UNREADABLE, "sent from address to address", method="download")

    async def refresh(
        self, oauth_url: str, *, client_id: str, client_secret: str, refresh_token: str
    ) -> dict[str, Any]:
        """Return the authorization server's answer with a new token pair (reference: OAuth, refresh_token).

        The secret is in the body of the request, not in its URL.

        Raises:
            TokenRefused: this refresh token will never work again.
            ApplicationRefused: no refresh token works until the application's settings are corrected.
            AuthorizationDown: there was another answer, or none; the server has decided nothing.
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
        """Return the answer of an authorization server to app.info for a token.

        Empty if the server has no such method, or refuses it for another reason than the token.

        Raises:
            TokenExpired: the token has expired.
            TokenRefused: the token is unknown.
            PortalDown: the authorization server gave no usable answer.
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
        """Return the endpoint of a renamed portal: the host in `location`, with the path of the old endpoint.

        Raises:
            PortalDown: the address may not be called.
        """
        try:
            old, new = urlsplit(endpoint), urlsplit(location)
            return addresses.endpoint(f"{new.scheme}://{new.netloc}{old.path}", self._reach)
        except (BadEvent, ValueError) as exc:
            raise PortalDown(f"{method}: moved to an address we do not call: {exc}", outcome_unknown=False) from exc

    def _storage(self, address: str, location: str) -> str:
        """Return the address of a file to which a portal redirects us from another one.

        Raises:
            Refused: the address may not be called.
        """
        try:
            moved = urljoin(address, location)
            parts = urlsplit(moved)
            addresses.endpoint(f"{parts.scheme}://{parts.netloc}/", self._reach)
        except (BadEvent, ValueError) as exc:
            raise Refused(FILE_UNREADABLE, f"at an address we do not call: {exc}", method="download") from exc
        return moved


async def _file(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    """Read a file of at most `most` bytes; None if it has more."""
    if response.status in _NO_FILE:
        raise Refused(FILE_UNREADABLE, f"HTTP {response.status}", method="download", status=response.status)
    if response.status != _OK:
        raise PortalDown(f"download: HTTP {response.status}", outcome_unknown=False)
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > most:
            return None
    return bytes(content)


async def _limited(response: aiohttp.ClientResponse, method: str) -> bytes:
    """Read the body of an answer.

    Raises:
        PortalDown: it is longer than MOST_BYTES.
    """
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            raise PortalDown(f"{method}: an answer of more than {MOST_BYTES} bytes", outcome_unknown=True)
    return bytes(body)
