"""A scripted portal: it answers each command as the test says, and may refuse whole requests."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from portal.wire import php
from tests.serving import serving

Params = dict[str, Any]
Answer = Callable[[str, Params], Any]
"""Returns the result of a method, or its error as {"error": ...}; an exception spoils the whole request."""


class Spoilt(Exception):
    """Another answer for the whole request; without one, its connection is cut."""

    def __init__(self, response: web.Response | None = None) -> None:
        super().__init__()
        self.response = response


@dataclass(slots=True, kw_only=True)
class Scripted:
    """The address, and the commands of each request: one, or those of a batch."""

    endpoint: str = ""
    requests: list[list[tuple[str, Params]]] = field(default_factory=list)

    def words(self) -> list[list[str]]:
        """Return the texts of each request."""
        return [[said(params) for _, params in request] for request in self.requests]


def said(params: Params) -> str:
    """Return the text of a message, a post or a comment."""
    fields = params.get("fields", {})
    return str(params.get("POST_MESSAGE") or fields.get("message") or fields.get("COMMENT") or "")


def refusal(code: str, text: str = "", status: int = 400, **more: Any) -> web.Response:
    """Refuse a whole request."""
    return web.json_response({"error": code, "error_description": text, **more}, status=status)


@contextlib.asynccontextmanager
async def scripted(answer: Answer) -> AsyncIterator[Scripted]:
    """Answer by script on a free loopback port."""
    script = Scripted()

    async def rest(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        commands = list(_commands(request.match_info["method"], body))
        script.requests.append([(method, params) for _, method, params in commands])
        try:
            return web.json_response(_answers(request.match_info["method"], body, commands, answer))
        except Spoilt as spoilt:
            if spoilt.response is None and request.transport is not None:
                request.transport.abort()
            return spoilt.response or web.Response()

    async with serving(web.post("/rest/{method}", rest)) as script.endpoint:
        yield script


Command = tuple[str, str, Params]


def _commands(method: str, body: Params) -> list[Command]:
    if method != "batch":
        return [("", method, body)]
    cut = [(key, *command.partition("?")[::2]) for key, command in body["cmd"].items()]
    return [(key, name, php.form_of(query)) for key, name, query in cut]


def _answers(method: str, body: Params, commands: list[Command], answer: Answer) -> Params:
    """Return one answer, or those of a batch, which may stop at the first failure."""
    if method != "batch":
        found = answer(method, body)
        return found if isinstance(found, dict) and "error" in found else {"result": found}
    results: Params = {}
    errors: Params = {}
    for key, name, params in commands:
        found = answer(name, params)
        failed = isinstance(found, dict) and "error" in found
        (errors if failed else results)[key] = found
        if failed and body["halt"]:
            break
    return {"result": {"result": results or [], "result_error": errors or []}}
