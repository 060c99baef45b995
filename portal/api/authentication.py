"""Find the caller of a method by a token or by a webhook's secret.

The checks run in the order of Bitrix24 (reference: behaviour 9.4).
"""

import hmac
from dataclasses import dataclass
from typing import Any

from portal.api.registry import Method
from portal.engine.core import Portal
from portal.engine.tokens import Grant
from portal.errors import RestError
from portal.events.catalog import scope_of
from portal.world.apps import App, Webhook
from portal.world.people import User

NARROWER = {"user": {"user", "user_basic", "user_brief"}}
"""Narrower scopes that also allow a method, though they show fewer fields."""
SERVICE = ("auth", "access_token", "auth_connector", "state", "token")
"""Parameters of authorization, which are removed before a method runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a call, and the scopes that they have."""

    user: User
    scopes: tuple[str, ...]
    app: App | None = None
    webhook: Webhook | None = None
    hops: int = 0
    connector: str = ""

    @property
    def key(self) -> str:
        """Return the key under which run time is counted: the client id, or the secret of the webhook."""
        return self.app.client_id if self.app else self.webhook.secret if self.webhook else ""


def take_token(header: str, fields: dict[str, Any]) -> str:
    """Return the token of a request, or an empty text; remove the parameters of authorization from `fields`.

    The Authorization header comes first, then `auth`, then `access_token`.
    """
    given = [fields.pop(name, None) for name in SERVICE]
    if header.lower().startswith("bearer "):
        return header[7:].strip()
    return next((value for value in given[:2] if isinstance(value, str) and value), "")


def caller_by_token(portal: Portal, token: str) -> Caller:
    """Return the user and application that an access token belongs to.

    Raise RestError for a missing, invalid or expired token, and when the plan of the portal has no REST API.
    """
    if not token:
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    grant = portal.token_issuer.read(token)
    if grant is None or grant.kind != "access":
        raise RestError("invalid_token", "Unable to get application by token", 401)
    # The plan is checked before the expiry, as observed (reference: behaviour 9.4).
    _check_plan(portal)
    app = _get_app(portal, grant)
    if grant.expires <= portal.clock.now():
        raise RestError("expired_token", "The access token provided has expired.", 401)
    user = portal.world.user(grant.user)
    if user is None:
        raise RestError("authorization_error", "Unable to authorize user", 401)
    return Caller(user=user, scopes=app.scopes, app=app, hops=grant.hops)


def _check_plan(portal: Portal) -> None:
    """Raise 403 ACCESS_DENIED when the plan of the portal has no REST API."""
    if portal.switches.rest_plan == "free":
        raise RestError("ACCESS_DENIED", "REST API is available only on commercial plans", 403)


def _get_app(portal: Portal, grant: Grant) -> App:
    apps = portal.world.apps
    app = apps.apps.get(apps.by_number.get(grant.app, ""))
    if app is None or not app.installed or app.generation != grant.generation:
        raise RestError("APPLICATION_NOT_FOUND", "Application not found", 401)
    return app


def caller_by_webhook(portal: Portal, user: str, secret: str) -> Caller:
    """Return the user that an incoming webhook acts for; raise RestError when user and secret do not match."""
    if portal.switches.https_webhooks and not portal.url.startswith("https:"):
        raise RestError("INVALID_REQUEST", "Https required")
    webhook = next(
        (
            row
            for row in portal.world.apps.webhooks.values()
            if hmac.compare_digest(row.secret.encode(), secret.encode("utf-8", "replace"))
        ),
        None,
    )
    if webhook is None or str(webhook.user) != user:
        status = int(portal.switches.credentials_status)
        raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", status)
    _check_plan(portal)
    owner = portal.world.user(webhook.user)
    if owner is None:
        raise RestError("authorization_error", "Unable to authorize user", 401)
    return Caller(user=owner, scopes=webhook.scopes, webhook=webhook)


def check_rights(portal: Portal, caller: Caller, method: Method) -> None:
    """Raise RestError when the caller lacks the scope of a method, or is a webhook that the method refuses."""
    scopes = NARROWER.get(method.scope) or {scope_of(portal, method.scope)}
    if method.scope and scopes.isdisjoint(caller.scopes):
        kind = "access" if caller.app else "webhook"
        text = f"The request requires higher privileges than provided by the {kind} token"
        raise RestError("insufficient_scope", text, int(portal.switches.scope_status))
    if method.app_only and caller.app is None:
        text = "Current authorization type is denied for this method Application context required"
        raise RestError("WRONG_AUTH_TYPE", text, 403)
