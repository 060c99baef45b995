"""im.user.*, im.counters.get, im.revision.get: users of the messenger and unread counters (reference: F4)."""

from dataclasses import replace
from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.im.directory.departments import read_ids
from portal.api.registry import method
from portal.errors import RestError
from portal.rules import rights
from portal.wire import php, shapes

STATUSES = ("online", "dnd", "away", "break")
MINUTE = 60


@method("im.user.get", scope="im")
def get(call: Call, params: Params) -> Any:
    """Describe a user or a bot, by default the caller.

    An extranet user may ask only about people of their own groups and chats.
    """
    number = params.number("ID") if params.has("ID") else call.user.id
    if number <= 0:
        raise RestError("ID_EMPTY", "User ID can't be empty")
    user = call.world.people.users.get(number)
    if user is None:
        raise RestError("USER_NOT_EXISTS", "User does not exist")
    if not rights.may_contact(call.world, call.user, user):
        text = "You can request only users who are part of your extranet group"
        raise RestError("ACCESS_DENIED", text, 403)
    return shapes.im_user(user)


@method("im.user.list.get", scope="im")
def get_many(call: Call, params: Params) -> Any:
    """Describe several users by id.

    Unknown users are null; with RESULT_TYPE=array, the result is a list without them.
    """
    if not params.has("ID"):
        raise RestError("INVALID_FORMAT", "A wrong format for the ID field is passed")
    rows = {php.text_of(one): call.world.people.users.get(php.int_of(one)) for one in read_ids(params, "ID is empty")}
    shown = {
        number: shapes.im_user(user) if user is not None and rights.may_contact(call.world, call.user, user) else None
        for number, user in rows.items()
    }
    if params.text("RESULT_TYPE").lower() == "array":
        return [user for user in shown.values() if user is not None]
    return shown


@method("im.user.status.get", scope="im")
def status_get(call: Call, _params: Params) -> Any:
    """Return the status that the caller has chosen."""
    return call.user.status


@method("im.user.status.set", scope="im")
def status_set(call: Call, params: Params) -> Any:
    """Set the status of the caller; raise STATUS_ERROR for an unknown one."""
    wanted = params.text("STATUS").lower()
    if wanted not in STATUSES:
        raise RestError("STATUS_ERROR", "Status is not available")
    _change_caller(call, status=wanted)
    return True


@method("im.user.status.idle.start", scope="im")
def idle_start(call: Call, params: Params) -> Any:
    """Mark the caller as away since AGO minutes, 10 by default."""
    _change_caller(call, idle=call.portal.clock.now() - MINUTE * max(0, params.number("AGO", 10)))
    return True


@method("im.user.status.idle.end", scope="im")
def idle_end(call: Call, _params: Params) -> Any:
    """Mark the caller as back."""
    _change_caller(call, idle=None)
    return True


def _change_caller(call: Call, **values: Any) -> None:
    users = call.world.people.users
    users[call.user.id] = replace(users[call.user.id], **values)
    call.portal.hub.publish({"type": "chats"})


@method("im.counters.get", scope="im")
def counters(call: Call, _params: Params) -> Any:
    """Count the caller's unread messages by chat, and the unread notifications.

    Muted chats are counted separately.
    """
    messenger, me = call.world.messenger, call.user.id
    unread = {chat.id: messenger.unread(chat.id, me) for chat in messenger.of(me)}
    waiting = [(chat, unread[chat.id]) for chat in messenger.of(me) if unread[chat.id]]
    dialogs = {chat.dialog_for(me): count for chat, count in waiting if chat.private}
    groups = {str(chat.id): count for chat, count in waiting if not chat.private and me not in chat.muted}
    muted = {str(chat.id): count for chat, count in waiting if me in chat.muted}
    marked = [chat for chat in messenger.of(me) if call.world.preferences.mark(me, chat.id).unread]
    notify = call.world.notifications.unread(me)
    totals = {"NOTIFY": notify, "DIALOG": sum(dialogs.values()), "CHAT": sum(groups.values()), "LINES": 0}
    return {
        "TYPE": {"ALL": sum(totals.values()), **totals, "MESSENGER": totals["DIALOG"] + totals["CHAT"]},
        "DIALOG": dialogs or [],
        "DIALOG_UNREAD": [int(chat.dialog_for(me)) for chat in marked if chat.private],
        "CHAT": groups or [],
        "CHAT_MUTED": muted or [],
        "CHAT_UNREAD": [chat.id for chat in marked if not chat.private],
        "LINES": [],
    }


@method("im.revision.get", scope="im")
def revision(_call: Call, _params: Params) -> Any:
    """Return the revision of the API, for REST and for each client."""
    return {"rest": 32, "web": 130, "mobile": 22, "desktop": 6, "im_revision_mobile": 22}
