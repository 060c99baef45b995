"""im.dialog.*, im.chat.*, im.search.*: what a person can look up in the messenger (reference: F4, H)."""

from typing import Any

from portal import php, shapes
from portal.deeds import chats, messages
from portal.errors import RestError
from portal.rest.call import Call, Page, Params
from portal.rest.registry import method
from portal.state.people import Department
from portal.state.talk import Chat

MESSAGES = 20
MOST_MESSAGES = 50
SHORTEST = 2
NO_ACCESS = "You do not have access to the specified dialog"


def dialog(call: Call, params: Params) -> Chat:
    """Return the chat behind DIALOG_ID if the caller is in it; raises RestError."""
    name = params.text("DIALOG_ID").strip()
    if not name or name == "0":
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    chat = chats.found(call.portal, name, call.user.id)
    if chat is None and call.world.user(php.int_of(name)) is not None:
        chat = chats.private(call.portal, call.user.id, php.int_of(name), call.actor)
    if chat is None or call.user.id not in chat.members:
        raise RestError("ACCESS_ERROR", NO_ACCESS, 403)
    return chat


def chat_by_id(call: Call, params: Params) -> Chat:
    """Return the chat behind CHAT_ID if the caller is in it; raises RestError."""
    if params.number("CHAT_ID") <= 0:
        raise RestError("CHAT_ID_EMPTY", "Chat ID can't be empty")
    chat = call.world.talk.chats.get(params.number("CHAT_ID"))
    if chat is None or call.user.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You do not have access to this chat", 403)
    return chat


@method("im.dialog.get", scope="im")
def dialog_get(call: Call, params: Params) -> Any:
    """Describe a chat."""
    return shapes.im_chat(call.world, dialog(call, params), viewer=call.user.id)


@method("im.dialog.messages.get", scope="im")
def messages_get(call: Call, params: Params) -> Any:
    """List messages, newest first; LAST_ID pages to older ones, FIRST_ID to newer ones."""
    for name, code in (("FIRST_ID", "First"), ("LAST_ID", "Last")):
        given = params.get(name)
        if isinstance(given, str) and given and not given.strip().lstrip("-").isdecimal():
            raise RestError(f"{name}_STRING", f"{code} ID can't be string")
    chat, talk = dialog(call, params), call.world.talk
    limit = max(1, min(MOST_MESSAGES, params.number("LIMIT", MESSAGES)))
    numbers = talk.by_chat[chat.id]
    if params.has("FIRST_ID"):
        numbers = [number for number in numbers if number > params.number("FIRST_ID")][:limit]
    elif params.number("LAST_ID"):
        numbers = [number for number in numbers if number < params.number("LAST_ID")]
    rows = [talk.messages[number] for number in numbers[-limit:]][::-1]
    people = {row.author: call.world.people.users[row.author] for row in rows if row.author}
    return {
        "chat_id": chat.id,
        "messages": [shapes.im_message(call.world, row, viewer=call.user.id) for row in rows],
        "users": [shapes.im_user(user) for user in people.values()],
        "files": [
            shapes.im_file(file, row, author=people[row.author].name if row.author in people else "")
            for row in rows
            for file in row.files
        ],
    }


@method("im.dialog.read", scope="im")
def dialog_read(call: Call, params: Params) -> Any:
    """Mark a chat as read, up to a message or altogether."""
    chat, talk = dialog(call, params), call.world.talk
    last = params.number("MESSAGE_ID") or max(talk.by_chat[chat.id], default=0)
    talk.read[chat.id, call.user.id] = max(last, talk.read.get((chat.id, call.user.id), 0))
    counter = talk.unread(chat.id, call.user.id)
    return {"dialogId": params.text("DIALOG_ID"), "chatId": chat.id, "lastId": last, "counter": counter}


@method("im.dialog.writing", scope="im")
def dialog_writing(call: Call, params: Params) -> Any:
    """Show that the person is typing."""
    messages.starts_typing(call.portal, dialog(call, params), call.user.id)
    return True


@method("im.dialog.users.list", scope="im")
def dialog_users(call: Call, params: Params) -> Any:
    """List the members of a chat as users."""
    members = dialog(call, params).members
    return Page(result=[shapes.im_user(call.world.people.users[member]) for member in members], total=len(members))


@method("im.chat.user.list", scope="im")
def chat_users(call: Call, params: Params) -> Any:
    """List the ids of a chat's members."""
    return list(chat_by_id(call, params).members)


@method("im.chat.add", scope="im")
def chat_add(call: Call, params: Params) -> Any:
    """Make a chat that the caller owns."""
    members = [php.int_of(value) for value in params.values("USERS")]
    known = [member for member in members if call.world.user(member)]
    chat = chats.create(
        call.portal,
        call.actor,
        title=params.text("TITLE") or "New chat",
        members=known,
        kind="O" if params.text("TYPE").upper() == "OPEN" else "C",
        description=params.text("DESCRIPTION"),
        entity_type=params.text("ENTITY_TYPE"),
        entity_id=params.text("ENTITY_ID"),
    )
    if params.text("MESSAGE"):
        draft = messages.Draft(author=call.user.id, chat=chat.id, text=params.text("MESSAGE"))
        messages.write(call.portal, draft, call.actor)
    return chat.id


@method("im.chat.get", scope="im")
def chat_get(call: Call, params: Params) -> Any:
    """Find a chat by what it belongs to; nothing found is null, no error."""
    wanted = (params.text("ENTITY_TYPE"), params.text("ENTITY_ID"))
    found = (chat for chat in call.world.talk.chats.values() if (chat.entity_type, chat.entity_id) == wanted)
    chat = next((chat for chat in found if all(wanted)), None)
    return {"ID": chat.id} if chat else None


@method("im.chat.user.add", scope="im")
def chat_user_add(call: Call, params: Params) -> Any:
    """Add people to a chat."""
    chat = chat_by_id(call, params)
    users = [php.int_of(value) for value in params.values("USERS")]
    if not chats.join(call.portal, chat, [user for user in users if call.world.user(user)], call.actor):
        raise RestError("WRONG_REQUEST", "You don't have access or user already member in chat")
    return True


@method("im.chat.user.delete", scope="im")
def chat_user_delete(call: Call, params: Params) -> Any:
    """Remove a person from a chat; only its owner or managers may."""
    chat, user = chat_by_id(call, params), params.number("USER_ID")
    if user <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if user != call.user.id and call.user.id not in (chat.owner, *chat.managers):
        raise RestError("ACCESS_DENIED_KICK", "Access denied to kick user from chat", 403)
    if not chats.leave(call.portal, chat, user):
        raise RestError("USER_NOT_FOUND", "The specified user is not in the chat")
    return True


@method("im.chat.leave", scope="im")
def chat_leave(call: Call, params: Params) -> Any:
    """Leave a chat."""
    chats.leave(call.portal, chat_by_id(call, params), call.user.id)
    return True


@method("im.search.user.list", scope="im")
def search_users(call: Call, params: Params) -> Any:
    """Find people by the beginnings of their names: an object keyed by id, [] when empty."""
    find = params.text("FIND").strip()
    if len(find) < SHORTEST:
        raise RestError("FIND_SHORT", "Too short a search phrase")
    offset = max(0, params.number("OFFSET"))
    limit = max(1, min(MOST_MESSAGES, params.number("LIMIT", 10)))
    found = list(call.world.people.found(find))
    page = found[offset : offset + limit]
    rest = offset + limit < len(found)
    result = {str(user.id): shapes.im_user(user) for user in page}
    return Page(result=result or [], total=len(found), next=offset + limit if rest else None)


@method("im.search.chat.list", scope="im")
def search_chats(call: Call, params: Params) -> Any:
    """Find the caller's chats by title."""
    find = params.text("FIND").strip().lower()
    if len(find) < SHORTEST:
        raise RestError("FIND_SHORT", "Too short a search phrase")
    mine = [chat for chat in call.world.talk.of(call.user.id) if not chat.private and find in chat.title.lower()]
    return Page(result=[shapes.im_chat(call.world, chat, viewer=call.user.id) for chat in mine], total=len(mine))


@method("im.search.department.list", scope="im")
def search_departments(call: Call, params: Params) -> Any:
    """Find departments by the beginnings of the words in their names; a phrase that is too short finds all."""
    if not params.has("FIND"):
        raise RestError("FIND_SHORT", "Too short a search phrase")
    find = params.text("FIND").strip().lower()
    rows = list(call.world.people.departments.values())
    if len(find) >= SHORTEST:
        rows = [row for row in rows if _begins_word(row.name.lower(), find)]
    offset = max(0, params.number("OFFSET"))
    page = rows[offset : offset + max(1, min(MOST_MESSAGES, params.number("LIMIT", 10)))]
    return Page(result=[_department(call, row, heads=params.yes("USER_DATA")) for row in page], total=len(rows))


def _begins_word(name: str, find: str) -> bool:
    return name.startswith(find) or f" {find}" in name


def _department(call: Call, row: Department, *, heads: bool) -> dict[str, Any]:
    departments = call.world.people.departments
    names, above = [row.name], departments.get(row.parent)
    while above is not None and above.name not in names:
        names.append(above.name)
        above = departments.get(above.parent)
    shown = {"id": row.id, "name": row.name, "full_name": " / ".join(names), "manager_user_id": row.head}
    head = call.world.user(row.head)
    return {**shown, "manager_user_data": shapes.im_user(head)} if heads and head else shown


@method("im.user.get", scope="im")
def user_get(call: Call, params: Params) -> Any:
    """Describe a user, bots too."""
    number = params.number("ID") if params.has("ID") else call.user.id
    if number <= 0:
        raise RestError("ID_EMPTY", "User ID can't be empty")
    user = call.world.people.users.get(number)
    if user is None:
        raise RestError("USER_NOT_EXISTS", "User does not exist")
    return shapes.im_user(user)


@method("im.user.list.get", scope="im")
def user_list(call: Call, params: Params) -> Any:
    """Describe several users: an object keyed by id, or a list."""
    numbers = params.get("ID")
    if not isinstance(numbers, list | dict):
        raise RestError("INVALID_FORMAT", "A wrong format for the ID field is passed")
    users = {
        number: call.world.people.users.get(php.int_of(number)) for number in map(php.text_of, php.values_of(numbers))
    }
    shown = {number: shapes.im_user(user) if user else None for number, user in users.items()}
    return list(shown.values()) if params.text("RESULT_TYPE") == "array" else shown


@method("im.revision.get", scope="im")
def revision(_call: Call, _params: Params) -> Any:
    """Tell the API's revision."""
    return {"rest": 32, "web": 130, "mobile": 22, "desktop": 6, "im_revision_mobile": 22}
