"""The OAuth server: tokens by code and by refresh_token, and the authorize page (reference: B, behaviour 10)."""

import hmac
from typing import Any
from urllib.parse import urlencode

from portal.api.answers import Answer
from portal.api.call import Params
from portal.engine.core import Actor, Portal
from portal.engine.tokens import LIFETIMES, Grant, Kind
from portal.world.apps import App

PATHS: dict[str, tuple[Kind, str]] = {
    "refresh_token": ("refresh", "refresh_token"),
    "authorization_code": ("code", "code"),
}
"""For each grant_type, the kind of token it takes and the parameter that holds it."""


def token(portal: Portal, fields: dict[str, Any]) -> Answer:
    """Answer a request to /oauth/token/: exchange a code or a refresh token for a new pair of tokens."""
    params = Params(fields)
    kind_and_name = PATHS.get(params.text("grant_type"))
    if kind_and_name is None:
        return _make_error("invalid_request", 'No "grant_type" parameter found')
    kind, name = kind_and_name
    for needed in ("client_id", "client_secret", name):
        if not params.text(needed):
            return _make_error("invalid_request", f'No "{needed}" parameter found')
    app = portal.world.apps.apps.get(params.text("client_id"))
    if app is None:
        return Answer(status=200, body={"error": "wrong_client"})
    if not hmac.compare_digest(app.client_secret.encode(), params.text("client_secret").encode("utf-8", "replace")):
        return _make_error("invalid_client", status=int(portal.switches.invalid_client_status))
    if not app.installed:
        return _make_error("invalid_client", status=int(portal.switches.invalid_client_status))
    return _exchange(portal, app, kind, params.text(name))


def _exchange(portal: Portal, app: App, kind: Kind, given: str) -> Answer:
    grant = portal.token_issuer.read(given)
    used_tokens = portal.world.apps.used_tokens
    if grant is None or not _is_valid(portal, app, grant, kind) or given in used_tokens:
        return _make_error("invalid_grant")
    if kind == "code" or portal.switches.old_refresh == "dies":
        used_tokens.add(given)
    return Answer(status=200, body=tokens(portal, app, Actor(user=grant.user)))


def _is_valid(portal: Portal, app: App, grant: Grant, kind: Kind) -> bool:
    matches = (grant.kind, grant.app, grant.generation) == (kind, app.id, app.generation)
    return matches and grant.expires > portal.clock.now() and portal.world.user(grant.user) is not None


def tokens(portal: Portal, app: App, actor: Actor) -> dict[str, Any]:
    """Return a new pair of tokens of a user, as the OAuth server answers.

    `domain` is the address of the portal here.
    """
    access, expires = portal.token(app, actor, "access")
    return {
        "access_token": access,
        "client_endpoint": portal.rest_url,
        "domain": portal.domain,
        "expires": expires,
        "expires_in": LIFETIMES["access"],
        "member_id": portal.world.member_id,
        "refresh_token": portal.token(app, actor, "refresh")[0],
        "scope": ",".join(app.scopes),
        "server_endpoint": portal.rest_url,
        "status": "L",
        "user_id": actor.user,
    }


def redirect(portal: Portal, fields: dict[str, Any]) -> str | None:
    """Return the address of the application to which the authorize page redirects the browser, with a code.

    The parameter `as` is the id of the user who agrees. The result is None when the application is unknown, not
    installed, or has no address, or when there is no such person.
    """
    params = Params(fields)
    app = portal.world.apps.apps.get(params.text("client_id"))
    user = portal.world.user(params.number("as", 1))
    if app is None or user is None or user.bot or not (app.installed and app.handler):
        return None
    code, _ = portal.token(app, Actor(user=user.id), "code")
    answer = {
        "code": code,
        "state": params.text("state"),
        "domain": portal.domain,
        "member_id": portal.world.member_id,
        "scope": ",".join(app.scopes),
        "server_domain": portal.domain,
    }
    return f"{app.handler}{'&' if '?' in app.handler else '?'}{urlencode(answer)}"


def _make_error(code: str, text: str = "", *, status: int = 400) -> Answer:
    body = {"error": code} | ({"error_description": text} if text else {})
    return Answer(status=status, body=body)
