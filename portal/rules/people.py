"""Add people; add, change and delete workgroups; send the events about these actions (reference: A5, H)."""

from dataclasses import replace
from typing import Any

from portal.clock import iso
from portal.engine.core import Actor, Portal
from portal.events import feed as events
from portal.world.people import Group, User


def add_user(portal: Portal, **values: Any) -> User:
    """Add a person, as at their first login, and send the event.

    The event has tokens of this person without a refresh token.
    """
    people, now = portal.world.people, portal.clock.now()
    user = User(id=portal.world.next_id("user"), registered=now, **values)
    people.users[user.id] = user
    portal.hub.publish({"type": "chats"})
    data = {
        "ID": user.id,
        "ACTIVE": "Y",
        "EMAIL": user.email,
        "NAME": user.first_name,
        "LAST_NAME": user.last_name,
        "PERSONAL_GENDER": user.gender,
        "UF_DEPARTMENT": list(user.departments),
        "DATE_REGISTER": iso(now),
        "WORK_POSITION": user.position,
    }
    events.send_event(portal, "ONUSERADD", data=data, actor=Actor(user=user.id), refresh=False)
    return user


def add_group(portal: Portal, actor: Actor, **values: Any) -> Group:
    """Create a workgroup and send the event; its owner, by default the actor, is a member."""
    now = portal.clock.now()
    owner = values.pop("owner", actor.user)
    members = tuple(dict.fromkeys((owner, *values.pop("members", ()))))
    group = Group(id=_free_id(portal), owner=owner, members=members, created=now, changed=now, **values)
    return _store(portal, group, "ADD", actor)


def _free_id(portal: Portal) -> int:
    number = portal.world.next_id("group")
    while number in portal.world.people.groups:
        number = portal.world.next_id("group")
    return number


def change_group(portal: Portal, group: Group, actor: Actor, **values: Any) -> Group:
    """Change the given fields of a workgroup and send the event; its owner stays a member."""
    new = replace(group, changed=portal.clock.now(), **values)
    return _store(portal, replace(new, members=tuple(dict.fromkeys((new.owner, *new.members)))), "UPDATE", actor)


def delete_group(portal: Portal, group: Group, actor: Actor) -> None:
    """Delete a workgroup and send the event.

    Posts that were addressed only to the group are then visible only to their authors.
    """
    del portal.world.people.groups[group.id]
    _send_event(portal, group, "DELETE", actor)


def _store(portal: Portal, group: Group, action: str, actor: Actor) -> Group:
    portal.world.people.groups[group.id] = group
    _send_event(portal, group, action, actor)
    return group


def _send_event(portal: Portal, group: Group, action: str, actor: Actor) -> None:
    portal.hub.publish({"type": "chats"})
    events.send_event(portal, f"ONSONETGROUP{action}", data={"FIELDS": {"ID": str(group.id)}}, actor=actor)
