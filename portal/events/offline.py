"""Queue offline events: one entry per object, announced by ONOFFLINEEVENT (reference: D3)."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from portal.engine.core import Actor, Portal
from portal.events import auth as auths
from portal.world.apps import Handler
from portal.world.queues.offline import OfflineEvent

RESERVED_SECONDS = 30 * 24 * 3600
"""Seconds that a reserved event is kept."""
SIGNAL = "ONOFFLINEEVENT"


def queue_event(portal: Portal, handler: Handler, event: str, *, data: Any, actor: Actor) -> None:
    """Queue an offline event for an application and send ONOFFLINEEVENT.

    An event that was caused by a call with the auth_connector of the queue is skipped.
    """
    if handler.connector and handler.connector == actor.connector:
        return
    # Equal events about one object get the same id, so a newer one replaces the waiting one.
    about = json.dumps([event, data], sort_keys=True, default=str)
    portal.world.offline.put(
        OfflineEvent(
            id=portal.world.next_id("offline"),
            client_id=handler.client_id,
            connector=handler.connector,
            event=event,
            data=data,
            date=portal.clock.now(),
            message_id=hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:32],
        )
    )
    _send_signal(portal, handler.client_id, actor)


def _send_signal(portal: Portal, client_id: str, actor: Actor) -> None:
    """Send ONOFFLINEEVENT to each address that the application has bound to it.

    Each address gets it at most once in `minTimeout` seconds, an option of event.bind.
    """
    now, called_at = portal.clock.now(), portal.world.offline.signalled
    for handler in portal.world.apps.listening(SIGNAL):
        if handler.client_id != client_id or now - called_at.get(handler.id, float("-inf")) < handler.pause:
            continue
        called_at[handler.id] = now
        app = portal.world.apps.apps[client_id]
        token_user = Actor(user=handler.user or actor.user, hops=actor.hops)
        auth = auths.app_auth(portal, app, token_user, refresh=True)
        portal.event_sender.send(
            handler.url, auths.event_envelope(portal, SIGNAL, data=[], auth=auth, handler=handler.id)
        )


def list_waiting(portal: Portal, client_id: str, connector: str) -> list[OfflineEvent]:
    """Return the queued events of an application and connector; delete events that were reserved too long ago."""
    offline, now = portal.world.offline, portal.clock.now()
    rows = [row for row in offline.rows.values() if (row.client_id, row.connector) == (client_id, connector)]
    for row in rows:
        if row.process and now - row.reserved > RESERVED_SECONDS:
            offline.drop(row)
    return [row for row in rows if row.id in offline.rows]


def reserve(portal: Portal, rows: list[OfflineEvent], process: str) -> None:
    """Reserve events for a process.

    Later changes of the same objects are queued as new events.
    """
    for row in rows:
        portal.world.offline.change(replace(row, process=process, reserved=portal.clock.now(), error=False))


def drop(portal: Portal, rows: list[OfflineEvent]) -> None:
    """Delete offline events from the queue."""
    for row in rows:
        portal.world.offline.drop(row)


def mark(portal: Portal, rows: list[OfflineEvent]) -> None:
    """Mark offline events as failed."""
    for row in rows:
        portal.world.offline.change(replace(row, error=True))
