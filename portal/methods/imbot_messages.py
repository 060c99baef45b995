"""imbot.message.*, imbot.dialog.*, imbot.chat.*: a bot of the first generation talks (reference: F2, behaviour 4.2)."""

import re
from typing import Any

from portal import php, shapes
from portal.core import Actor
from portal.deeds import chats, messages
from portal.errors import Refused, RestError
from portal.methods import content, im_messages
from portal.methods.owners import v1_bot
from portal.rest.call import Call, Params
from portal.rest.registry import method
from portal.state.bots import Bot
from portal.state.talk import Chat

_DIALOG = re.compile(r"(\d{1,18}|(chat|sg|crm)\d{1,18})\Z", re.IGNORECASE)
NOT_ADDED = "Message isn't added"


@method("imbot.message.add", scope="imbot")
def add(call: Call, params: Params) -> Any:
    """Write as a bot; the text must not be empty even with an ATTACH."""
    bot = v1_bot(call, params)
    one, other = params.number("FROM_USER_ID"), params.number("TO_USER_ID")
    chat = _between(call, one, other) if one > 0 and other > 0 else dialog(call, params, bot)
    text = params.text("MESSAGE").strip()
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    objects = content.objects(call, params, bot=bot.id, how="add")
    system = params.yes("SYSTEM") or (one > 0 and other > 0)
    draft = messages.Draft(
        author=bot.id,
        chat=chat.id,
        text=_signed(call, bot, chat, text) if system else text,
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        menu=objects.of("menu"),
        template=params.text("TEMPLATE_ID")[:255],
        system=system,
        uninvited=system,
    )
    try:
        return messages.write(call.portal, draft, call.actor).id
    except Refused as because:
        raise RestError("WRONG_REQUEST", NOT_ADDED, because=because) from because


def _between(call: Call, one: int, other: int) -> Chat:
    if call.world.user(one) is None or call.world.user(other) is None:
        raise RestError("WRONG_REQUEST", NOT_ADDED)
    return chats.private(call.portal, one, other, call.actor)


def _signed(call: Call, bot: Bot, chat: Chat, text: str) -> str:
    """Sign a system message: in a group with the bot's name (behaviour 4.4)."""
    if bot.id in chat.members and chat.private:
        return text
    name = call.world.people.users[bot.id].name
    return f"from [USER={bot.id}][/USER][BR]{text}" if chat.private else f"{name}:[br]{text}"


def dialog(call: Call, params: Params, bot: Bot) -> Chat:
    """Return the chat behind DIALOG_ID as the bot sees it; raises RestError."""
    name = params.text("DIALOG_ID").strip()
    if not _DIALOG.match(name) or name == "0":
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    if name.isdecimal():
        if call.world.user(int(name)) is None:
            raise RestError("WRONG_REQUEST", NOT_ADDED)
        return chats.private(call.portal, bot.id, int(name), Actor(user=bot.id, hops=call.hops))
    chat = chats.found(call.portal, name, bot.id)
    if chat is None:
        raise RestError("WRONG_REQUEST", NOT_ADDED)
    return chat


@method("imbot.message.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Edit a bot's message: empty text deletes it, "N" removes an object."""
    bot = v1_bot(call, params)
    return im_messages.change(call, params, user=bot.id, bot=bot.id, menu_code="MENU_ERROR")


@method("imbot.message.delete", scope="imbot")
def delete(call: Call, params: Params) -> Any:
    """Delete a bot's message; COMPLETE leaves no trace."""
    return im_messages.remove(call, params, user=v1_bot(call, params).id, complete=params.yes("COMPLETE"))


@method("imbot.dialog.get", scope="imbot")
def dialog_get(call: Call, params: Params) -> Any:
    """Describe a chat the bot is in."""
    name = params.text("DIALOG_ID").strip()
    if not name or name == "0":
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    bot = v1_bot(call, params)
    chat = chats.found(call.portal, name, bot.id)
    if chat is None or bot.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    return shapes.im_chat(call.world, chat, viewer=bot.id)


@method("imbot.chat.sendTyping", scope="imbot")
def send_typing(call: Call, params: Params) -> Any:
    """Show that the bot is typing."""
    bot = v1_bot(call, params)
    messages.starts_typing(call.portal, dialog(call, params, bot), bot.id)
    return True


def _chat(call: Call, params: Params, bot: Bot) -> Chat:
    if params.number("CHAT_ID") <= 0:
        raise RestError("CHAT_ID_EMPTY", "Chat ID can't be empty")
    chat = call.world.talk.chats.get(params.number("CHAT_ID"))
    if chat is None or bot.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You don't have access to this chat", 403)
    return chat


@method("imbot.chat.user.list", scope="imbot")
def chat_users(call: Call, params: Params) -> Any:
    """List the members of a chat the bot is in."""
    return list(_chat(call, params, v1_bot(call, params)).members)


@method("imbot.chat.leave", scope="imbot")
def chat_leave(call: Call, params: Params) -> Any:
    """Let the bot leave a chat."""
    bot = v1_bot(call, params)
    if not chats.leave(call.portal, _chat(call, params, bot), bot.id):
        raise RestError("WRONG_REQUEST", "You don't have access or user isn't a member in chat")
    return True


@method("imbot.chat.add", scope="imbot")
def chat_add(call: Call, params: Params) -> Any:
    """Let the bot make a chat that it owns."""
    bot = v1_bot(call, params)
    if params.has("USERS") and not isinstance(params.get("USERS"), list | dict):
        raise RestError("INVALID_FORMAT", "Parameter USERS has wrong type")
    users = [php.int_of(value) for value in params.values("USERS")]
    actor = Actor(user=bot.id, hops=call.hops)
    chat = chats.create(
        call.portal,
        actor,
        title=params.text("TITLE") or "New chat",
        members=[user for user in users if call.world.user(user)],
        kind="O" if params.text("TYPE").upper() == "OPEN" else "C",
        entity_type=params.text("ENTITY_TYPE"),
        entity_id=params.text("ENTITY_ID"),
    )
    if params.text("MESSAGE"):
        messages.write(call.portal, messages.Draft(author=bot.id, chat=chat.id, text=params.text("MESSAGE")), actor)
    return chat.id
