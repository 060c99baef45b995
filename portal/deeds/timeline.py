"""What is written to CRM cards: timeline comments, and messages of the CRM feed (reference: G2)."""

from dataclasses import replace

from portal.core import Actor, Portal
from portal.events import feed as events
from portal.state.crm import Card, Entry
from portal.state.people import User
from portal.state.talk import File


def comment(
    portal: Portal, card: Card, author: User, text: str, *, actor: Actor, files: tuple[File, ...] = ()
) -> Entry:
    """Comment a card; applications hear of it, the one that wrote it too."""
    entry = _add(portal, card, author, text, kind="comment", files=files)
    _tell(portal, "ONCRMTIMELINECOMMENTADD", entry, actor)
    return entry


def feed_message(
    portal: Portal, card: Card, author: User, text: str, *, title: str = "", files: tuple[File, ...] = ()
) -> Entry:
    """Write into the CRM feed; no event of the News Feed is raised for it (behaviour 8)."""
    return _add(portal, card, author, text, kind="feed", files=files, title=title)


def update(portal: Portal, entry: Entry, actor: Actor, *, text: str, files: tuple[File, ...]) -> Entry:
    """Change a comment."""
    entry = portal.world.crm.entries[entry.id] = replace(entry, text=text, files=files)
    _tell(portal, "ONCRMTIMELINECOMMENTUPDATE", entry, actor)
    return entry


def delete(portal: Portal, entry: Entry, actor: Actor) -> None:
    """Delete a comment."""
    del portal.world.crm.entries[entry.id]
    _tell(portal, "ONCRMTIMELINECOMMENTDELETE", entry, actor)


def _add(
    portal: Portal, card: Card, author: User, text: str, *, kind: str, files: tuple[File, ...], title: str = ""
) -> Entry:
    entry = Entry(
        id=portal.world.next_id("entry"),
        kind=kind,
        type=card.type,
        card=card.id,
        author=author.id,
        text=text,
        date=portal.clock.now(),
        title=title,
        files=files,
    )
    portal.world.crm.entries[entry.id] = entry
    portal.hub.publish({"type": "feed", "card": f"{card.type}:{card.id}"})
    return entry


def _tell(portal: Portal, event: str, entry: Entry, actor: Actor) -> None:
    events.tell(portal, event, data={"ID": entry.id}, actor=actor)
