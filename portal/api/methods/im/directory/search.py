"""im.search.*: find people, chats and departments, and keep the last found dialogs (reference: H)."""

from typing import Any

from portal.api.call import Call, Page, Params
from portal.api.methods.im.dialogs import dialog
from portal.api.methods.im.directory.departments import describe, require_employee
from portal.api.registry import method
from portal.errors import RestError
from portal.rules import rights
from portal.rules.messenger import chats
from portal.wire import shapes
from portal.world.messenger import Chat

MIN_LENGTH = 2
MAX_COUNT = 50
REMEMBERED = 20
"""Number of dialogs that the last search keeps; not documented."""


def _read_phrase(params: Params, *names: str) -> str:
    find = next((params.text(name).strip() for name in names if params.text(name).strip()), "")
    if len(find) < MIN_LENGTH:
        raise RestError("FIND_SHORT", "Too short a search phrase")
    return find.lower()


def page_of_offset(params: Params, rows: list[Any]) -> tuple[list[Any], int | None]:
    """Return the rows that OFFSET and LIMIT select, and the offset of the next page, or None after the last page.

    LIMIT is 10 by default and 50 at most.
    """
    offset, limit = max(0, params.number("OFFSET")), max(1, min(MAX_COUNT, params.number("LIMIT", 10)))
    return rows[offset : offset + limit], offset + limit if offset + limit < len(rows) else None


@method("im.search.user.list", scope="im")
def users(call: Call, params: Params) -> Any:
    """Find people by the beginnings of their names.

    The result is an object by user id, or [] when nobody is found.
    """
    find = _read_phrase(params, "FIND")
    found = [user for user in call.world.people.search(find) if rights.may_find(call.world, call.user, user)]
    page, rest = page_of_offset(params, found)
    return Page(result={str(user.id): shapes.im_user(user) for user in page} or [], total=len(found), next=rest)


@method("im.search.chat.list", scope="im")
def group_chats(call: Call, params: Params) -> Any:
    """Find chats of the caller by title.

    Open chats are found too, except by extranet users.
    """
    find = _read_phrase(params, "FIND", "FIND_LINES")
    visible = [chat for chat in call.world.messenger.of(call.user.id) if not chat.private]
    if not call.user.extranet:
        visible += [chat for chat in call.world.messenger.chats.values() if chat.kind == "O" and chat not in visible]
    found = [chat for chat in visible if find in chat.title.lower()]
    page, rest = page_of_offset(params, found)
    shown = [shapes.im_chat(call.world, chat, viewer=call.user.id) for chat in page]
    listed = [{name: value for name, value in row.items() if name not in ONLY_IN_DIALOG_GET} for row in shown]
    return Page(result=listed, total=len(found), next=rest)


ONLY_IN_DIALOG_GET = ("readed_list", "manager_list", "last_message_views", "dialog_id")
"""Fields of im.dialog.get that lists do not have."""


@method("im.search.department.list", scope="im")
def departments(call: Call, params: Params) -> Any:
    """Find departments by the beginnings of words in their names.

    A search text that is too short finds all departments.
    """
    require_employee(call)
    if not params.has("FIND"):
        raise RestError("FIND_SHORT", "Too short a search phrase")
    find = params.text("FIND").strip().lower()
    rows = list(call.world.people.departments.values())
    if len(find) >= MIN_LENGTH:
        rows = [row for row in rows if row.name.lower().startswith(find) or f" {find}" in row.name.lower()]
    page, rest = page_of_offset(params, rows)
    shown = [describe(call, row, heads=params.yes("USER_DATA")) for row in page]
    return Page(result=shown, total=len(rows), next=rest)


@method("im.search.last.add", scope="im")
def last_add(call: Call, params: Params) -> Any:
    """Add a dialog to the last search results of the caller."""
    name = dialog(call, params).dialog_for(call.user.id)
    kept = [old for old in call.world.preferences.searched.get(call.user.id, []) if old != name]
    call.world.preferences.searched[call.user.id] = [name, *kept][:REMEMBERED]
    return True


@method("im.search.last.delete", scope="im")
def last_delete(call: Call, params: Params) -> Any:
    """Remove a dialog from the last search results; an absent one is no error."""
    name = params.text("DIALOG_ID").strip()
    if not name:
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    kept = call.world.preferences.searched.get(call.user.id, [])
    call.world.preferences.searched[call.user.id] = [old for old in kept if old != name]
    return True


@method("im.search.last.get", scope="im")
def last_get(call: Call, params: Params) -> Any:
    """List the dialogs of the last search, newest first."""
    names = call.world.preferences.searched.get(call.user.id, [])
    found = [chats.find(call.portal, name, call.user.id) for name in names]
    rows = [chat for chat in found if chat is not None and call.user.id in chat.members]
    skipped = {True: params.yes("SKIP_DIALOG"), False: params.yes("SKIP_CHAT")}
    return [render_dialog(call, chat) for chat in rows if not skipped[chat.private]]


def render_dialog(call: Call, chat: Chat) -> dict[str, Any]:
    """Return a dialog as lists show it.

    A private dialog is shown as its other person.
    """
    shown = shapes.im_chat(call.world, chat, viewer=call.user.id)
    if not chat.private:
        picture = {"url": chat.avatar, "color": chat.color}
        inner = {name: shown[name] for name in CHAT_FIELDS}
        return {"id": f"chat{chat.id}", "type": "chat", "avatar": picture, "title": chat.title, "chat": inner}
    other = call.world.people.users[int(chat.dialog_for(call.user.id))]
    picture = {"url": other.avatar, "color": other.color}
    return {"id": other.id, "type": "user", "avatar": picture, "title": other.name, "user": shapes.im_user(other)}


CHAT_FIELDS = (
    *("id", "name", "owner", "extranet", "avatar", "color", "type", "entity_type", "entity_id"),
    *("entity_data_1", "entity_data_2", "entity_data_3", "mute_list", "date_create", "message_type"),
)
"""Fields of a chat in lists."""
