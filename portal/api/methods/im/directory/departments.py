"""im.department.*: the departments as the messenger shows them (reference: H).

Extranet users and bots are refused.
"""

import json
from typing import Any

from portal.api.call import Call, Page, Params
from portal.api.registry import method
from portal.errors import RestError
from portal.wire import php, shapes
from portal.world.people import Department, User

COLLEAGUES = 10
MAX_COUNT = 50


def require_employee(call: Call) -> None:
    """Raise 403 ACCESS_ERROR when the caller is an extranet user or a bot."""
    if call.user.extranet or call.user.bot:
        raise RestError("ACCESS_ERROR", "Only intranet users have access to this method.", 403)


def read_ids(params: Params, empty: str) -> list[Any]:
    """Return the ids in the parameter ID, which is an array or JSON text.

    Raise ID_EMPTY, with the text `empty`, or INVALID_FORMAT.
    """
    given = params.get("ID")
    if php.is_empty(given):
        raise RestError("ID_EMPTY", empty)
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = None
    if not isinstance(given, list | dict):
        raise RestError("INVALID_FORMAT", "A wrong format for the ID field is passed")
    return php.values_of(given)


def _find_named(call: Call, params: Params) -> list[Department]:
    require_employee(call)
    numbers = dict.fromkeys(php.int_of(value) for value in read_ids(params, "Department ID can't be empty"))
    known = call.world.people.departments
    return [known[number] for number in numbers if number in known]


def describe(call: Call, row: Department, *, heads: bool) -> dict[str, Any]:
    """Describe a department with its full path; with `heads`, also describe its head."""
    departments = call.world.people.departments
    names, above = [row.name], departments.get(row.parent)
    while above is not None and above.name not in names:
        names.append(above.name)
        above = departments.get(above.parent)
    shown = {"id": row.id, "name": row.name, "full_name": " / ".join(names), "manager_user_id": row.head}
    head = call.world.user(row.head)
    return {**shown, "manager_user_data": shapes.im_user(head)} if heads and head else shown


def _render_people(params: Params, users: list[User]) -> list[Any]:
    return [shapes.im_user(user) if params.yes("USER_DATA") else user.id for user in users]


@method("im.department.get", scope="im")
def get(call: Call, params: Params) -> Any:
    """Describe the departments whose ids the call names."""
    return [describe(call, row, heads=params.yes("USER_DATA")) for row in _find_named(call, params)]


@method("im.department.employees.get", scope="im")
def employees(call: Call, params: Params) -> Any:
    """List the employees of each department by the id of the department: as ids, or as users."""
    users = [user for user in call.world.people.users.values() if user.active and not user.bot]
    rows = {
        str(row.id): _render_people(params, [user for user in users if row.id in user.departments])
        for row in _find_named(call, params)
    }
    return rows or []


@method("im.department.managers.get", scope="im")
def managers(call: Call, params: Params) -> Any:
    """List the head of each department by the id of the department: as ids, or as users."""
    heads = {str(row.id): call.world.user(row.head) for row in _find_named(call, params)}
    return {number: _render_people(params, [head] if head else []) for number, head in heads.items()} or []


@method("im.department.colleagues.list", scope="im")
def colleagues(call: Call, params: Params) -> Any:
    """List the people who work in a department of the caller."""
    require_employee(call)
    own = set(call.user.departments)
    users = [user for user in call.world.people.users.values() if user.active and not user.bot]
    users = [user for user in users if user.id != call.user.id and not own.isdisjoint(user.departments)]
    offset = max(0, params.number("OFFSET"))
    limit = max(1, min(MAX_COUNT, params.number("LIMIT", COLLEAGUES)))
    rest = offset + limit if offset + limit < len(users) else None
    return Page(result=_render_people(params, users[offset : offset + limit]), total=len(users), next=rest)
