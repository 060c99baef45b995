"""Write to timelines of CRM cards: comments, log messages, notes, feed messages (reference: G2)."""

from dataclasses import replace
from typing import Any

from portal.engine.core import Actor, Portal
from portal.events import feed as events
from portal.world.crm import Card, CardKey, Entry, Note
from portal.world.messenger import File
from portal.world.people import User

MIXED = {
    "ONCRMTIMELINECOMMENTADD": "onCrmTimelineCommentAdd",
    "ONCRMTIMELINECOMMENTUPDATE": "onCrmTimelineCommentUpdate",
    "ONCRMTIMELINECOMMENTDELETE": "onCrmTimelineCommentDelete",
}
"""Names of timeline comment events as their documentation pages spell them."""


def comment(
    portal: Portal, card: Card, author: User, text: str, *, actor: Actor, files: tuple[File, ...] = ()
) -> Entry:
    """Add a comment to a card and send the event.

    The application that wrote the comment gets the event too.
    """
    entry = _add(portal, card, author, text, kind="comment", files=files)
    _send_event(portal, "ONCRMTIMELINECOMMENTADD", entry, actor)
    return entry


def feed_message(portal: Portal, card: Card, author: User, text: str, **values: Any) -> Entry:
    """Write a message into the CRM feed of a card; no event of the News Feed is sent (behaviour 8)."""
    return _add(portal, card, author, text, kind="feed", log=portal.world.next_id("log"), **values)


def log_message(portal: Portal, card: Card, author: User, text: str, **values: Any) -> Entry:
    """Write a log message of an application into a timeline; no event is sent."""
    return _add(portal, card, author, text, kind="log", **values)


def update(portal: Portal, entry: Entry, actor: Actor, *, text: str, files: tuple[File, ...]) -> Entry:
    """Change a comment and send the event."""
    entry = store(portal, replace(entry, text=text, files=files))
    _send_event(portal, "ONCRMTIMELINECOMMENTUPDATE", entry, actor)
    return entry


def delete(portal: Portal, entry: Entry, actor: Actor) -> None:
    """Delete a timeline entry; an event is sent for comments only."""
    portal.world.crm.drop(entry)
    _show(portal, entry)
    if entry.kind == "comment":
        _send_event(portal, "ONCRMTIMELINECOMMENTDELETE", entry, actor)


def bind(portal: Portal, entry: Entry, card_key: CardKey) -> Entry:
    """Show a timeline entry in the timeline of one more card."""
    return entry if card_key in entry.card_keys else store(portal, replace(entry, also=(*entry.also, card_key)))


def unbind(portal: Portal, entry: Entry, card_key: CardKey) -> bool:
    """Remove an entry from the timeline of a card.

    Return False, and change nothing, when this card does not show the entry or no other card does.
    """
    left = tuple(one for one in entry.card_keys if one != card_key)
    if not left or len(left) == len(entry.card_keys):
        return False
    portal.world.crm.leave(entry.id, card_key)
    store(portal, replace(entry, type=left[0][0], card=left[0][1], also=left[1:]))
    return True


def note(portal: Portal, entry: Entry, card_key: CardKey, *, author: User, text: str) -> Note:
    """Add a note to a timeline entry, or change the existing one."""
    notes, now = portal.world.crm.notes, portal.clock.now()
    old = notes.get((card_key, entry.id))
    new = Note(
        text=text,
        author=old.author if old else author.id,
        created=old.created if old else now,
        editor=author.id,
        changed=now,
    )
    notes[card_key, entry.id] = new
    _show(portal, entry)
    return new


def store(portal: Portal, entry: Entry) -> Entry:
    """Store a timeline entry, new or changed, and publish the change."""
    portal.world.crm.put(entry)
    _show(portal, entry)
    return entry


def _add(portal: Portal, card: Card, author: User, text: str, **values: Any) -> Entry:
    number, now = portal.world.next_id("entry"), portal.clock.now()
    entry = Entry(id=number, type=card.type, card=card.id, author=author.id, text=text, date=now, **values)
    return store(portal, entry)


def _show(portal: Portal, entry: Entry) -> None:
    for kind, number in entry.card_keys:
        portal.hub.publish({"type": "feed", "card": f"{kind}:{number}"})


def _send_event(portal: Portal, event: str, entry: Entry, actor: Actor) -> None:
    data: Any = {"ID": entry.id}
    if portal.switches.timeline_event_data == "fields":
        data = {"FIELDS": {"ID": str(entry.id)}}
    event_name = MIXED[event] if portal.switches.timeline_event_name == "mixed" else ""
    events.send_event(portal, event, data=data, actor=actor, event_name=event_name)
