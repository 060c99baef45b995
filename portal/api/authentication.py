"""Who calls: a token, or an incoming webhook's secret; checked in the portal's order (reference: behaviour 9.4)."""

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
"""Scopes that open a method too, though they show less."""
SERVICE = ("auth", "access_token", "auth_connector", "state", "token")
"""Parameters that a method never sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who may call methods of these scopes."""

    user: User
    scopes: tuple[str, ...]
    app: App | None = None
    webhook: Webhook | None = None
    hops: int = 0
    connector: str = ""

    @property
    def key(self) -> str:
        """What limits are counted for: the application, or the webhook."""
        return self.app.client_id if self.app else self.webhook.secret if self.webhook else ""


def bearer(header: str, fields: dict[str, Any]) -> str:
    """Take the token out of a request: header first, then `auth`, then `access_token`; service fields are removed."""
    given = [fields.pop(name, None) for name in SERVICE]
    if header.lower().startswith("bearer "):
        return header[7:].strip()
    return next((value for value in given[:2] if isinstance(value, str) and value), "")


def by_token(portal: Portal, token: str) -> Caller:
    """Return who a token stands for; raises RestError 401."""
    if not token:
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    grant = portal.mint.read(token)
    if grant is None or grant.kind != "access":
        raise RestError("invalid_token", "Unable to get application by token", 401)
    _plan(portal)
    app = _app(portal, grant)
    if grant.expires <= portal.clock.now():
        raise RestError("expired_token", "The access token provided has expired.", 401)
    user = portal.world.user(grant.user)
    if user is None:
        raise RestError("authorization_error", "Unable to authorize user", 401)
    return Caller(user=user, scopes=app.scopes, app=app, hops=grant.hops)


def _plan(portal: Portal) -> None:
    """Refuse every call of a portal whose plan has no REST."""
    if portal.switches.rest_plan == "free":
        raise RestError("ACCESS_DENIED", "REST API is available only on commercial plans", 403)


def _app(portal: Portal, grant: Grant) -> App:
    apps = portal.world.apps
    app = apps.apps.get(apps.by_number.get(grant.app, ""))
    if app is None or not app.installed or app.generation != grant.generation:
        raise RestError("APPLICATION_NOT_FOUND", "Application not found", 401)
    return app


def by_webhook(portal: Portal, user: str, secret: str) -> Caller:
    """Return who an incoming webhook acts as; raises RestError 401."""
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
    _plan(portal)
    owner = portal.world.user(webhook.user)
    if owner is None:
        raise RestError("authorization_error", "Unable to authorize user", 401)
    return Caller(user=owner, scopes=webhook.scopes, webhook=webhook)


def permit(portal: Portal, caller: Caller, method: Method) -> None:
    """Check a method's scope and kind of authorization; raises RestError."""
    scopes = NARROWER.get(method.scope) or {scope_of(portal, method.scope)}
    if method.scope and scopes.isdisjoint(caller.scopes):
        kind = "access" if caller.app else "webhook"
        text = f"The request requires higher privileges than provided by the {kind} token"
        raise RestError("insufficient_scope", text, int(portal.switches.scope_status))
    if method.app_only and caller.app is None:
        text = "Current authorization type is denied for this method Application context required"
        raise RestError("WRONG_AUTH_TYPE", text, 403)
