"""im.notify and related methods: send, read, answer and delete notifications (reference: F5)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.errors import RestError
from portal.events.imbot import CUSTOM
from portal.rules import rights
from portal.rules.messenger import notifications
from portal.wire import php
from portal.world.notifications import Kind, Notification

SCHEMA = {
    "im": ("Messenger", {"invite": "Invitation to a chat", "like": "Like", "mention": "Mention"}),
    "rest": ("Applications", {"rest_notify": "Notification of an application"}),
}
"""Kinds of notifications by module, as im.notify.schema.get lists them."""


@method("im.notify", scope="im")
def notify(call: Call, params: Params) -> Any:
    """Notify a person in the name of the caller, or with TYPE=SYSTEM in the name of the system."""
    return _send(call, params, "system" if params.text("TYPE").upper() == "SYSTEM" else "user")


@method("im.notify.personal.add", scope="im")
def personal(call: Call, params: Params) -> Any:
    """Notify a person in the name of the caller."""
    return _send(call, params, "user")


@method("im.notify.system.add", scope="im")
def system(call: Call, params: Params) -> Any:
    """Notify a person in the name of the system."""
    return _send(call, params, "system")


def _send(call: Call, params: Params, kind: Kind) -> int | bool:
    if params.number("USER_ID") <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    text = params.text("MESSAGE").strip()
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    tagged = bool(params.text("TAG") or params.text("SUB_TAG"))
    owner = owner_of(call, params, needed=tagged)
    objects = content.objects(call, params, bot=0, how="update", kinds=("attach",))
    user = call.world.user(params.number("USER_ID"))
    if user is None or user.bot or not rights.may_contact(call.world, call.user, user):
        return False
    draft = notifications.NotificationDraft(
        to=user.id,
        text=text,
        kind=kind,
        author=call.user.id,
        owner=owner,
        tag=params.text("TAG"),
        sub_tag=params.text("SUB_TAG"),
        attach=objects.of("attach"),
    )
    return notifications.send(call.portal, draft).id


def owner_of(call: Call, params: Params, *, needed: bool) -> str:
    """Return the owner of notification tags: the application, or a webhook with CLIENT_ID.

    With `needed`, raise 403 ACCESS_DENIED for a webhook without CLIENT_ID; otherwise return an empty text.
    """
    if call.app is not None:
        return call.app.client_id
    client = params.text("CLIENT_ID")
    if not client and needed:
        raise RestError("ACCESS_DENIED", "Access denied! Client ID not specified", 403)
    return f"{CUSTOM}{client}" if client else ""


@method("im.notify.delete", scope="im")
def delete(call: Call, params: Params) -> Any:
    """Delete one notification of the caller by ID, or all notifications with a TAG or SUB_TAG.

    By tag, only notifications of the calling application are deleted. The result is false when there are none.
    """
    number, tag, sub_tag = params.number("ID"), params.text("TAG"), params.text("SUB_TAG")
    if not number and not tag and not sub_tag:
        raise RestError("PARAMS_ERROR", "Incorrect params")
    rows = list(call.world.notifications.rows.values())
    if number:
        return notifications.delete(call.portal, [row for row in rows if row.id == number and row.user == call.user.id])
    owner = owner_of(call, params, needed=True)
    field, wanted = ("tag", tag) if tag else ("sub_tag", sub_tag)
    return notifications.delete(
        call.portal, [row for row in rows if row.owner == owner and getattr(row, field) == wanted]
    )


def _get_own(call: Call, number: int) -> Notification | None:
    row = call.world.notifications.rows.get(number)
    return row if row is not None and row.user == call.user.id else None


@method("im.notify.read", scope="im")
def read(call: Call, params: Params) -> Any:
    """Mark the caller's notifications up to ID as read, or with ACTION=N as unread.

    With ONLY_CURRENT=Y, mark only the notification with this id. Without ID, nothing is marked, and the result is true
    (source: 2.6).
    """
    number = params.number("ID")
    if number <= 0:
        if call.portal.switches.read_without_id == "true":
            return True
        raise RestError("PARAMS_ERROR", "Incorrect params")
    only = params.yes("ONLY_CURRENT")
    rows = [
        row for row in call.world.notifications.of(call.user.id) if row.id == number or (row.id < number and not only)
    ]
    notifications.mark(call.portal, rows, read=params.yes("ACTION", default=True))
    return True


@method("im.notify.read.list", scope="im")
def read_list(call: Call, params: Params) -> Any:
    """Mark the notifications in IDS as read, or with ACTION=N as unread."""
    if not isinstance(params.get("IDS"), list | dict):
        raise RestError("PARAMS_ERROR", "No IDS param or it is not an array")
    wanted = {php.int_of(value) for value in params.values("IDS")}
    rows = [row for row in call.world.notifications.of(call.user.id) if row.id in wanted]
    notifications.mark(call.portal, rows, read=params.yes("ACTION", default=True))
    return True


@method("im.notify.read.all", scope="im")
def read_all(call: Call, _params: Params) -> Any:
    """Mark all notifications as read, except those that wait for an answer."""
    rows = call.world.notifications.of(call.user.id)
    notifications.mark(call.portal, [row for row in rows if row.kind != "confirm" and not row.read], read=True)
    return {"result": True, "newCounter": call.world.notifications.unread(call.user.id)}


@method("im.notify.answer", scope="im")
def answer(call: Call, params: Params) -> Any:
    """Answer a notification of the caller with ANSWER_TEXT.

    A notification that asks for no answer stays unchanged, and the result says so.
    """
    text = params.text("ANSWER_TEXT").strip()
    return _answer(call, params, text, RestError("ANSWER_TEXT_ERROR", "ANSWER_TEXT can't be empty"))


@method("im.notify.confirm", scope="im")
def confirm(call: Call, params: Params) -> Any:
    """Answer a notification of the caller with NOTIFY_VALUE, the value of one of its buttons.

    A notification that asks for no answer stays unchanged, and the result says so.
    """
    value = params.text("NOTIFY_VALUE").strip()
    return _answer(call, params, value, RestError("NOTIFY_VALUE_ERROR", "Notification Value can't be empty"))


def _answer(call: Call, params: Params, given: str, empty: RestError) -> dict[str, Any]:
    number = params.number("NOTIFY_ID") or params.number("ID")
    if number <= 0:
        raise RestError("ID_ERROR", "Notification ID can't be empty")
    if not given:
        raise empty
    notification = _get_own(call, number)
    if notification is None or notification.kind != "confirm" or notification.answer:
        return {"result_message": False}
    notifications.answer(call.portal, notification, given)
    return {"result_message": [f"Answered: {given}"]}


@method("im.notify.schema.get", scope="im")
def schema(_call: Call, _params: Params) -> Any:
    """List the kinds of notifications by module."""
    return {
        module: {
            "NAME": name,
            "MODULE_ID": module,
            "LIST": [{"ID": f"{module}|{kind}", "NAME": title} for kind, title in kinds.items()],
        }
        for module, (name, kinds) in SCHEMA.items()
    }
