"""im.notify.get and im.notify.history.search: list the notifications of the caller (reference: F5)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.registry import method
from portal.clock import iso, moment_of
from portal.errors import RestError
from portal.rules.feed.posts import without_bb_code
from portal.rules.messenger import notifications
from portal.wire import php, shapes
from portal.world.notifications import TYPES, Notification

MAX_COUNT = 50
MIN_LENGTH = 3
CONFIRM = 1
DAY = 24 * 3600
BUTTONS = [{"TITLE": "Accept", "VALUE": "Y", "TYPE": "accept"}, {"TITLE": "Decline", "VALUE": "N", "TYPE": "cancel"}]


@method("im.notify.get", scope="im")
def get(call: Call, params: Params) -> Any:
    """List notifications of the caller: those that ask for confirmation first, then newest first.

    LAST_ID and LAST_TYPE select the page.
    """
    rows = call.world.notifications.of(call.user.id)
    unread = sum(1 for row in rows if not row.read)
    page = _make_page(rows, params)
    return {
        "total_count": len(rows),
        "total_unread_count": unread,
        "chat_id": notifications.chat_of(call.portal, call.user.id),
        "notifications": [_render(call, row, plainly=params.yes("CONVERT_TEXT")) for row in page],
        "users": _list_authors(call, page),
    }


def _make_page(rows: list[Notification], params: Params) -> list[Notification]:
    """Return the page of notifications that follows LAST_ID of the kind LAST_TYPE.

    LAST_TYPE 1 means notifications that ask for confirmation, 3 all others. Raise RestError when only one of the two
    parameters is sent, or LAST_ID is no number.
    """
    given = params.get("LAST_ID")
    if params.has("LAST_ID") != params.has("LAST_TYPE"):
        text = "Parameters LAST_ID and LAST_TYPE should be used together"
        raise RestError("LAST_ID_AND_LAST_TYPE", text)
    if isinstance(given, str) and given and not given.strip().isdecimal():
        raise RestError("LAST_ID_STRING", "Last notification ID can't be string")
    asking = [row for row in rows if row.kind == "confirm" and not row.answer]
    others = [row for row in rows if row not in asking]
    if params.number("LAST_ID"):
        last = params.number("LAST_ID")
        others = [row for row in others if row.id < last or params.number("LAST_TYPE") == CONFIRM]
        asking = [row for row in asking if row.id < last and params.number("LAST_TYPE") == CONFIRM]
    return [*asking, *others][: max(1, min(MAX_COUNT, params.number("LIMIT", MAX_COUNT)))]


@method("im.notify.history.search", scope="im")
def search(call: Call, params: Params) -> Any:
    """Find notifications of the caller by text, kind, date or author.

    Only the first page has the total number.
    """
    find = params.text("SEARCH_TEXT").strip().lower()
    filters = ("SEARCH_TYPE", "SEARCH_TYPES", "SEARCH_DATE", "SEARCH_DATE_FROM", "SEARCH_DATE_TO", "SEARCH_AUTHORS")
    if len(find) < MIN_LENGTH and not any(not php.is_empty(params.get(name)) for name in filters):
        raise RestError("SEARCH_TEXT_ERROR", "SEARCH_TEXT can't be less than 3 symbols")
    rows = [
        row for row in call.world.notifications.of(call.user.id) if find in row.text.lower() and _matches(row, params)
    ]
    first = not params.number("LAST_ID")
    page = [row for row in rows if first or row.id < params.number("LAST_ID")]
    page = page[: max(1, min(MAX_COUNT, params.number("LIMIT", MAX_COUNT)))]
    return {
        "chat_id": notifications.chat_of(call.portal, call.user.id),
        **({"total_results": len(rows)} if first else {}),
        "notifications": [_render(call, row, plainly=params.yes("CONVERT_TEXT")) for row in page],
        "users": _list_authors(call, page),
    }


def _matches(row: Notification, params: Params) -> bool:
    names = [php.text_of(one) for name in ("SEARCH_TYPE", "SEARCH_TYPES") for one in params.values(name)]
    authors = [php.int_of(value) for value in params.values("SEARCH_AUTHORS")]
    if (names and "rest|rest_notify" not in names) or (authors and row.author not in authors):
        return False
    since, until, day = (moment_of(params.text(name)) for name in ("SEARCH_DATE_FROM", "SEARCH_DATE_TO", "SEARCH_DATE"))
    if day is not None and not day <= row.date < day + DAY:
        return False
    return (since is None or row.date >= since) and (until is None or row.date <= until)


def _render(call: Call, row: Notification, *, plainly: bool) -> dict[str, Any]:
    owner = row.owner.removeprefix("custom")
    shown: dict[str, Any] = {
        "id": row.id,
        "chat_id": notifications.chat_of(call.portal, row.user),
        "author_id": row.author,
        "date": iso(row.date),
        "notify_type": TYPES[row.kind],
        "notify_module": "rest",
        "notify_event": "rest_notify",
        "notify_tag": f"MP|{owner}|{row.tag}" if row.tag else "",
        "notify_sub_tag": f"MP|{owner}|{row.sub_tag}" if row.sub_tag else "",
        "notify_title": None,
        "setting_name": "rest|rest_notify",
        "text": without_bb_code(row.text) if plainly else row.text,
        "notify_read": "Y" if row.read else "N",
        "params": {"ATTACH": [row.attach]} if row.attach else [],
    }
    return shown | {"notify_buttons": BUTTONS} if row.kind == "confirm" and not row.answer else shown


def _list_authors(call: Call, rows: list[Notification]) -> list[Any]:
    users = call.world.people.users
    return [shapes.im_user(users[one]) for one in dict.fromkeys(row.author for row in rows) if one in users]
