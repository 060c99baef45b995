"""user.* and department.*: people and departments of the company (reference: H)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from portal.api.call import Call, Params, page_of
from portal.api.registry import method
from portal.clock import iso
from portal.rules import rights
from portal.wire import php
from portal.wire.lists import Row, filtered, select_fields, sort_key, sorted_rows
from portal.wire.shapes import LAST_SEEN
from portal.world.people import Department, User

REGISTERED = "2025-03-03T00:00:00+02:00"
"""Registration date of every person whose real date is not known."""
LABELS = {
    "ID": "ID",
    "XML_ID": "External code",
    "ACTIVE": "Active",
    "NAME": "First name",
    "LAST_NAME": "Last name",
    "SECOND_NAME": "Second name",
    "EMAIL": "E-mail",
    "LAST_LOGIN": "Last login",
    "DATE_REGISTER": "Registered on",
    "TIME_ZONE": "Time zone",
    "IS_ONLINE": "Online",
    "TIMESTAMP_X": "Changed on",
    "LAST_ACTIVITY_DATE": "Last seen",
    "PERSONAL_GENDER": "Gender",
    "PERSONAL_WWW": "Web page",
    "PERSONAL_CITY": "City",
    "PERSONAL_BIRTHDAY": "Birthday",
    "PERSONAL_MOBILE": "Mobile phone",
    "WORK_PHONE": "Work phone",
    "WORK_POSITION": "Position",
    "UF_EMPLOYMENT_DATE": "Employed since",
    "UF_DEPARTMENT": "Departments",
    "USER_TYPE": "Type",
    "TITLE": "Title",
    "TIME_ZONE_OFFSET": "Time zone offset",
    "PERSONAL_PROFESSION": "Profession",
    "PERSONAL_PHOTO": "Photo",
    "PERSONAL_ICQ": "ICQ",
    "PERSONAL_PHONE": "Personal phone",
    "PERSONAL_FAX": "Fax",
    "PERSONAL_PAGER": "Pager",
    "PERSONAL_STREET": "Street",
    "PERSONAL_STATE": "Region",
    "PERSONAL_ZIP": "Postal code",
    "PERSONAL_COUNTRY": "Country",
    "PERSONAL_MAILBOX": "Mailbox",
    "PERSONAL_NOTES": "Notes",
    "WORK_COMPANY": "Company",
    "WORK_DEPARTMENT": "Department",
    "WORK_WWW": "Web page of the company",
    "WORK_FAX": "Work fax",
    "WORK_PAGER": "Work pager",
    "WORK_STREET": "Work street",
    "WORK_MAILBOX": "Work mailbox",
    "WORK_CITY": "Work city",
    "WORK_STATE": "Work region",
    "WORK_ZIP": "Work postal code",
    "WORK_COUNTRY": "Work country",
    "WORK_PROFILE": "Business of the company",
    "WORK_LOGO": "Logo of the company",
    "WORK_NOTES": "Work notes",
    "UF_SKYPE_LINK": "Link to a Skype chat",
    "UF_ZOOM": "Zoom",
    "UF_TIMEMAN": "Time management",
    "UF_INTERESTS": "Interests",
    "UF_SKILLS": "Skills",
    "UF_WEB_SITES": "Other web pages",
    "UF_XING": "Xing",
    "UF_LINKEDIN": "LinkedIn",
    "UF_FACEBOOK": "Facebook",
    "UF_TWITTER": "Twitter",
    "UF_SKYPE": "Skype",
    "UF_DISTRICT": "District",
    "UF_PHONE_INNER": "Inner phone number",
}
"""Fields of a profile with their labels."""
UNKNOWN = {
    name: ""
    for name in LABELS
    if name.startswith(("PERSONAL_", "WORK_", "UF_", "TI"))
    and name
    not in (
        *("PERSONAL_GENDER", "PERSONAL_WWW", "PERSONAL_CITY", "PERSONAL_BIRTHDAY", "PERSONAL_MOBILE", "WORK_PHONE"),
        *("WORK_POSITION", "UF_EMPLOYMENT_DATE", "UF_DEPARTMENT", "TIME_ZONE", "TIMESTAMP_X"),
    )
}
"""Fields that are empty for all people here, and that no profile shows."""
CONTACT_FIELDS = ("EMAIL", "PERSONAL_MOBILE", "WORK_PHONE")
"""Contact fields, which the scope user_brief does not show."""


def profile(user: User, scopes: Iterable[str]) -> Row:
    """Return a user as user.get does; the scope user_brief hides contact fields."""
    shown: Row = {
        "ID": str(user.id),
        "XML_ID": "",
        "ACTIVE": user.active,
        "NAME": user.first_name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": user.email,
        "LAST_LOGIN": LAST_SEEN,
        "DATE_REGISTER": iso(user.registered) if user.registered else REGISTERED,
        "TIME_ZONE": user.time_zone,
        "IS_ONLINE": "N",
        "TIMESTAMP_X": {},
        "LAST_ACTIVITY_DATE": {},
        "PERSONAL_GENDER": user.gender,
        "PERSONAL_WWW": "",
        "PERSONAL_BIRTHDAY": "",
        "PERSONAL_MOBILE": "",
        "PERSONAL_CITY": "",
        "WORK_PHONE": "",
        "WORK_POSITION": user.position,
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": list(user.departments),
        "USER_TYPE": "extranet" if user.extranet else "employee",
    }
    if {"user", "user_basic"}.isdisjoint(scopes):
        for name in CONTACT_FIELDS:
            del shown[name]
    return shown


def _find_visible(call: Call, wanted: Mapping[str, Any]) -> list[User]:
    """Return the people that the caller may look up, without bots and mail users.

    An extranet user finds only people of their own groups and chats. Ids in the filter restrict the search.
    """
    users = call.world.people.users
    named = [php.text_of(value) for value in php.values_of(wanted.get("ID"))]
    if named and all(value.isdecimal() for value in named):
        people = [users[number] for number in {php.int_of(value) for value in named} if number in users]
    else:
        people = list(users.values())
    people = [user for user in people if not (user.bot or user.mail)]
    return (
        [user for user in people if rights.may_contact(call.world, call.user, user)] if call.user.extranet else people
    )


def _read_filter(params: Params) -> dict[str, Any]:
    """Return the filter by profile field: FILTER, and fields that were sent as parameters of their own."""
    beside = {name: params.get(name) for name in LABELS if params.has(name)}
    return {**beside, **{str(name).upper(): value for name, value in params.inner("FILTER").raw.items()}}


def _matching(call: Call, people: Iterable[User], wanted: Mapping[str, Any]) -> list[Row]:
    """Return the profiles that match a filter; fields that nobody has here count as empty (source: 2.15)."""
    found = filtered((UNKNOWN | profile(user, call.scopes) for user in people), wanted)
    return [{name: value for name, value in row.items() if name not in UNKNOWN} for row in found]


def _make_page(call: Call, params: Params, people: list[User], wanted: dict[str, Any]) -> Any:
    """Filter and sort people, and return one page of their profiles with the selected fields."""
    key, way = params.text("sort", "ID").upper(), params.text("order", "ASC")
    select, start = params.values("select"), params.number("start")
    if select:
        select = [*select, "ID"]
    if key in LABELS and key != "ID":
        rows = sorted_rows(_matching(call, people, wanted), {key: way})
        return page_of(select_fields(rows, select), start)
    people = sorted(people, key=attrgetter("id"), reverse=way.strip().upper().startswith("DESC"))
    if wanted:
        return page_of(select_fields(_matching(call, people, wanted), select), start)
    page = page_of(people, start)
    return replace(page, result=select_fields([profile(user, call.scopes) for user in page.result], select))


@method("user.get", scope="user")
def users(call: Call, params: Params) -> Any:
    """List people, without bots and mail users.

    NAME_SEARCH finds people whose name contains each of its words.
    """
    wanted = _read_filter(params)
    words = php.text_of(wanted.pop("NAME_SEARCH", "")).lower().split()
    people = [user for user in _find_visible(call, wanted) if all(word in user.name.lower() for word in words)]
    return _make_page(call, params, people, wanted)


@method("user.current", scope="user")
def current(call: Call, _params: Params) -> Any:
    """Describe the user of the token."""
    return profile(call.user, call.scopes)


@method("user.search", scope="user")
def search(call: Call, params: Params) -> Any:
    """Find people by parts of their fields.

    FIND searches names, positions and departments.
    """
    wanted = _read_filter(params)
    people = _find_visible(call, wanted)
    find = php.text_of(wanted.pop("FIND", "")) or params.text("FIND")
    named = php.text_of(wanted.pop("UF_DEPARTMENT_NAME", "")).lower().strip("%")
    if named:
        people = [user for user in people if any(named in name.lower() for name in _list_department_names(call, user))]
    for word in find.lower().split():
        people = [user for user in people if word in _make_search_text(call, user)]
    by_parts = {name if name in ("USER_TYPE", "ID", "ACTIVE") else f"%{name}": wanted[name] for name in wanted}
    return _make_page(call, params, people, by_parts)


def _list_department_names(call: Call, user: User) -> list[str]:
    known = call.world.people.departments
    return [known[number].name for number in user.departments if number in known]


def _make_search_text(call: Call, user: User) -> str:
    return " ".join((user.name, user.position, *_list_department_names(call, user))).lower()


@method("user.fields", scope="user")
def fields(_call: Call, _params: Params) -> Any:
    """List the fields of a profile with their labels."""
    return LABELS


DEPARTMENT_LABELS = {
    "ID": "ID",
    "NAME": "Name",
    "SORT": "Sorting",
    "PARENT": "Parent department",
    "UF_HEAD": "Head of department",
}


def _render_department(call: Call, row: Department) -> Row:
    shown: Row = {"ID": str(row.id), "NAME": row.name, "SORT": 500}
    if row.parent:
        shown["PARENT"] = str(row.parent)
    if row.head and call.portal.switches.department_head:
        shown["UF_HEAD"] = str(row.head)
    return shown


@method("department.get", scope="department")
def departments(call: Call, params: Params) -> Any:
    """List departments by pages, filtered by ID, NAME, PARENT or UF_HEAD; PARENT 0 means the root (source: 2.25)."""
    rows = [_render_department(call, row) for row in call.world.people.departments.values()]
    for name in ("ID", "NAME", "PARENT", "UF_HEAD"):
        if params.has(name):
            wanted = [php.text_of(value) for value in params.values(name)]
            rows = [row for row in rows if php.text_of(row.get(name, "0" if name == "PARENT" else "")) in wanted]
    key = params.text("sort", "ID").upper()
    rows.sort(key=lambda row: sort_key(row.get(key)), reverse=params.text("order").upper() == "DESC")
    return page_of(rows, params.number("START"))


@method("department.fields", scope="department")
def department_fields(_call: Call, _params: Params) -> Any:
    """List the fields of a department with their labels."""
    return DEPARTMENT_LABELS
