"""event.*: applications bind handler addresses to events (reference: D2, behaviour 9.7)."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from portal.api.call import Call, Params
from portal.api.registry import method
from portal.engine.core import Portal
from portal.errors import RestError
from portal.events import catalog, feed
from portal.world.apps import Handler

ADMIN = "administrator access rights"
OWN_ONLY = f"Access denied! Event binding with AUTH_TYPE requires {ADMIN}"
OFFLINE = f"Access denied! Offline events binding requires {ADMIN}"


def check_url(portal: Portal, url: str) -> str:
    """Return the address unchanged if the portal accepts it as a handler; raise RestError for any other."""
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
    """Tell whether a host is a domain name with a dot or an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host.strip(".")
    return True


def _read_event(call: Call, name: str) -> str:
    event = name.upper()
    scope = catalog.scope_of(call.portal, catalog.EVENTS.get(event, ""))
    if event not in catalog.EVENTS or (scope and scope not in call.scopes):
        raise RestError("ERROR_EVENT_NOT_FOUND", "Event not found")
    return event


def _is_offline(params: Params) -> bool:
    return params.text("event_type").lower() == "offline"


@method("event.bind", app_only=True)
def bind(call: Call, params: Params) -> Any:
    """Bind a handler address to an event, or with event_type=offline queue the event.

    A handler that was bound by a user who is no administrator always gets tokens of this user.
    """
    app, offline = call.of_app(), _is_offline(params)
    for name in ("event",) if offline else ("event", "handler"):
        if not params.text(name):
            raise RestError("ERROR_ARGUMENT", f"Argument '{name.upper()}' is null or empty", argument=name.upper())
    event, user = _read_event(call, params.text("event")), _read_user(call, params, offline=offline)
    if not call.user.admin:
        user = call.user.id
    new = Handler(
        id=call.world.next_id("handler"),
        client_id=app.client_id,
        event=event,
        url="" if offline else check_url(call.portal, params.text("handler")),
        user=0 if offline else user,
        offline=offline,
        connector=read_connector(call, params) if offline else "",
        pause=max(0, params.inner("options").number("minTimeout", 1)),
    )
    if any(_is_same_binding(row, new) for row in call.world.apps.listening(event)):
        code = "ERROR_CORE" if call.portal.switches.double_bind == "ERROR_CORE" else ""
        raise RestError(code, "Unable to set event handler: Handler already binded")
    call.world.apps.handlers[new.id] = new
    return True


def read_connector(call: Call, params: Params) -> str:
    """Return the name of the queue of offline events that a call uses; the main queue has an empty name.

    Without the feature of the plan, there is only the main queue.
    """
    return (params.text("auth_connector") or call.connector) if call.portal.switches.offline_features else ""


def _is_same_binding(one: Handler, other: Handler) -> bool:
    values = ("client_id", "url", "user", "offline", "connector")
    return all(getattr(one, name) == getattr(other, name) for name in values)


def _read_user(call: Call, params: Params, *, offline: bool, word: str = "binding") -> int:
    """Return AUTH_TYPE, the id of the user whose tokens the events contain; 0 means the user who causes the event.

    Raise 403 ACCESS_DENIED where only an administrator may set it. `word` stands in the text of the error.
    """
    user = params.number("auth_type")
    if not call.user.admin and offline:
        raise RestError("ACCESS_DENIED", OFFLINE.replace("binding", word), 403)
    if not call.user.admin and user and user != call.user.id:
        raise RestError("ACCESS_DENIED", OWN_ONLY.replace("binding", word), 403)
    return user


@method("event.unbind", app_only=True)
def unbind(call: Call, params: Params) -> Any:
    """Remove handlers of an event and return their number as `count`.

    Without an address, remove all handlers of the event; without parameters, all handlers of the caller.
    """
    event, url, offline = params.text("event").upper(), params.text("handler"), _is_offline(params)
    user = _read_user(call, params, offline=offline, word="unbinding")
    if not call.user.admin:
        user = call.user.id
    kinds = (offline,) if params.has("event_type") else (True, False)
    removed = [
        row.id
        for row in _list_own(call)
        if event in ("", row.event)
        and url in ("", row.url)
        and row.offline in kinds
        and (not params.has("auth_type") or row.user == user)
    ]
    for number in removed:
        del call.world.apps.handlers[number]
    return {"count": len(removed)}


def _list_own(call: Call) -> list[Handler]:
    """Return the handlers that the caller may see.

    An administrator sees all handlers of the application, other people only their own.
    """
    app = call.of_app()
    rows = [row for row in call.world.apps.handlers.values() if row.client_id == app.client_id]
    rows = [row for row in rows if row.event in catalog.EVENTS]
    return rows if call.user.admin else [row for row in rows if row.user == call.user.id]


@method("event.get", app_only=True)
def get(call: Call, _params: Params) -> Any:
    """List the bound handlers."""
    return [
        {"event": row.event, "connector_id": row.connector, "offline": 1}
        if row.offline
        else {"event": row.event, "handler": row.url, "auth_type": str(row.user), "offline": 0}
        for row in _list_own(call)
    ]


@method("events", app_only=True)
def names(call: Call, params: Params) -> Any:
    """List the events that the application may bind.

    `scope` selects the events of one scope, `full` selects all.
    """
    wanted, rows = params.text("scope"), []
    for name, kind in catalog.EVENTS.items():
        scope = catalog.scope_of(call.portal, kind)
        if (scope == wanted) if wanted else (params.yes("full") or scope in ("", *call.scopes)):
            rows.append(name)
    return rows


@method("event.test", app_only=True)
def test(call: Call, params: Params) -> Any:
    """Send ONAPPTEST, with the parameters of the call, to the handlers that the application has bound to it."""
    data = {"QUERY": dict(params.raw), "LANGUAGE_ID": call.portal.event_language(call.user.id)}
    feed.send_event(call.portal, "ONAPPTEST", data=data, actor=call.actor, only=call.of_app().client_id)
    return 1
