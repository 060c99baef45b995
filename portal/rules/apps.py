"""Add, install, update and uninstall applications, and create webhooks."""

from collections.abc import Iterable
from dataclasses import replace

from portal.engine.core import Portal
from portal.events import feed as events
from portal.events.catalog import EVENTS
from portal.rules.messenger import bots
from portal.world.apps import App, Outgoing, Webhook

SCOPES = ("im", "imbot", "log", "crm", "user", "department", "sonet_group", "socialnetwork", "placement", "disk")
"""Scopes of an application or webhook when no scopes are given."""


def add(
    portal: Portal, *, name: str, handler: str, client_id: str = "", client_secret: str = "", scopes: Iterable[str] = ()
) -> App:
    """Add a local application and return it; it is not installed yet.

    It replaces an application with the same client id.
    """
    apps = portal.world.apps
    client_id = client_id or f"local.{portal.secret()[:14]}.{portal.secret()[:8]}"
    old = apps.apps.get(client_id)
    app = App(
        id=old.id if old else portal.world.next_id("app"),
        client_id=client_id,
        client_secret=client_secret or portal.secret(),
        name=name,
        handler=handler,
        scopes=tuple(scopes) or SCOPES,
        application_token=portal.secret(),
        generation=old.generation + 1 if old else 0,
    )
    portal.hub.publish({"type": "chats"})
    return apps.put(app)


def install(portal: Portal, app: App, *, by: int) -> App:
    """Install an application in the name of a user, and send it ONAPPINSTALL with tokens of this user.

    Reference: A5, "Uses API only".
    """
    app = portal.world.apps.put(replace(app, installed=True, installer=by))
    events.send_installed(portal, app)
    portal.hub.publish({"type": "chats"})
    return app


def update(portal: Portal, app: App) -> App:
    """Give an application a new version and send it ONAPPUPDATE.

    All handlers that the application bound with event.bind are removed (reference: A5).
    """
    world = portal.world
    handlers = [row for row in world.apps.handlers.values() if row.client_id == app.client_id and row.event in EVENTS]
    urls = [row.url for row in handlers if row.event == "ONAPPUPDATE" and row.url]
    for row in handlers:
        del world.apps.handlers[row.id]
    new = world.apps.put(replace(app, version=app.version + 1))
    events.send_updated(portal, new, urls=list(dict.fromkeys(urls)) or [app.handler])
    return new


def uninstall(portal: Portal, app: App, *, clean: bool) -> App:
    """Send ONAPPUNINSTALL to an application, and remove its bots, handlers and options; its tokens become invalid.

    `clean` is the CLEAN of the event: whether the application must delete its data.
    """
    world = portal.world
    urls = [handler.url for handler in world.apps.listening("ONAPPUNINSTALL") if handler.client_id == app.client_id]
    # The event needs the handlers, so it is sent before they are removed.
    events.send_uninstalled(portal, app, clean=clean, urls=list(dict.fromkeys(urls)) or [app.handler])
    world.apps.forget(app.client_id)
    world.offline.forget(app.client_id)
    app = world.apps.put(replace(app, installed=False, generation=app.generation + 1))
    for bot in world.bots.of(app.client_id):
        bots.forget(portal, bot.id)
    portal.hub.publish({"type": "chats"})
    return app


def add_outgoing(portal: Portal, *, url: str, events: Iterable[str]) -> Outgoing:
    """Create an outgoing webhook that gets the events with these names."""
    wanted = tuple(dict.fromkeys(name.upper() for name in events))
    hook = Outgoing(id=portal.world.next_id("handler"), url=url, events=wanted, token=portal.secret())
    portal.world.apps.outgoing.append(hook)
    return hook


def add_webhook(portal: Portal, *, user: int, scopes: Iterable[str] = ()) -> Webhook:
    """Create an incoming webhook that acts as a user; without scopes, it has SCOPES."""
    webhook = Webhook(user=user, secret=portal.secret()[:16], scopes=tuple(scopes) or SCOPES)
    portal.world.apps.webhooks[webhook.secret] = webhook
    return webhook
