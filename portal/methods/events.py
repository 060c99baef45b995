"""event.*: applications bind addresses to events (reference: D2, behaviour 9.7)."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from portal import php
from portal.core import Portal
from portal.errors import RestError
from portal.rest.call import Call, Params
from portal.rest.registry import method
from portal.state.apps import Handler

EVENTS = {
    "ONAPPINSTALL": "",
    "ONAPPUPDATE": "",
    "ONAPPUNINSTALL": "",
    "ONLIVEFEEDPOSTADD": "log",
    "ONLIVEFEEDPOSTUPDATE": "log",
    "ONLIVEFEEDPOSTDELETE": "log",
    "ONCRMTIMELINECOMMENTADD": "crm",
    "ONCRMTIMELINECOMMENTUPDATE": "crm",
    "ONCRMTIMELINECOMMENTDELETE": "crm",
}
"""Events that can be bound, and the scope each needs; bot events are bound by registering the bot."""
ADMIN_ONLY = "Event binding with AUTH_TYPE requires administrator access rights"


def checked_url(portal: Portal, url: str) -> str:
    """Return a handler's address if the portal accepts it; raises RestError."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL") from None
    if parts.scheme not in ("http", "https"):
        wrong = bool(parts.scheme and host)
        code = "ERROR_UNSUPPORTED_PROTOCOL" if wrong else "ERROR_WRONG_HANDLER_URL"
        raise RestError(code, "Unsupported event handler protocol" if wrong else "Wrong handler URL")
    if not _has_dot(host) and not (host == "localhost" and portal.switches.localhost_handlers):
        raise RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
    return url


def _has_dot(host: str) -> bool:
    """Tell whether a host is a domain name with a dot, or an address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host.strip(".")
    return True


def _event(call: Call, name: str) -> str:
    event = name.upper()
    if event not in EVENTS or (EVENTS[event] and EVENTS[event] not in call.scopes):
        raise RestError("ERROR_EVENT_NOT_FOUND", "Event not found")
    return event


@method("event.bind", app_only=True)
def bind(call: Call, params: Params) -> Any:
    """Bind an address to an event; a person who is no administrator binds for themselves only."""
    app = call.of_app()
    for name in ("event", "handler"):
        if not params.text(name):
            raise RestError("ERROR_ARGUMENT", f"Argument '{name.upper()}' is null or empty")
    event, user = _event(call, params.text("event")), params.number("auth_type")
    if php.text_of(params.get("event_type")).lower() == "offline":
        raise RestError("ACCESS_DENIED", "Offline events are not part of this portal", 403)
    url = checked_url(call.portal, params.text("handler"))
    if not call.user.admin:
        if user and user != call.user.id:
            raise RestError("ACCESS_DENIED", ADMIN_ONLY, 403)
        user = call.user.id
    apps = call.world.apps
    if any((row.client_id, row.url, row.user) == (app.client_id, url, user) for row in apps.listening(event)):
        raise RestError("ERROR_CORE", "Unable to set event handler: Handler already binded")
    handler = Handler(id=call.world.next_id("handler"), client_id=app.client_id, event=event, url=url, user=user)
    apps.handlers[handler.id] = handler
    return True


@method("event.unbind", app_only=True)
def unbind(call: Call, params: Params) -> Any:
    """Remove handlers; without an address all of the event, without anything all of one's own."""
    event, url = params.text("event").upper(), params.text("handler")
    user = params.number("auth_type")
    if not call.user.admin:
        if user and user != call.user.id:
            raise RestError("ACCESS_DENIED", ADMIN_ONLY.replace("binding", "unbinding"), 403)
        user = call.user.id
    gone = [
        row.id for row in _own(call) if _matches(row, event, url) and (not params.has("auth_type") or row.user == user)
    ]
    for number in gone:
        del call.world.apps.handlers[number]
    return {"count": len(gone)}


def _matches(row: Handler, event: str, url: str) -> bool:
    return (not event or row.event == event) and (not url or row.url == url)


def _own(call: Call) -> list[Handler]:
    """Return the handlers the caller may see: an administrator all of the application, others their own."""
    app = call.of_app()
    rows = [row for row in call.world.apps.handlers.values() if row.client_id == app.client_id and row.event in EVENTS]
    return rows if call.user.admin else [row for row in rows if row.user == call.user.id]


@method("event.get", app_only=True)
def get(call: Call, _params: Params) -> Any:
    """List the handlers that were bound."""
    return [{"event": row.event, "handler": row.url, "auth_type": str(row.user), "offline": 0} for row in _own(call)]


@method("events", app_only=True)
def names(call: Call, params: Params) -> Any:
    """List the events the application may bind."""
    wanted = params.text("scope")
    allowed = {"", *call.scopes}
    return [name for name, scope in EVENTS.items() if scope in allowed and (not wanted or scope == wanted)]
