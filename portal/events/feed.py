"""Send events to applications: News Feed, CRM, people and installations (reference: G1, A5)."""

from typing import Any

from portal.engine.core import Actor, Portal
from portal.events import auth as auths
from portal.events import offline
from portal.world.apps import App

POST_EVENTS = frozenset({"ONLIVEFEEDPOSTADD", "ONLIVEFEEDPOSTUPDATE", "ONLIVEFEEDPOSTDELETE"})


def send_event(
    portal: Portal,
    event: str,
    *,
    data: Any,
    actor: Actor,
    except_apps: frozenset[str] = frozenset(),
    only: str = "",
    event_name: str = "",
    refresh: bool = True,
) -> None:
    """Send an event to the handlers of all installed applications, and to outgoing webhooks, or queue it as offline.

    The tokens are those of the actor, or of the user of the handler. Applications in `except_apps` get nothing; `only`
    is the client id of the single application that gets the event. `event_name` replaces the name in the sent event.
    """
    if not only:
        _send_to_outgoing_webhooks(portal, event, data=data, event_name=event_name or event)
    for handler in portal.world.apps.listening(event):
        app = portal.world.apps.apps.get(handler.client_id)
        if app is None or not app.installed or app.client_id in except_apps or only not in ("", app.client_id):
            continue
        if handler.offline:
            offline.queue_event(portal, handler, event, data=data, actor=actor)
            continue
        token_user = Actor(user=handler.user or actor.user, hops=actor.hops)
        auth = auths.app_auth(portal, app, token_user, refresh=refresh and portal.switches.refresh_in_events)
        portal.event_sender.send(
            handler.url, auths.event_envelope(portal, event_name or event, data=data, auth=auth, handler=handler.id)
        )


def _send_to_outgoing_webhooks(portal: Portal, event: str, *, data: Any, event_name: str) -> None:
    """Send an event to outgoing webhooks, without tokens (reference: A3)."""
    for hook in portal.world.apps.outgoing:
        if event in hook.events:
            auth = auths.auth_without_tokens(portal, hook.token)
            portal.event_sender.send(
                hook.url, auths.event_envelope(portal, event_name, data=data, auth=auth, handler=hook.id)
            )


def send_post_event(portal: Portal, event: str, post: int, actor: Actor) -> None:
    """Send an event about a post, with the id of the post only.

    With the switch `update_on_add`, a new post also goes to applications that bound only ONLIVEFEEDPOSTUPDATE.
    """
    data = {"FIELDS": {"POST_ID": str(post)}}
    send_event(portal, event, data=data, actor=actor)
    # Applications that get ADD must not get the same post as an update too.
    if event == "ONLIVEFEEDPOSTADD" and portal.switches.update_on_add:
        informed = frozenset(handler.client_id for handler in portal.world.apps.listening(event))
        send_event(portal, "ONLIVEFEEDPOSTUPDATE", data=data, actor=actor, except_apps=informed)


def send_installed(portal: Portal, app: App) -> None:
    """Send ONAPPINSTALL to an application, with tokens of the installer."""
    language = portal.event_language(app.installer)
    data = {"VERSION": str(app.version), "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": language}
    auth = auths.app_auth(portal, app, Actor(user=app.installer, hops=-1), refresh=True)
    portal.event_sender.send(app.handler, auths.event_envelope(portal, "ONAPPINSTALL", data=data, auth=auth))


def send_updated(portal: Portal, app: App, *, urls: list[str]) -> None:
    """Send ONAPPUPDATE of an application to the addresses, with tokens of the installer."""
    data = {"VERSION": str(app.version), "PREVIOUS_VERSION": str(app.version - 1)}
    data["LANGUAGE_ID"] = portal.event_language(app.installer)
    auth = auths.app_auth(portal, app, Actor(user=app.installer, hops=-1), refresh=True)
    for url in urls:
        portal.event_sender.send(url, auths.event_envelope(portal, "ONAPPUPDATE", data=data, auth=auth))


def send_uninstalled(portal: Portal, app: App, *, clean: bool, urls: list[str]) -> None:
    """Send ONAPPUNINSTALL of an application to the addresses, without tokens."""
    data = {"LANGUAGE_ID": portal.event_language(app.installer), "CLEAN": int(clean)}
    for url in urls:
        auth = auths.auth_without_tokens(portal, app.application_token)
        portal.event_sender.send(url, auths.event_envelope(portal, "ONAPPUNINSTALL", data=data, auth=auth))
