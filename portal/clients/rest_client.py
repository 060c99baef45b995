"""A minimal REST client for tests of the emulator itself."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from portal.wire import php

Reply = tuple[int, Any]


class RestClient:
    """Calls REST methods with a token, or through the address of a webhook."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str = "") -> None:
        self._session = session
        self._base = base
        self.token = token

    async def call(self, method: str, params: Mapping[str, Any] | None = None, **more: Any) -> Reply:
        """Send a call as JSON and return the HTTP status and the decoded body."""
        body = {**(params or {}), **more, **({"auth": self.token} if self.token else {})}
        async with self._session.post(f"{self._base}{method}", json=body) as answer:
            return answer.status, await answer.json()

    async def result(self, method: str, params: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Send a call and return its result; raise AssertionError when it fails."""
        status, body = await self.call(method, params, **more)
        if status != 200 or "error" in body:  # noqa: PLR2004 - the HTTP status
            raise AssertionError(f"{method} answered {status}: {body}")
        return body["result"]

    async def refusal(self, method: str, params: Mapping[str, Any] | None = None, **more: Any) -> tuple[int, str]:
        """Send a call and return the HTTP status and error code; raise AssertionError when it succeeds."""
        status, body = await self.call(method, params, **more)
        if "error" not in body:
            raise AssertionError(f"{method} was not refused: {body}")
        return status, body["error"]

    async def form(self, method: str, params: Mapping[str, Any]) -> Reply:
        """Send a call as a PHP form and return the HTTP status and the decoded body."""
        body = php.query({**params, **({"auth": self.token} if self.token else {})})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with self._session.post(f"{self._base}{method}", data=body, headers=headers) as answer:
            return answer.status, await answer.json()
