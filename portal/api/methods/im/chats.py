"""im.chat.*: people create and change group chats (reference: F4)."""

from collections.abc import Mapping
from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.engine.core import Actor
from portal.errors import RestError
from portal.rules import rights
from portal.rules.messenger import chats, files, messages
from portal.wire import colors, php, shapes
from portal.wire.images import size_of
from portal.world.messenger import Chat

MAX_SIDE = 5000
"""Longest side of an avatar in pixels."""


def find_chat(call: Call, params: Params, viewer: int) -> Chat | None:
    """Return the chat that CHAT_ID or DIALOG_ID names for a user, or None when there is none (source: 2.7).

    Raise CHAT_ID_EMPTY when neither is sent.
    """
    dialog = params.text("DIALOG_ID").strip()
    if params.number("CHAT_ID") <= 0 and dialog not in ("", "0"):
        return chats.find(call.portal, dialog, viewer)
    if params.number("CHAT_ID") <= 0:
        raise RestError("CHAT_ID_EMPTY", "Chat ID can't be empty")
    return call.world.messenger.chats.get(params.number("CHAT_ID"))


def chat_by_id(call: Call, params: Params) -> Chat:
    """Return the chat that the call names; raise RestError when there is none or the caller is not a member."""
    chat = find_chat(call, params, call.user.id)
    if chat is None or call.user.id not in chat.members:
        raise RestError("ACCESS_ERROR", "You do not have access to this chat", 403)
    return chat


def avatar(call: Call, text: str) -> str:
    """Store an avatar, given as base64, and return its address; raise AVATAR_ERROR when it is invalid or too big."""
    picture = content.decode_base64(text)
    size = size_of(picture or b"")
    if picture is None or size is None:
        raise RestError("AVATAR_ERROR", "Avatar incorrect type")
    if max(size) > MAX_SIDE:
        raise RestError("AVATAR_ERROR", f"Avatar incorrect size (max {MAX_SIDE}x{MAX_SIDE})")
    return files.store_picture(call.portal, picture)


def people(call: Call, values: list[Any]) -> list[int]:
    """Return the ids of those users of a list that the caller may invite; ignore the others."""
    rows = (call.world.user(php.int_of(value)) for value in values)
    return [row.id for row in rows if row is not None and rights.may_contact(call.world, call.user, row)]


def make(call: Call, params: Params, *, actor: Actor, members: list[int]) -> Chat:
    """Create a chat from the parameters of im.chat.add and imbot.chat.add."""
    if params.has("USERS") and not isinstance(params.get("USERS"), list | dict) and params.text("USERS"):
        raise RestError("INVALID_FORMAT", "Parameter USERS has wrong type")
    looks: Mapping[str, str] = {"avatar": avatar(call, params.text("AVATAR"))} if params.text("AVATAR") else {}
    color = colors.v1(params.text("COLOR"))
    chat = chats.create(
        call.portal,
        actor,
        title=params.text("TITLE").strip() or "New chat",
        members=members,
        kind="O" if params.text("TYPE").upper() == "OPEN" else "C",
        description=params.text("DESCRIPTION"),
        entity_type=params.text("ENTITY_TYPE"),
        entity_id=params.text("ENTITY_ID"),
        **looks,
        **({"color": color} if color else {}),
    )
    if params.text("MESSAGE").strip():
        draft = messages.MessageDraft(author=actor.user, chat=chat.id, text=params.text("MESSAGE"))
        messages.write(call.portal, draft, actor)
    return chat


@method("im.chat.add", scope="im")
def chat_add(call: Call, params: Params) -> Any:
    """Create a chat that the caller owns, and return its id."""
    return make(call, params, actor=call.actor, members=people(call, params.values("USERS"))).id


@method("im.chat.get", scope="im")
def chat_get(call: Call, params: Params) -> Any:
    """Return the id of the chat that belongs to an entity (ENTITY_TYPE, ENTITY_ID), or describe that of DIALOG_ID.

    For an entity, the result is null, without an error, when there is no such chat or the caller is not a member.
    """
    return get_chat(call, params, viewer=call.user.id)


def get_chat(call: Call, params: Params, *, viewer: int) -> Any:
    """Answer im.chat.get and imbot.chat.get for a user or a bot.

    With DIALOG_ID, raise ACCESS_ERROR when there is no such chat or the viewer is not a member (source: 2.8).
    """
    dialog = params.text("DIALOG_ID").strip()
    if not dialog:
        chat = chats.find_by_entity(call.portal, params.text("ENTITY_TYPE"), params.text("ENTITY_ID"))
        return {"ID": chat.id} if chat is not None and viewer in chat.members else None
    chat = chats.find(call.portal, dialog, viewer)
    if chat is None or viewer not in chat.members:
        raise RestError("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    return shapes.im_chat(call.world, chat, viewer=viewer)


@method("im.chat.user.list", scope="im")
def chat_users(call: Call, params: Params) -> Any:
    """Return the ids of the members of a chat; raise ACCESS_ERROR when the caller is not a member."""
    return list(chat_by_id(call, params).members)


@method("im.chat.user.add", scope="im")
def chat_user_add(call: Call, params: Params) -> Any:
    """Add people to a chat.

    They see only later messages, unless HIDE_HISTORY is N. People who are members already stay as they are.
    """
    chat = chat_by_id(call, params)
    if chat.private:
        raise RestError("ACCESS_ERROR", "It is forbidden to add users to this chat", 403)
    if not rights.may_invite(chat, call.user):
        text = "Insufficient permissions to add participants to the chat"
        raise RestError("ACCESS_DENIED_EXTEND", text, 403)
    history = not params.yes("HIDE_HISTORY", default=True)
    return add_people(call, chat, people(call, params.values("USERS")), call.actor, history=history)


def add_people(call: Call, chat: Chat, users: list[int], actor: Actor, *, history: bool) -> bool:
    """Add people to a chat and return True; with `history`, they see earlier messages.

    Raise WRONG_REQUEST when there is nobody to add; people who are members already are no error (source: 2.23).
    """
    again = call.portal.switches.member_again == "true" and bool(users)
    if not chats.join(call.portal, chat, users, actor, history=history) and not again:
        raise RestError("WRONG_REQUEST", "You don't have access or user already member in chat")
    return True


@method("im.chat.user.delete", scope="im")
def chat_user_delete(call: Call, params: Params) -> Any:
    """Remove a person from a chat.

    Only the owner and managers may, and nobody can remove the owner.
    """
    chat, user = chat_by_id(call, params), params.number("USER_ID")
    if user <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if chat.private:
        raise RestError("ACCESS_ERROR", "It is forbidden to delete users of this chat", 403)
    if not rights.may_remove(chat, call.user.id, user):
        raise RestError("ACCESS_DENIED_KICK", "Access denied to kick user from chat", 403)
    if not chats.leave(call.portal, chat, user):
        raise RestError("USER_NOT_FOUND", "The specified user is not in the chat")
    return True


@method("im.chat.leave", scope="im")
def chat_leave(call: Call, params: Params) -> Any:
    """Remove the caller from a group chat."""
    chat = chat_by_id(call, params)
    if not chats.leave(call.portal, chat, call.user.id):
        raise RestError("ACCESS_ERROR", "Action unavailable", 403)
    return True


def _get_changeable(call: Call, params: Params) -> Chat:
    """Return a group chat whose looks the caller may change; raise RestError for any other."""
    chat = chat_by_id(call, params)
    if not rights.may_change_looks(chat, call.user.id):
        raise RestError("ACCESS_ERROR", "Action unavailable", 403)
    return chat


@method("im.chat.updateTitle", scope="im")
def update_title(call: Call, params: Params) -> Any:
    """Change the title of a chat."""
    return change_title(call, params, _get_changeable(call, params))


def change_title(call: Call, params: Params, chat: Chat) -> bool:
    """Set the title of a chat to TITLE and return True; raise TITLE_EMPTY for an empty title."""
    if not params.text("TITLE").strip():
        raise RestError("TITLE_EMPTY", "Title can't be empty")
    chats.change(call.portal, chat, title=params.text("TITLE").strip())
    return True


@method("im.chat.updateColor", scope="im")
def update_color(call: Call, params: Params) -> Any:
    """Change the colour of a chat."""
    return change_color(call, params, _get_changeable(call, params))


def change_color(call: Call, params: Params, chat: Chat) -> bool:
    """Set the colour of a chat to COLOR and return True.

    Raise WRONG_COLOR for an unknown colour, WRONG_REQUEST for the current one.
    """
    color = colors.v1(params.text("COLOR"))
    if color is None:
        raise RestError("WRONG_COLOR", "This color currently unavailable")
    if color == chat.color:
        raise RestError("WRONG_REQUEST", "This color currently set or chat doesn't exist")
    chats.change(call.portal, chat, color=color)
    return True


@method("im.chat.updateAvatar", scope="im")
def update_avatar(call: Call, params: Params) -> Any:
    """Change the avatar of a chat."""
    return change_avatar(call, params, _get_changeable(call, params))


def change_avatar(call: Call, params: Params, chat: Chat) -> bool:
    """Set the avatar of a chat to AVATAR and return True.

    AVATAR is a picture as base64; raise AVATAR_ERROR when it is invalid or too big.
    """
    chats.change(call.portal, chat, avatar=avatar(call, params.text("AVATAR")))
    return True


@method("im.chat.setOwner", scope="im")
def set_owner(call: Call, params: Params) -> Any:
    """Make another member the owner of a chat."""
    return change_owner(call, params, chat_by_id(call, params), by=call.user.id)


def change_owner(call: Call, params: Params, chat: Chat, *, by: int) -> bool:
    """Make the member USER_ID the owner of a chat and return True; only the current owner may.

    `by` is the id of the user who acts. Raise USER_ID_EMPTY without USER_ID, WRONG_REQUEST when they may not or the new
    owner is not a member.
    """
    user = params.number("USER_ID")
    if user <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if chat.private or chat.owner != by or user not in chat.members:
        raise RestError("WRONG_REQUEST", "Change owner can only owner and user must be member in chat")
    chats.change(call.portal, chat, owner=user)
    return True


@method("im.chat.setManager", scope="im")
def set_manager(call: Call, params: Params) -> Any:
    """Make a member a manager, or with IS_MANAGER=N an ordinary member."""
    return change_manager(call, params, chat_by_id(call, params), by=call.user.id)


def change_manager(call: Call, params: Params, chat: Chat, *, by: int) -> bool:
    """Make the member USER_ID a manager, or with IS_MANAGER=N an ordinary member, and return True; only the owner may.

    `by` is the id of the user who acts. Raise USER_ID_EMPTY without USER_ID, WRONG_REQUEST when they may not or the
    other user is not a member.
    """
    user = params.number("USER_ID")
    if user <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if chat.private or chat.owner != by or user not in chat.members:
        raise RestError("WRONG_REQUEST", "Change manager can only owner and user must be member in chat")
    chats.set_manager(call.portal, chat, user, manager=params.yes("IS_MANAGER", default=True))
    return True


@method("im.chat.mute", scope="im")
def mute(call: Call, params: Params) -> Any:
    """Mute a chat for the caller, or with ACTION=N unmute it."""
    chat = chat_by_id(call, params)
    others = tuple(member for member in chat.muted if member != call.user.id)
    chats.change(call.portal, chat, muted=(*others, call.user.id) if params.yes("ACTION", default=True) else others)
    return True
