"""user.*, department.*, sonet_group.*: who there is (reference: H)."""

from typing import Any

from portal import php
from portal.clock import iso
from portal.rest.call import Call, Page, Params, page_of
from portal.rest.registry import method
from portal.rows import kept
from portal.shapes import LAST_SEEN
from portal.state.people import Group, User


def profile(user: User, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return a user as user.get shows them; user_brief hides how to reach them."""
    shown: dict[str, Any] = {
        "ID": str(user.id),
        "ACTIVE": user.active,
        "NAME": user.first_name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": user.email,
        "LAST_LOGIN": LAST_SEEN,
        "DATE_REGISTER": "2025-03-03T00:00:00+02:00",
        "TIME_ZONE": user.time_zone,
        "IS_ONLINE": "N",
        "TIMESTAMP_X": {},
        "LAST_ACTIVITY_DATE": {},
        "PERSONAL_GENDER": user.gender,
        "PERSONAL_BIRTHDAY": "",
        "PERSONAL_MOBILE": "",
        "WORK_PHONE": "",
        "WORK_POSITION": user.position,
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": list(user.departments),
        "USER_TYPE": "extranet" if user.extranet else "employee",
    }
    if "user" not in scopes and "user_basic" not in scopes:
        for name in ("EMAIL", "PERSONAL_MOBILE", "WORK_PHONE"):
            del shown[name]
    return shown


def _filtered(call: Call, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the profiles that match every filter; NAME_SEARCH finds each of its words in a name."""
    filters = {name.upper(): value for name, value in wanted.items()}
    words = php.text_of(filters.pop("NAME_SEARCH", "")).lower().split()
    people = (user for user in call.world.people.users.values() if not (user.bot or user.mail))
    named = (user for user in people if all(word in user.name.lower() for word in words))
    return kept((profile(user, call.scopes) for user in named), filters)


@method("user.get", scope="user")
def users(call: Call, params: Params) -> Any:
    """List people; bots are not among them."""
    wanted = dict(params.inner("FILTER").raw)
    if params.has("ID"):
        wanted["ID"] = params.get("ID")
    rows = sorted(_filtered(call, wanted), key=lambda row: int(row["ID"]))
    if params.text("order").upper() == "DESC":
        rows.reverse()
    if call.user.extranet:
        rows = [row for row in rows if row["ID"] == str(call.user.id)]
    return page_of(rows, params.number("start"))


@method("user.current", scope="user")
def current(call: Call, _params: Params) -> Any:
    """Describe the user of the token."""
    return profile(call.user, call.scopes)


@method("user.search", scope="user")
def search(call: Call, params: Params) -> Any:
    """Find people by FILTER, or by FIND in their names."""
    wanted = dict(params.inner("FILTER").raw)
    find = php.text_of(wanted.pop("FIND", "")) or params.text("FIND")
    rows = _filtered(call, {**{f"%{name}": value for name, value in wanted.items()}, "NAME_SEARCH": find})
    return page_of(rows, params.number("start"))


@method("department.get", scope="department")
def departments(call: Call, params: Params) -> Any:
    """List departments."""
    rows = [
        {
            "ID": str(row.id),
            "NAME": row.name,
            "SORT": 500,
            **({"PARENT": str(row.parent)} if row.parent else {}),
            **({"UF_HEAD": str(row.head)} if row.head else {}),
        }
        for row in call.world.people.departments.values()
    ]
    for name in ("ID", "NAME", "PARENT", "UF_HEAD"):
        if params.has(name):
            wanted = [php.text_of(value) for value in params.values(name)]
            rows = [row for row in rows if row.get(name) in wanted]
    key = params.text("sort", "ID").upper()
    rows.sort(key=lambda row: (php.int_of(row.get(key)), str(row.get(key, ""))))
    if params.text("order").upper() == "DESC":
        rows.reverse()
    return page_of(rows, params.number("START"))


def _group(group: Group) -> dict[str, Any]:
    created = iso(group.created)
    return {
        "ID": str(group.id),
        "SITE_ID": "s1",
        "NAME": group.name,
        "DESCRIPTION": group.description or None,
        "DATE_CREATE": created,
        "DATE_UPDATE": created,
        "ACTIVE": "Y",
        "VISIBLE": "Y" if group.visible else "N",
        "OPENED": "N",
        "CLOSED": "N",
        "SUBJECT_ID": "1",
        "OWNER_ID": str(group.owner),
        "KEYWORDS": None,
        "NUMBER_OF_MEMBERS": str(len(group.members)),
        "DATE_ACTIVITY": created,
        "SUBJECT_NAME": "Workgroups",
        "PROJECT": "Y" if group.project else "N",
        "IS_EXTRANET": "Y" if group.extranet else "N",
    }


@method("sonet_group.get", scope="sonet_group")
def groups(call: Call, params: Params) -> Any:
    """List the workgroups the caller may see: visible ones for employees, else one's own."""
    user, rows = call.user, []
    for group in call.world.people.groups.values():
        mine = user.id in group.members
        if mine or (user.admin and params.text("IS_ADMIN") == "Y") or (group.visible and not user.extranet):
            rows.append(_group(group))
    wanted = dict(params.inner("FILTER").raw)
    if params.has("GROUP_ID"):
        wanted["ID"] = params.get("GROUP_ID")
    return page_of(kept(rows, wanted), params.number("start"))


@method("sonet_group.user.groups", scope="sonet_group")
def own_groups(call: Call, _params: Params) -> Any:
    """List the groups of the caller with their role in each."""
    mine = [group for group in call.world.people.groups.values() if call.user.id in group.members]
    return [
        {
            "GROUP_ID": str(group.id),
            "GROUP_NAME": group.name,
            "ROLE": "A" if group.owner == call.user.id else "K",
            "GROUP_IMAGE_ID": None,
            "GROUP_IMAGE": "",
        }
        for group in mine
    ]


@method("sonet_group.user.get", scope="sonet_group")
def group_users(call: Call, params: Params) -> Any:
    """List the members of a group with their roles."""
    group = call.world.people.groups.get(params.number("ID"))
    if group is None:
        return Page(result=[])
    return [{"USER_ID": str(user), "ROLE": "A" if user == group.owner else "K"} for user in group.members]
