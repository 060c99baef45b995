"""sonet_group.* and socialnetwork.api.workgroup.*: workgroups and projects (reference: H)."""

from typing import Any

from portal.api.call import Call, Page, Params, page_of
from portal.api.registry import method
from portal.clock import iso
from portal.errors import RestError
from portal.rules import rights
from portal.wire.lists import Row, filtered, select_fields, sorted_rows
from portal.world.people import Group

CHAT = "SONET_GROUP"
"""Entity type of the chat of a workgroup."""
SHOWN = {
    "ID": "id",
    "NAME": "name",
    "TYPE": "type",
    "AVATAR": "avatar",
    "DESCRIPTION": "description",
    "OWNER_ID": "ownerId",
    "ACTIVE": "active",
    "VISIBLE": "visible",
    "OPENED": "opened",
    "CLOSED": "closed",
    "NUMBER_OF_MEMBERS": "numberOfMembers",
    "DATE_CREATE": "dateCreate",
    "DATE_ACTIVITY": "dateActivity",
    "PROJECT": "project",
}
"""Fields that socialnetwork.api.workgroup.list can select, with their names in its answer."""


def _flag(yes: bool) -> str:  # noqa: FBT001 - converted to Y or N
    return "Y" if yes else "N"


def _render(group: Group) -> Row:
    return {
        "ID": str(group.id),
        "SITE_ID": "s1",
        "NAME": group.name,
        "DESCRIPTION": group.description or None,
        "DATE_CREATE": iso(group.created),
        "DATE_UPDATE": iso(group.changed or group.created),
        "ACTIVE": "Y",
        "VISIBLE": _flag(group.visible),
        "OPENED": _flag(group.opened),
        "CLOSED": _flag(group.closed),
        "SUBJECT_ID": "1",
        "OWNER_ID": str(group.owner),
        "KEYWORDS": None,
        "NUMBER_OF_MEMBERS": str(len(group.members)),
        "DATE_ACTIVITY": iso(group.changed or group.created),
        "SUBJECT_NAME": "Workgroups",
        "PROJECT": _flag(group.project),
        "IS_EXTRANET": _flag(group.extranet),
    }


def _find_visible(call: Call, *, everything: bool) -> list[Group]:
    """Return the groups that the caller may see; with `everything`, an administrator gets all groups."""
    rows = call.world.people.groups.values()
    return [row for row in rows if (everything and call.user.admin) or rights.may_see_group(row, call.user)]


def _with_upper_keys(given: dict[str, Any]) -> dict[str, Any]:
    return {str(name).upper(): value for name, value in given.items()}


@method("sonet_group.get", scope="sonet_group")
def groups(call: Call, params: Params) -> Any:
    """List the workgroups that the caller may see.

    Employees see visible groups and their own, others only their own.
    """
    wanted = _with_upper_keys(dict(params.inner("FILTER").raw))
    if params.has("GROUP_ID"):
        wanted["ID"] = params.get("GROUP_ID")
    rows = [_render(group) for group in _find_visible(call, everything=params.text("IS_ADMIN") == "Y")]
    return page_of(sorted_rows(filtered(rows, wanted), params.inner("ORDER").raw), params.number("start"))


def _role_of(group: Group, user: int) -> str:
    if user == group.owner:
        return "A"
    return "E" if user in group.moderators else "K"


@method("sonet_group.user.groups", scope="sonet_group")
def own_groups(call: Call, _params: Params) -> Any:
    """List the groups of the caller with the caller's role in each."""
    own = [group for group in call.world.people.groups.values() if call.user.id in group.members]
    return [
        {
            "GROUP_ID": str(group.id),
            "GROUP_NAME": group.name,
            "ROLE": _role_of(group, call.user.id),
            "GROUP_IMAGE_ID": None,
            "GROUP_IMAGE": "",
            **({"IS_EXTRANET": "Y"} if group.extranet else {}),
        }
        for group in own
    ]


@method("sonet_group.user.get", scope="sonet_group")
def group_users(call: Call, params: Params) -> Any:
    """List the members of a group with their roles.

    A group that the caller may not see counts as not found.
    """
    if params.number("ID") <= 0:
        raise RestError("", "Wrong socialnetwork group ID")
    group = call.world.people.groups.get(params.number("ID"))
    if group is None or not (call.user.admin or rights.may_see_group(group, call.user)):
        raise RestError("", "Socialnetwork group not found")
    return [{"USER_ID": str(user), "ROLE": _role_of(group, user)} for user in group.members]


@method("socialnetwork.api.workgroup.list", scope="socialnetwork")
def workgroups(call: Call, params: Params) -> Any:
    """List groups with field names in camel case.

    With `shouldSelectDialogId`, each group has the dialog of its chat.
    """
    options = params.inner("params")
    found = _find_visible(call, everything=options.yes("IS_ADMIN"))
    rows = [_render(group) | {"TYPE": "project" if group.project else "group", "AVATAR": ""} for group in found]
    rows = sorted_rows(filtered(rows, _with_upper_keys(dict(params.inner("filter").raw))), params.inner("order").raw)
    page = page_of(rows, params.number("start"))
    names = params.values("select") or ["ID"]
    shown = [
        {SHOWN[name]: value for name, value in row.items() if name in SHOWN}
        for row in select_fields(page.result, names, always=("ID",))
    ]
    shown = [row | ({"imageId": None, "avatarType": None} if "avatar" in row else {}) for row in shown]
    if options.yes("shouldSelectDialogId"):
        shown = [row | {"dialogId": _dialog_of(call, row["id"])} for row in shown]
    return Page(result={"workgroups": shown}, total=page.total, next=page.next)


def _dialog_of(call: Call, group: str) -> str:
    """Return the dialog of the group's chat, or an empty text for a non-member."""
    chats = call.world.messenger.of(call.user.id)
    return next((f"chat{row.id}" for row in chats if (row.entity_type, row.entity_id) == (CHAT, group)), "")


@method("socialnetwork.api.workgroup.get", scope="socialnetwork")
def workgroup(call: Call, params: Params) -> Any:
    """Describe one group that the caller may see; `select` adds fields to the default ones."""
    options = params.inner("params")
    if options.number("groupId") <= 0:
        raise RestError("SONET_CONTROLLER_WORKGROUP_EMPTY", "No value for the workgroup ID was provided.")
    group = next((row for row in _find_visible(call, everything=True) if row.id == options.number("groupId")), None)
    if group is None:
        raise RestError("SONET_CONTROLLER_WORKGROUP_NOT_FOUND", "The workgroup was not found.")
    owner = call.world.people.users[group.owner]
    more: Row = {
        "AVATAR": "",
        "OWNER_DATA": {"ID": group.owner, "PHOTO": None, "FORMATTED_NAME": owner.name},
        "SUBJECT_DATA": {"ID": 1, "NAME": "Workgroups"},
        "TAGS": [],
        "USER_DATA": {"ROLE": _role_of(group, call.user.id) if call.user.id in group.members else False},
    }
    asked = [name for name in options.values("select") if name in more]
    return _render(group) | {"NUMBER_OF_MODERATORS": str(len(group.moderators))} | {name: more[name] for name in asked}
