"""imbot.v2.Chat.Manager.*, setOwner, TextField: a bot manages a chat that it owns (reference: E2)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.imbotv2.chats import get_bot_and_chat
from portal.api.methods.shared.bot_owner import denied
from portal.api.registry import method
from portal.errors import RestError
from portal.rules.messenger import chats
from portal.wire import php
from portal.world.messenger import Chat


def _get_owned_chat(call: Call, params: Params) -> Chat:
    """Return a group chat that the bot owns; raise ACCESS_DENIED for any other chat."""
    bot, chat = get_bot_and_chat(call, params)
    if chat.private or chat.owner != bot.id:
        raise denied(call)
    return chat


@method("imbot.v2.Chat.setOwner", scope="imbot")
def set_owner(call: Call, params: Params) -> Any:
    """Make another member the owner of a chat that the bot owns; raise ACCESS_DENIED for a non-member."""
    chat, user = _get_owned_chat(call, params), params.number("userId")
    if user not in chat.members:
        raise denied(call)
    chats.change(call.portal, chat, owner=user)
    return {"result": True}


def _set_managers(call: Call, params: Params, *, manager: bool) -> dict[str, bool]:
    """Make the members in userIds managers or ordinary members; ignore people who are not members.

    Raise EMPTY_USER_IDS without ids.
    """
    chat = _get_owned_chat(call, params)
    users = [php.int_of(value) for value in params.values("userIds")]
    if not users:
        raise RestError("EMPTY_USER_IDS", "Empty user IDs")
    for user in users:
        if user in chat.members:
            chat = chats.set_manager(call.portal, chat, user, manager=manager)
    return {"result": True}


@method("imbot.v2.Chat.Manager.add", scope="imbot")
def manager_add(call: Call, params: Params) -> Any:
    """Make the members in userIds managers of a chat that the bot owns."""
    return _set_managers(call, params, manager=True)


@method("imbot.v2.Chat.Manager.delete", scope="imbot")
def manager_delete(call: Call, params: Params) -> Any:
    """Make the managers in userIds ordinary members of a chat that the bot owns."""
    return _set_managers(call, params, manager=False)


@method("imbot.v2.Chat.TextField.enabled", scope="imbot")
def text_field(call: Call, params: Params) -> Any:
    """Hide the input field of people in a chat, or show it again.

    This works in private dialogs too.
    """
    _, chat = get_bot_and_chat(call, params)
    chats.change(call.portal, chat, text_field=params.yes("enabled", default=True))
    return {"result": True}
