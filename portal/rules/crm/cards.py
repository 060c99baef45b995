"""Add, change and delete CRM cards, and send the events about these actions (reference: D, ONCRM…ADD)."""

from dataclasses import replace
from typing import Any

from portal.engine.core import Actor, Portal
from portal.events import feed as events
from portal.world.crm import Card


def add(portal: Portal, kind: str, actor: Actor, **values: Any) -> Card:
    """Add a card and send the event; a card without a title is named by its number."""
    now = portal.clock.now()
    number = _free_id(portal, kind)
    values["title"] = values.get("title") or f"{kind.capitalize()} #{number}"
    card = Card(type=kind, id=number, created=now, changed=now, author=actor.user, **values)
    return _store(portal, card, "ADD", actor)


def _free_id(portal: Portal, kind: str) -> int:
    number = portal.world.next_id("card")
    while (kind, number) in portal.world.crm.cards:
        number = portal.world.next_id("card")
    return number


def change(portal: Portal, card: Card, actor: Actor, **values: Any) -> Card:
    """Change the given fields of a card and send the event."""
    return _store(portal, replace(card, changed=portal.clock.now(), **values), "UPDATE", actor)


def delete(portal: Portal, card: Card, actor: Actor) -> None:
    """Delete a card and send the event.

    Timeline entries that no other card shows are deleted too.
    """
    crm = portal.world.crm
    for entry in crm.timeline(*card.key):
        crm.drop(entry)
        # An entry that another card also shows stays there, with that card as its own.
        left = [card_key for card_key in entry.card_keys if card_key != card.key]
        if left:
            crm.put(replace(entry, type=left[0][0], card=left[0][1], also=tuple(left[1:])))
    del crm.cards[card.key]
    _send_event(portal, card, "DELETE", actor)


def _store(portal: Portal, card: Card, action: str, actor: Actor) -> Card:
    portal.world.crm.cards[card.key] = card
    _send_event(portal, card, action, actor)
    return card


def _send_event(portal: Portal, card: Card, action: str, actor: Actor) -> None:
    portal.hub.publish({"type": "chats"})
    event = f"ONCRM{card.type.upper()}{action}"
    events.send_event(portal, event, data={"FIELDS": {"ID": str(card.id)}}, actor=actor)
