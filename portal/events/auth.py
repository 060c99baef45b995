"""Build the `auth` blocks of events: tokens, endpoints, application_token (reference: D1, behaviour 5.3)."""

import hashlib
from typing import Any

from portal.engine.core import Actor, Portal
from portal.engine.tokens import LIFETIMES, MAX_HOPS
from portal.world.apps import App

Auth = dict[str, Any]
STATUS = "L"
"""Status of an application; all are local here."""


def auth_without_tokens(portal: Portal, application_token: str) -> Auth:
    """Return an auth block without tokens, for events that no known user has caused."""
    return {
        "domain": portal.domain,
        "client_endpoint": portal.rest_url,
        "server_endpoint": portal.rest_url,
        "member_id": portal.world.member_id,
        "application_token": application_token,
    }


def user_auth(portal: Portal, app: App, actor: Actor, *, refresh: bool) -> Auth:
    """Return an auth block with new tokens of the acting user in an application.

    The tokens are left out when the chain of events is too long, and when automation acts: then the user is 0. With
    `refresh`, there is also a refresh token.
    """
    if not actor.user:
        return {**auth_without_tokens(portal, app.application_token), "user_id": "0"}
    # Bitrix24 stops loops of applications that react to their own events.
    if actor.hops >= MAX_HOPS:
        return auth_without_tokens(portal, app.application_token)
    deeper = Actor(user=actor.user, hops=actor.hops + 1)
    access, expires = portal.token(app, deeper, "access")
    auth: Auth = {
        "access_token": access,
        "expires": str(expires),
        "expires_in": str(LIFETIMES["access"]),
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


def bot_event_auth(portal: Portal, app: App, actor: Actor, *, refresh: bool) -> Auth:
    """Return an auth block with tokens of the acting user, in the form of events of bots.

    The switches `tokens_in_events` and `refresh_in_events` leave the tokens or the refresh token out.
    """
    if portal.switches.tokens_in_events:
        return user_auth(portal, app, actor, refresh=refresh and portal.switches.refresh_in_events)
    return {**auth_without_tokens(portal, app.application_token), "user_id": str(actor.user)}


def app_auth(portal: Portal, app: App, actor: Actor, *, refresh: bool) -> Auth:
    """Return an auth block with tokens of the acting user, in the form of events that applications bind.

    It has neither the user's id nor the expiry, unless the switch `user_in_events` adds them.
    """
    auth = user_auth(portal, app, actor, refresh=refresh)
    if portal.switches.user_in_events:
        return auth
    return {name: value for name, value in auth.items() if name not in ("user_id", "expires")}


def bot_auth(portal: Portal, app: App, actor: Actor) -> Auth:
    """Return the tokens of the bot's user, which `actor` names, as v1 events contain them.

    They appear twice: flat, and again under AUTH. The result is empty when the chain of events is too long.
    """
    auth = user_auth(portal, app, actor, refresh=True)
    if "access_token" not in auth:
        return {}
    auth["client_id"] = app.client_id
    return {**auth, "AUTH": auth}


def webhook_token(portal: Portal, owner: str) -> str:
    """Return the application_token for bots of a webhook (reference: Appendix 1.7)."""
    return hashlib.sha256(f"{portal.world.member_id}:{owner}".encode()).hexdigest()[:32]


def event_envelope(portal: Portal, event: str, *, data: Any, auth: Auth, handler: int | None = None) -> dict[str, Any]:
    """Build the outer object of an event: name, handler, data, Unix time and auth."""
    head: dict[str, Any] = {"event": event}
    if handler is not None:
        head["event_handler_id"] = str(handler)
    return {**head, "data": data, "ts": str(int(portal.clock.now())), "auth": auth}
