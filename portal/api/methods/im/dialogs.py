"""im.dialog.*: what a person sees and does in one chat (reference: F4)."""

from typing import Any

from portal.api.call import Call, Page, Params
from portal.api.registry import method
from portal.clock import moment_of
from portal.errors import RestError
from portal.rules import rights
from portal.rules.messenger import chats, messages
from portal.wire import files, found, message_shapes, php, shapes
from portal.world.messenger import Chat, Message

MESSAGES = 20
MAX_MESSAGES = 50
MAX_USERS = 200
MAX_FOUND = 200
MIN_SEARCH_LENGTH = 3
DAY = 24 * 3600
NO_ACCESS = "You do not have access to the specified dialog"


def dialog(call: Call, params: Params) -> Chat:
    """Return the chat that DIALOG_ID names; create a private dialog with a person when there is none.

    Raise RestError when the caller is not a member of the chat or may not write to the person.
    """
    name = params.text("DIALOG_ID").strip()
    if not name or name == "0":
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    chat = chats.find(call.portal, name, call.user.id)
    if chat is None and name.isdecimal():
        other = call.world.user(php.int_of(name))
        if other is not None and rights.may_contact(call.world, call.user, other):
            chat = chats.private_dialog(call.portal, call.user.id, other.id, call.actor)
    if chat is None or call.user.id not in chat.members:
        raise RestError("ACCESS_ERROR", NO_ACCESS, 403)
    return chat


def people_of(call: Call, rows: list[Message]) -> list[Any]:
    """Return the authors of messages in the form of im.*, each once."""
    users = call.world.people.users
    return [shapes.im_user(users[number]) for number in dict.fromkeys(row.author for row in rows) if number in users]


def author_of(call: Call, message: Message) -> str:
    """Return the name of a message's author; the system has an empty name."""
    user = call.world.people.users.get(message.author)
    return user.name if user is not None else ""


@method("im.dialog.get", scope="im")
def dialog_get(call: Call, params: Params) -> Any:
    """Describe the chat that DIALOG_ID names."""
    return shapes.im_chat(call.world, dialog(call, params), viewer=call.user.id)


@method("im.dialog.messages.get", scope="im")
def messages_get(call: Call, params: Params) -> Any:
    """List messages of a chat with their authors and files, newest first.

    LAST_ID pages to older messages, FIRST_ID to newer ones.
    """
    for name, code in (("FIRST_ID", "First"), ("LAST_ID", "Last")):
        given = params.get(name)
        if isinstance(given, str) and given and not given.strip().lstrip("-").isdecimal():
            raise RestError(f"{name}_STRING", f"{code} ID can't be string")
    chat, messenger = dialog(call, params), call.world.messenger
    limit = max(1, min(MAX_MESSAGES, params.number("LIMIT", MESSAGES)))
    numbers = messenger.shown(chat.id, call.user.id)
    if params.has("FIRST_ID"):
        numbers = [number for number in numbers if number > params.number("FIRST_ID")][:limit]
    elif params.number("LAST_ID"):
        numbers = [number for number in numbers if number < params.number("LAST_ID")]
    rows = [messenger.messages[number] for number in numbers[-limit:]][::-1]
    return {
        "chat_id": chat.id,
        "messages": [message_shapes.im_message(call.world, row, viewer=call.user.id) for row in rows],
        "users": people_of(call, rows),
        "files": [files.im_file(file, row, author=author_of(call, row)) for row in rows for file in row.files],
    }


@method("im.dialog.messages.search", scope="im")
def messages_search(call: Call, params: Params) -> Any:
    """Find messages of a chat by text and dates, newest first.

    ORDER={ID: ASC} reverses the order.
    """
    if params.number("CHAT_ID") <= 0:
        raise RestError("CHAT_ID_EMPTY", "CHAT_ID can't be empty")
    chat, messenger = call.world.messenger.chats.get(params.number("CHAT_ID")), call.world.messenger
    if chat is None or call.user.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You do not have access to this chat", 403)
    rows = [messenger.messages[number] for number in messenger.shown(chat.id, call.user.id)]
    rows = [row for row in rows if _matches(row, params)]
    if params.inner("ORDER").text("ID").upper() != "ASC":
        rows.reverse()
    if params.number("LAST_ID"):
        rows = [row for row in rows if row.id < params.number("LAST_ID")]
    rows = rows[: max(1, min(MAX_FOUND, params.number("LIMIT", 50)))]
    reacted = [row for row in rows if row.reactions]
    users = call.world.people.users
    return {
        "users": [found.in_camel_case(user) for user in people_of(call, rows)],
        "files": [files.im2_file(file, row, author=author_of(call, row)) for row in rows for file in row.files],
        "additionalMessages": _list_quoted(call, rows),
        "copilot": None,
        "stickers": [],
        "reactions": [found.reactions(row, viewer=call.user.id) for row in reacted],
        "tariffRestrictions": {"isHistoryLimitExceeded": False},
        "usersShort": [
            {"id": one, "name": users[one].name, "avatar": users[one].avatar}
            for one in dict.fromkeys(user for row in reacted for user, _ in row.reactions)
        ],
        "messages": [found.message(call.world, row, viewer=call.user.id) for row in rows],
    }


def _list_quoted(call: Call, rows: list[Message]) -> list[Any]:
    """Return the messages that the found ones answer, if the caller may see them."""
    messenger = call.world.messenger
    quoted = (messenger.messages.get(number) for number in dict.fromkeys(row.reply_to for row in rows if row.reply_to))
    seen = [row for row in quoted if row is not None and row.id in messenger.shown(row.chat, call.user.id)]
    return [found.message(call.world, row, viewer=call.user.id) for row in seen]


def _matches(row: Message, params: Params) -> bool:
    """Tell whether a message contains SEARCH_MESSAGE and was written on the dates of the call.

    A search text that is too short matches nothing.
    """
    find = params.text("SEARCH_MESSAGE").strip().lower()
    if find and (len(find) < MIN_SEARCH_LENGTH or find not in row.text.lower()):
        return False
    since, until, day = (moment_of(params.text(name)) for name in ("DATE_FROM", "DATE_TO", "DATE"))
    if day is not None and not day <= row.date < day + DAY:
        return False
    return (since is None or row.date >= since) and (until is None or row.date <= until)


@method("im.dialog.read", scope="im")
def dialog_read(call: Call, params: Params) -> Any:
    """Mark the messages of a chat as read, up to MESSAGE_ID or all."""
    chat, messenger = dialog(call, params), call.world.messenger
    newest = max(messenger.by_chat[chat.id], default=0)
    last = min(newest, max(0, params.number("MESSAGE_ID")) or newest)
    messenger.read[chat.id, call.user.id] = max(last, messenger.read.get((chat.id, call.user.id), 0))
    chats.mark_unread(call.portal, call.user.id, chat, unread=False)
    counter = messenger.unread(chat.id, call.user.id)
    return {"dialogId": params.text("DIALOG_ID"), "chatId": chat.id, "lastId": last, "counter": counter}


@method("im.dialog.read.all", scope="im")
def dialog_read_all(call: Call, _params: Params) -> Any:
    """Mark all chats of the caller as read."""
    messenger = call.world.messenger
    for chat in messenger.of(call.user.id):
        messenger.read[chat.id, call.user.id] = max(messenger.by_chat[chat.id], default=0)
        chats.mark_unread(call.portal, call.user.id, chat, unread=False)
    return True


@method("im.dialog.unread", scope="im")
def dialog_unread(call: Call, params: Params) -> Any:
    """Mark the messages of a chat from MESSAGE_ID on as unread."""
    chat, number = dialog(call, params), params.number("MESSAGE_ID")
    if number <= 0:
        raise RestError("MESSAGE_ID_ERROR", "First unread message id can't be empty")
    call.world.messenger.read[chat.id, call.user.id] = number - 1
    chats.publish_change(call.portal, chat, "chats")
    return True


@method("im.dialog.writing", scope="im")
def dialog_writing(call: Call, params: Params) -> Any:
    """Show the other members of a chat that the caller is typing."""
    messages.show_typing(call.portal, dialog(call, params), call.user.id)
    return True


@method("im.dialog.users.list", scope="im")
def dialog_users(call: Call, params: Params) -> Any:
    """List the members of a chat as users, by pages.

    LAST_ID or OFFSET selects the page; SKIP_EXTERNAL leaves out bots.
    """
    members = sorted(dialog(call, params).members)
    users = [call.world.people.users[member] for member in members]
    if params.yes("SKIP_EXTERNAL"):
        kept = {php.text_of(kind).strip().lower() for kind in php.values_of(params.get("SKIP_EXTERNAL_EXCEPT_TYPES"))}
        users = [user for user in users if not user.bot or "bot" in kept]
    total = len(users)
    if params.number("LAST_ID"):
        users = [user for user in users if user.id > params.number("LAST_ID")]
    offset = max(0, params.number("OFFSET"))
    limit = max(1, min(MAX_USERS, params.number("LIMIT", 50)))
    page = users[offset : offset + limit]
    rest = offset + limit if offset + limit < len(users) else None
    return Page(result=[shapes.im_user(user) for user in page], total=total, next=rest)
