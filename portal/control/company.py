"""Commands of the control API that change people, groups, CRM cards and applications."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.engine.core import Actor, Portal
from portal.errors import ControlError
from portal.events.catalog import EVENTS
from portal.rules import apps, people, rights, user_actions
from portal.rules.crm import cards, timeline
from portal.wire import php
from portal.world.crm import TYPES
from portal.world.people import Group

Body = Mapping[str, Any]
ControlCommand = Callable[[Portal, Body], Any]


def _read_numbers(body: Body, name: str) -> tuple[int, ...]:
    return tuple(php.int_of(one) for one in php.values_of(body.get(name)))


def add_user(portal: Portal, body: Body) -> Any:
    """Add a person as at a first login, and return their id."""
    words = ("last_name", "position", "gender", "email", "language", "time_zone")
    values: dict[str, Any] = {name: str(body[name]) for name in words if body.get(name) is not None}
    departments = _read_numbers(body, "departments")
    values |= {"departments": departments, "admin": body.get("admin") is True, "extranet": body.get("extranet") is True}
    if not set(departments) <= set(portal.world.people.departments):
        raise ControlError("There is no such department.")
    return {"user_id": people.add_user(portal, first_name=user_actions.required_text(body, "first_name"), **values).id}


def _read_group_values(portal: Portal, body: Body) -> dict[str, Any]:
    """Return the fields of a group that the body contains; raise ControlError for invalid ones."""
    values: dict[str, Any] = {name: body[name] is True for name in ("visible", "project", "extranet") if name in body}
    if body.get("name") is not None:
        values["name"] = user_actions.required_text(body, "name")
    if body.get("description") is not None:
        values["description"] = str(body["description"])
    if body.get("members") is not None:
        values["members"] = tuple(user_actions.person(portal, number).id for number in _read_numbers(body, "members"))
    return values


def make_group(portal: Portal, body: Body) -> Any:
    """Create a workgroup and return its id."""
    values = {**_read_group_values(portal, body), "name": user_actions.required_text(body, "name")}
    return {"group_id": people.add_group(portal, Actor(user=user_actions.acting_user(portal, body).id), **values).id}


def _get_group(portal: Portal, body: Body) -> tuple[Group, Actor]:
    """Return the group `group_id` and the acting person.

    Raise ControlError unless this person owns the group or is an administrator.
    """
    user, group = (
        user_actions.acting_user(portal, body),
        portal.world.people.groups.get(php.int_of(body.get("group_id"))),
    )
    if group is None or not (user.admin or user.id == group.owner):
        raise ControlError("There is no such group, or this person may not change it.")
    return group, Actor(user=user.id)


def edit_group(portal: Portal, body: Body) -> Any:
    """Change a workgroup."""
    group, actor = _get_group(portal, body)
    return {"group_id": people.change_group(portal, group, actor, **_read_group_values(portal, body)).id}


def delete_group(portal: Portal, body: Body) -> Any:
    """Delete a workgroup."""
    people.delete_group(portal, *_get_group(portal, body))
    return {"ok": True}


def make_card(portal: Portal, body: Body) -> Any:
    """Add a CRM card and return its id."""
    user, kind = user_actions.acting_user(portal, body), str(body.get("type"))
    if kind not in TYPES or not rights.may_use_crm(user):
        raise ControlError("There is no such kind of card, or this person may not use the CRM.")
    return {
        "id": cards.add(
            portal, kind, Actor(user=user.id), title=user_actions.required_text(body, "title"), responsible=user.id
        ).id
    }


def comment_card(portal: Portal, body: Body) -> Any:
    """Add a comment to the timeline of a CRM card and return the id of the comment."""
    user = user_actions.acting_user(portal, body)
    card = user_actions.card_of(portal, user, body.get("type"), body.get("id"))
    return {
        "comment_id": timeline.comment(
            portal, card, user, user_actions.required_text(body, "text"), actor=Actor(user=user.id)
        ).id
    }


def update_app(portal: Portal, body: Body) -> Any:
    """Give an application a new version.

    The handlers of the application are removed, and it gets ONAPPUPDATE.
    """
    app = portal.world.apps.apps.get(str(body.get("client_id")))
    if app is None or not app.installed:
        raise ControlError("No such application is installed.")
    return {"version": apps.update(portal, app).version}


def outgoing(portal: Portal, body: Body) -> Any:
    """Create an outgoing webhook and return its application_token.

    The body is {"url": ..., "events": [...]}.
    """
    names = [str(name).upper() for name in php.values_of(body.get("events"))]
    if not names or not set(names) <= set(EVENTS):
        raise ControlError("events is a list of names of events.")
    hook = apps.add_outgoing(portal, url=user_actions.required_text(body, "url"), events=names)
    return {"application_token": hook.token}


COMMANDS: dict[str, ControlCommand] = {
    "users": add_user,
    "groups": make_group,
    "groups/edit": edit_group,
    "groups/delete": delete_group,
    "cards": make_card,
    "timeline/comment": comment_card,
    "apps/update": update_app,
    "webhooks/outgoing": outgoing,
}
"""All commands of this module by their path below /-/."""
