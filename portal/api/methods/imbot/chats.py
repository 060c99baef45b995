"""imbot.chat.*, imbot.dialog.get: chats of a bot of the first generation (reference: F2)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.im import chats as im_chats
from portal.api.methods.imbot.messages import dialog
from portal.api.methods.shared.bot_owner import v1_bot
from portal.api.registry import method
from portal.engine.core import Actor
from portal.errors import RestError
from portal.rules import rights
from portal.rules.messenger import chats, messages
from portal.wire import php, shapes
from portal.world.bots import Bot
from portal.world.messenger import Chat


@method("imbot.dialog.get", scope="imbot")
def dialog_get(call: Call, params: Params) -> Any:
    """Describe a chat that the bot is in."""
    name = params.text("DIALOG_ID").strip()
    if not name or name == "0":
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    bot = v1_bot(call, params)
    chat = chats.find(call.portal, name, bot.id)
    if chat is None or bot.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    return shapes.im_chat(call.world, chat, viewer=bot.id)


@method("imbot.chat.sendTyping", scope="imbot")
def send_typing(call: Call, params: Params) -> Any:
    """Show the other members of a chat that the bot is typing."""
    bot = v1_bot(call, params)
    chat = dialog(call, params, bot)
    if bot.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    messages.show_typing(call.portal, chat, bot.id)
    return True


def _get_bot_and_chat(call: Call, params: Params) -> tuple[Bot, Chat]:
    """Return the bot and the chat of CHAT_ID or DIALOG_ID; raise RestError for a non-member."""
    bot = v1_bot(call, params)
    chat = im_chats.find_chat(call, params, bot.id)
    if chat is None or bot.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You don't have access to this chat", 403)
    return bot, chat


@method("imbot.chat.add", scope="imbot")
def chat_add(call: Call, params: Params) -> Any:
    """Create a chat that the bot owns, and return its id."""
    bot = v1_bot(call, params)
    users = [php.int_of(value) for value in params.values("USERS")]
    members = [user for user in users if call.world.user(user)]
    return im_chats.make(call, params, actor=Actor(user=bot.id, hops=call.hops), members=members).id


@method("imbot.chat.get", scope="imbot")
def chat_get(call: Call, params: Params) -> Any:
    """Return the id of the chat that belongs to an entity, or describe the chat of DIALOG_ID.

    For an entity, the result is null when the bot is not a member.
    """
    return im_chats.get_chat(call, params, viewer=v1_bot(call, params).id)


@method("imbot.chat.leave", scope="imbot")
def chat_leave(call: Call, params: Params) -> Any:
    """Remove the bot from a chat."""
    bot, chat = _get_bot_and_chat(call, params)
    if not chats.leave(call.portal, chat, bot.id):
        raise RestError("WRONG_REQUEST", "You don't have access or user isn't a member in chat")
    return True


@method("imbot.chat.user.list", scope="imbot")
def chat_users(call: Call, params: Params) -> Any:
    """Return the ids of the members of a chat; raise ACCESS_ERROR when the bot is not a member."""
    return list(_get_bot_and_chat(call, params)[1].members)


@method("imbot.chat.user.add", scope="imbot")
def chat_user_add(call: Call, params: Params) -> Any:
    """Add people to a chat.

    They see only later messages, unless HIDE_HISTORY is N.
    """
    bot, chat = _get_bot_and_chat(call, params)
    if chat.private:
        raise RestError("ACCESS_ERROR", "It is forbidden to add users to this chat", 403)
    if not isinstance(params.get("USERS"), list | dict):
        raise RestError("WRONG_REQUEST", "User IDs must be passed in array format")
    users = [php.int_of(value) for value in params.values("USERS")]
    history = not params.yes("HIDE_HISTORY", default=True)
    actor = Actor(user=bot.id, hops=call.hops)
    return im_chats.add_people(call, chat, [one for one in users if call.world.user(one)], actor, history=history)


@method("imbot.chat.user.delete", scope="imbot")
def chat_user_delete(call: Call, params: Params) -> Any:
    """Remove a person from a chat.

    The bot must own or manage the chat; the owner cannot be removed.
    """
    bot, chat = _get_bot_and_chat(call, params)
    user = params.number("USER_ID")
    if user <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if not rights.manages(chat, bot.id) or user == chat.owner:
        raise RestError("ACCESS_ERROR", "It is forbidden to delete users of this chat", 403)
    if not chats.leave(call.portal, chat, user):
        raise RestError("WRONG_REQUEST", "You don't have access or user isn't a member of the chat")
    return True


@method("imbot.chat.setOwner", scope="imbot")
def set_owner(call: Call, params: Params) -> Any:
    """Make another member the owner of a chat that the bot owns."""
    bot, chat = _get_bot_and_chat(call, params)
    return im_chats.change_owner(call, params, chat, by=bot.id)


@method("imbot.chat.setManager", scope="imbot")
def set_manager(call: Call, params: Params) -> Any:
    """Make a member of a chat that the bot owns a manager, or with IS_MANAGER=N an ordinary member."""
    bot, chat = _get_bot_and_chat(call, params)
    return im_chats.change_manager(call, params, chat, by=bot.id)


def _get_changeable(call: Call, params: Params, text: str) -> Chat:
    """Return a group chat that the bot owns or manages; raise ACCESS_ERROR, with `text`, for any other."""
    bot, chat = _get_bot_and_chat(call, params)
    if not rights.manages(chat, bot.id):
        raise RestError("ACCESS_ERROR", text, 403)
    return chat


@method("imbot.chat.updateTitle", scope="imbot")
def update_title(call: Call, params: Params) -> Any:
    """Change the title of a chat."""
    return im_chats.change_title(call, params, _get_changeable(call, params, "This chat cannot be renamed"))


@method("imbot.chat.updateColor", scope="imbot")
def update_color(call: Call, params: Params) -> Any:
    """Change the colour of a chat."""
    return im_chats.change_color(call, params, _get_changeable(call, params, "Action unavailable"))


@method("imbot.chat.updateAvatar", scope="imbot")
def update_avatar(call: Call, params: Params) -> Any:
    """Change the avatar of a chat."""
    return im_chats.change_avatar(
        call, params, _get_changeable(call, params, "The avatar of this chat cannot be changed")
    )
