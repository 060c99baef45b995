"""The `auth` blocks of events: whose token, which endpoints, which application_token (reference: D1, behaviour 5.3)."""

import hashlib
from typing import Any

from portal.engine.core import Actor, Portal
from portal.engine.tokens import HOPS, LIVES
from portal.world.apps import App

Auth = dict[str, Any]
STATUS = "L"
"""Every application here is a local one."""


def of_nobody(portal: Portal, application_token: str) -> Auth:
    """Name the portal only: no user is known, or access is gone already."""
    return {
        "domain": portal.domain,
        "client_endpoint": portal.rest_url,
        "server_endpoint": portal.rest_url,
        "member_id": portal.world.member_id,
        "application_token": application_token,
    }


def of_user(portal: Portal, app: App, actor: Actor, *, refresh: bool) -> Auth:
    """Give fresh tokens that act as a user; none when a chain of events has become too long."""
    if not actor.user or actor.hops >= HOPS:
        return of_nobody(portal, app.application_token)
    deeper = Actor(user=actor.user, hops=actor.hops + 1)
    access, expires = portal.token(app, deeper, "access")
    auth: Auth = {
        "access_token": access,
        "expires": str(expires),
        "expires_in": str(LIVES["access"]),
        "scope": ",".join(app.scopes),
        "domain": portal.domain,
        "server_endpoint": portal.rest_url,
        "status": STATUS,
        "client_endpoint": portal.rest_url,
        "member_id": portal.world.member_id,
        "user_id": str(actor.user),
    }
    if refresh:
        auth["refresh_token"] = portal.token(app, deeper, "refresh")[0]
    auth["application_token"] = app.application_token
    return auth


def of_app(portal: Portal, app: App, actor: Actor, *, refresh: bool) -> Auth:
    """Give fresh tokens as events of applications carry them: without the user's id and the time of expiry."""
    auth = of_user(portal, app, actor, refresh=refresh)
    if portal.switches.user_in_events:
        return auth
    return {name: value for name, value in auth.items() if name not in ("user_id", "expires")}


def of_bot(portal: Portal, app: App, actor: Actor) -> Auth:
    """Give the tokens of a bot's own user, twice, as v1 events carry them: flat and again under AUTH."""
    auth = of_user(portal, app, actor, refresh=True)
    if "access_token" not in auth:
        return {}
    auth["client_id"] = app.client_id
    return {**auth, "AUTH": auth}


def synthetic_token(portal: Portal, owner: str) -> str:
    """Return the application_token of bots that belong to a webhook (reference: Appendix 1.7)."""
    return hashlib.sha256(f"{portal.world.member_id}:{owner}".encode()).hexdigest()[:32]


def envelope(portal: Portal, event: str, *, data: Any, auth: Auth, handler: int | None = None) -> dict[str, Any]:
    """Join what every event has: code, handler, data, unix time and auth."""
    head: dict[str, Any] = {"event": event}
    if handler is not None:
        head["event_handler_id"] = str(handler)
    return {**head, "data": data, "ts": str(int(portal.clock.now())), "auth": auth}
