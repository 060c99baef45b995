"""Answer app.info as the authorization server does.

The answer says which portal a token belongs to, so an application can check where an event comes from. Portal and
authorization server share one address here; the host name of a request says which of the two is meant.
"""

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from portal.api import answers, authentication, dispatch, inputs
from portal.api.answers import Answer
from portal.api.server import Server
from portal.clock import iso
from portal.engine.core import Portal
from portal.errors import RestError

NAMES = "oauth.*"
"""Host names that mean the authorization server."""


def authorization_server(portal: Portal, server: Server) -> web.Application:
    """Build the web application that answers requests to the authorization server."""

    async def installation(request: web.Request) -> web.StreamResponse:
        """Answer /rest/app.info for the token of the request."""
        fields = await inputs.read(request)
        answer = describe(portal, authentication.take_token(request.headers.get("Authorization", ""), fields))
        dispatch.record(portal, "oauth.app.info", fields, answer)
        return web.Response(
            body=answers.encode(answer.body), status=answer.status, content_type="application/json", charset="utf-8"
        )

    app = web.Application(client_max_size=inputs.MAX_BODY)
    app.add_routes([web.route("*", "/rest/app.info{tail:(\\.json)?/?}", installation), *server.routes()])
    return app


def describe(portal: Portal, token: str) -> Answer:
    """Describe a token and the installation that it belongs to; an invalid token gives an error answer."""
    now = portal.clock.now()
    try:
        caller = authentication.caller_by_token(portal, token)
    except RestError as refusal:
        return answers.failure(refusal)
    grant, app = portal.token_issuer.read(token), caller.app
    if grant is None or app is None:
        return answers.failure(RestError("invalid_token", "Unable to get application by token", 401))
    scope = ",".join(caller.scopes)
    install: dict[str, Any] = {
        "installed": app.installed,
        "version": str(app.version),
        "status": "L",
        "scope": scope,
        "domain": urlsplit(portal.url).hostname,
        "uri": portal.url.rstrip("/"),
        "client_endpoint": portal.rest_url,
        "member_id": portal.world.member_id,
        "member_type": "bitrix24",
    }
    result = {
        "client_id": app.client_id,
        "scope": scope,
        "expires": iso(grant.expires),
        "install": install,
        "user_id": caller.user.id,
    }
    return answers.success(result, answers.time_block(now, 0.0))
