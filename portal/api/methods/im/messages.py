"""im.message.*: people write messages in their own name (reference: F4, behaviour 4.1, 4.6)."""

import re
from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.engine.core import Actor
from portal.errors import Refused, RestError
from portal.rules import rights
from portal.rules.messenger import chats, messages, reactions
from portal.wire import php
from portal.world.messenger import Chat, Message

_CHAT = re.compile(r"(chat|sg|crm)(\d{1,18})\Z", re.IGNORECASE)
TEMPLATE_LENGTH = 255


@method("im.message.add", scope="im")
def add(call: Call, params: Params) -> Any:
    """Write a message and return its id; the parameters are checked in the order of Bitrix24."""
    text = _read_text(params)
    chat = target(call, params)
    objects = content.objects(call, params, bot=params.number("BOT_ID"), how="add")
    reply = _read_reply(call, params, chat)
    system = params.yes("SYSTEM") and not chat.private and call.app is not None
    if system and call.app:
        text = f"[b]{call.app.name}[/b]\n{text}"
    draft = messages.MessageDraft(
        author=call.user.id,
        chat=chat.id,
        text=text,
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        menu=objects.of("menu"),
        reply_to=reply,
        template=params.text("TEMPLATE_ID")[:TEMPLATE_LENGTH],
        system=system and not call.user.extranet,
    )
    try:
        return messages.write(call.portal, draft, call.actor).id
    except Refused as because:
        raise RestError("PARAMS_ERROR", "Message isn't added", because=because) from because


def _read_text(params: Params) -> str:
    given = params.get("MESSAGE")
    if given is not None and not isinstance(given, str | int | float):
        raise RestError("MESSAGE_EMPTY", "Wrong message type")
    text = params.text("MESSAGE").strip()
    if not text and php.is_empty(params.get("ATTACH")):
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    return text


def target(call: Call, params: Params) -> Chat:
    """Return the chat that a message is sent to; create a private dialog when there is none.

    Raise RestError when there is no such chat or person, or the caller may not write there.
    """
    dialog = params.text("DIALOG_ID").strip()
    if not params.has("DIALOG_ID") and params.has("CHAT_ID"):
        dialog = f"chat{max(0, params.number('CHAT_ID'))}"
    if named := _CHAT.match(dialog):
        if not int(named[2]):
            raise RestError("CHAT_ID_EMPTY", "Chat ID can't be empty")
        return _get_group(call, dialog)
    if not params.has("DIALOG_ID") and not params.has("USER_ID"):
        raise RestError("PARAMS_ERROR", "Incorrect params")
    number = params.number("USER_ID") if not params.has("DIALOG_ID") else php.int_of(dialog)
    if number <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    other = call.world.user(number)
    if other is None:
        raise RestError("USER_NOT_FOUND", "User not found")
    if not (rights.may_contact(call.world, call.user, other) or chats.find(call.portal, str(number), call.user.id)):
        because = Refused("ERROR_NO_ACCESS", "You do not have permission to send messages to this user")
        raise RestError("PARAMS_ERROR", "Message isn't added", because=because)
    return chats.private_dialog(call.portal, call.user.id, number, call.actor)


def _get_group(call: Call, dialog: str) -> Chat:
    chat = chats.find(call.portal, dialog, call.user.id)
    if chat is None or call.user.id not in chat.members:
        because = Refused("CANCELED", "You do not have permission to send messages to this chat")
        raise RestError("PARAMS_ERROR", "Message isn't added", because=because)
    if not chat.writable:
        raise RestError("ACCESS_ERROR", "It is forbidden to send messages to this chat", 403)
    return chat


def _read_reply(call: Call, params: Params, chat: Chat) -> int | None:
    number = params.number("REPLY_ID")
    if number <= 0:
        return None
    message = find_visible(call, number, call.user.id)
    if message is None:
        raise RestError("REPLY_ACCESS_ERROR", "Action unavailable", 403)
    if message.chat != chat.id:
        text = "You can only reply to a message within the same chat"
        raise RestError("REPLY_FROM_OTHER_CHAT_ERROR", text, 403)
    return number


@method("im.message.update", scope="im")
def update(call: Call, params: Params) -> Any:
    """Edit a message of the caller.

    Keyboard, menu and attach are stored one after another, so an error in one keeps the earlier ones (behaviour 1.3).
    """
    return change(call, params, user=call.user.id, bot=params.number("BOT_ID"), menu_code="menu_ERROR")


def change(call: Call, params: Params, *, user: int, bot: int, menu_code: str) -> bool:
    """Edit a message of a user or bot and return True, for im.message.update and imbot.message.update.

    `user` is the id of the author, `bot` that of the bot whose commands buttons may call, `menu_code` the code of the
    error for an invalid menu. Raise RestError when the author may no longer edit the message or an object is invalid.
    """
    message = _get_message(call, params)
    try:
        message = messages.get_editable(call.portal, message.id, user)
    except Refused as refusal:
        raise RestError(refusal.code, refusal.text, 403) from refusal
    for kind in ("attach", "keyboard", "menu"):
        given: dict[str, Any] = {}
        if params.has(kind):
            try:
                content.read_object(call, given, kind=kind, raw=params.get(kind), bot=bot, how="update")
            except RestError as refusal:
                raise _with_menu_code(refusal, menu_code) from refusal
            # Each object is stored before the next one is checked, as in Bitrix24.
            message = messages.replace_objects(call.portal, message, **given)
    if params.has("MESSAGE"):
        messages.edit(call.portal, message, call.actor, text=params.text("MESSAGE"))
    return True


def _with_menu_code(refusal: RestError, menu_code: str) -> RestError:
    return RestError(menu_code, refusal.text) if refusal.code == "MENU_ERROR" else refusal


def _get_message(call: Call, params: Params) -> Message:
    number = params.number("MESSAGE_ID") or params.number("ID")
    if number <= 0:
        raise RestError("MESSAGE_ID_ERROR", "Message ID can't be empty")
    message = call.world.messenger.messages.get(number)
    if message is None:
        raise RestError("CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access", 403)
    return message


@method("im.message.delete", scope="im")
def delete(call: Call, params: Params) -> Any:
    """Delete a message of the caller; the owner and managers of a group chat may delete all messages."""
    return remove(call, params, user=call.user.id, complete=False)


def remove(call: Call, params: Params, *, user: int, complete: bool) -> bool:
    """Delete a message in the name of a user or bot and return True; raise RestError when they may not.

    With `complete`, no note stays in its place.
    """
    try:
        message = messages.get_deletable(call.portal, _get_message(call, params).id, user)
    except Refused as refusal:
        raise RestError(refusal.code, refusal.text, 403) from refusal
    messages.delete(call.portal, message, call.actor, complete=complete)
    return True


@method("im.message.like", scope="im")
def like(call: Call, params: Params) -> Any:
    """Like a message (ACTION=plus), remove the like (minus), or switch it."""
    return change_like(call, params, actor=call.actor)


def change_like(call: Call, params: Params, *, actor: Actor) -> bool:
    """Like or unlike a message in the name of a user or bot, and return True.

    Raise WITHOUT_CHANGES when nothing changes or they cannot see the message.
    """
    number = params.number("MESSAGE_ID") or params.number("ID")
    if number <= 0:
        raise RestError("MESSAGE_ID_ERROR", "Message ID can't be empty")
    message = find_visible(call, number, actor.user)
    wanted = {"plus": True, "minus": False}.get(params.text("ACTION").lower())
    if message is None or message.deleted or not reactions.like(call.portal, message, actor, wanted=wanted):
        raise RestError("WITHOUT_CHANGES", "Action completed without changes")
    return True


def find_visible(call: Call, number: int, user: int) -> Message | None:
    """Return a message if a user may see it, else None."""
    messenger = call.world.messenger
    message = messenger.messages.get(number)
    if message is None or user not in messenger.chats[message.chat].members:
        return None
    return message if message.id > messenger.since.get((message.chat, user), 0) else None


@method("im.message.command", scope="im")
def command(call: Call, params: Params) -> Any:
    """Call a bot's command for a message, as a pressed button does.

    No message is written.
    """
    if params.number("MESSAGE_ID") <= 0:
        raise RestError("MESSAGE_ID_ERROR", "Message ID can't be empty")
    if params.number("BOT_ID") <= 0:
        raise RestError("BOT_ID_ERROR", "Bot ID can't be empty")
    if not params.text("COMMAND"):
        raise RestError("COMMAND_ERROR", "Command can't be empty")
    message = find_visible(call, params.number("MESSAGE_ID"), call.user.id)
    if message is None:
        raise RestError("PARAMS_ERROR", "Incorrect params")
    name = params.text("COMMAND").removeprefix("/")
    pressed = {"COMMAND": name, "BOT_ID": params.number("BOT_ID"), "COMMAND_PARAMS": params.text("COMMAND_PARAMS")}
    if not messages.press(call.portal, message, pressed, "KEYBOARD", actor=call.actor):
        raise RestError("PARAMS_ERROR", "Incorrect params")
    return True
