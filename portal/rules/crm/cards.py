"""Add, change and delete CRM cards, and send the events about it (reference: D, ONCRM…ADD)."""

from dataclasses import replace
from typing import Any

from portal.engine.core import Actor, Portal
from portal.events import feed as events
from portal.world.crm import Card


def add(portal: Portal, kind: str, actor: Actor, **facts: Any) -> Card:
    """Add a card; without a title, its title contains its number."""
    now = portal.clock.now()
    number = _free_id(portal, kind)
    facts["title"] = facts.get("title") or f"{kind.capitalize()} #{number}"
    card = Card(type=kind, id=number, created=now, changed=now, author=actor.user, **facts)
    return _store(portal, card, "ADD", actor)


def _free_id(portal: Portal, kind: str) -> int:
    number = portal.world.next_id("card")
    while (kind, number) in portal.world.crm.cards:
        number = portal.world.next_id("card")
    return number


def change(portal: Portal, card: Card, actor: Actor, **facts: Any) -> Card:
    """Change a card."""
    return _store(portal, replace(card, changed=portal.clock.now(), **facts), "UPDATE", actor)


def delete(portal: Portal, card: Card, actor: Actor) -> None:
    """Delete a card with those timeline entries that no other card shows."""
    crm = portal.world.crm
    for entry in crm.timeline(*card.place):
        crm.drop(entry)
        left = [place for place in entry.places if place != card.place]
        if left:
            crm.put(replace(entry, type=left[0][0], card=left[0][1], also=tuple(left[1:])))
    del crm.cards[card.place]
    _tell(portal, card, "DELETE", actor)


def _store(portal: Portal, card: Card, deed: str, actor: Actor) -> Card:
    portal.world.crm.cards[card.place] = card
    _tell(portal, card, deed, actor)
    return card


def _tell(portal: Portal, card: Card, deed: str, actor: Actor) -> None:
    portal.hub.publish({"type": "chats"})
    event = f"ONCRM{card.type.upper()}{deed}"
    events.tell(portal, event, data={"FIELDS": {"ID": str(card.id)}}, actor=actor)
