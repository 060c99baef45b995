"""imbot.v2.Chat.*: chats of a bot of the second generation (reference: E2)."""

from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.imbotv2.messages import dialog
from portal.api.methods.shared import content
from portal.api.methods.shared.bot_owner import denied, v2_bot
from portal.api.registry import method
from portal.engine.core import Actor
from portal.rules.messenger import chats, files, messages
from portal.rules.rights import manages
from portal.wire import colors, php, shapes
from portal.wire.images import size_of
from portal.world.bots import Bot
from portal.world.messenger import Chat

MAX_USERS = 200


def get_bot_and_chat(call: Call, params: Params) -> tuple[Bot, Chat]:
    """Return the bot that the call names and the chat of dialogId; raise ACCESS_DENIED when the bot is not a member."""
    bot = v2_bot(call, params)
    chat = dialog(call, params, bot, make=False)
    if bot.id not in chat.members:
        raise denied(call)
    return bot, chat


@method("imbot.v2.Chat.get", scope="imbot")
def get(call: Call, params: Params) -> Any:
    """Describe a chat that the bot is in."""
    bot, chat = get_bot_and_chat(call, params)
    return {"chat": shapes.v2_chat(call.world, chat, viewer=bot.id)}


@method("imbot.v2.Chat.add", scope="imbot")
def add(call: Call, params: Params) -> Any:
    """Create a group chat with the bot and describe it.

    Members come in `userIds`; `users` is ignored without an error (behaviour 6.1).
    """
    bot, fields = v2_bot(call, params), params.inner("fields")
    actor = Actor(user=bot.id, hops=call.hops)
    members = [php.int_of(value) for value in fields.values("userIds")]
    owner = fields.number("ownerId") or bot.id
    chat = chats.create(
        call.portal,
        actor,
        title=fields.text("title") or "New chat",
        members=[member for member in (owner, *members) if call.world.user(member)],
        description=fields.text("description"),
        owner=owner if call.world.user(owner) else bot.id,
        **_read_looks(call, fields),
    )
    if fields.text("message"):
        messages.write(
            call.portal, messages.MessageDraft(author=bot.id, chat=chat.id, text=fields.text("message")), actor
        )
    users = [shapes.v2_user(call.world.people.users[member]) for member in chat.members]
    return {"chat": shapes.v2_chat(call.world, chat, viewer=bot.id), "users": users}


@method("imbot.v2.Chat.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Change title, description, colour or avatar of a chat that the bot manages."""
    bot, chat = get_bot_and_chat(call, params)
    if not manages(chat, bot.id):
        raise denied(call)
    fields = params.inner("fields")
    values = {name: fields.text(name) for name in ("title", "description") if fields.text(name)}
    chats.change(call.portal, chat, **values, **_read_looks(call, fields))
    return {"result": True}


def _read_looks(call: Call, fields: Fields) -> dict[str, str]:
    """Return the colour and avatar of a call; ignore invalid values without an error."""
    found = {"color": colors.v2(fields.text("color")) or ""}
    picture = content.decode_base64(fields.text("avatar"))
    if picture and size_of(picture) is not None:
        found["avatar"] = files.store_picture(call.portal, picture)
    return {name: value for name, value in found.items() if value}


@method("imbot.v2.Chat.leave", scope="imbot")
def leave(call: Call, params: Params) -> Any:
    """Remove the bot from a chat."""
    bot, chat = get_bot_and_chat(call, params)
    if not chats.leave(call.portal, chat, bot.id):
        raise denied(call)
    return {"result": True}


@method("imbot.v2.Chat.User.list", scope="imbot")
def users(call: Call, params: Params) -> Any:
    """List the members of a chat as users.

    `order` sorts them by userId, or by the id of their last message; without it, by the time of joining.
    """
    _, chat = get_bot_and_chat(call, params)
    rows, order = list(chat.members), params.inner("order")
    if order.has("userId"):
        rows.sort()
    elif order.has("lastSendMessageId"):
        newest = {
            call.world.messenger.messages[number].author: number for number in call.world.messenger.by_chat[chat.id]
        }
        rows.sort(key=lambda member: newest.get(member, 0))
    if "DESC" in (php.text_of(way).upper() for way in order.raw.values()):
        rows.reverse()
    limit = max(1, min(MAX_USERS, params.number("limit", 50)))
    return [shapes.v2_user(call.world.people.users[member]) for member in rows[:limit]]


@method("imbot.v2.Chat.User.add", scope="imbot")
def user_add(call: Call, params: Params) -> Any:
    """Add people to a chat that the bot manages; ignore unknown people."""
    bot, chat = get_bot_and_chat(call, params)
    if not manages(chat, bot.id):
        raise denied(call)
    members = [php.int_of(value) for value in params.values("userIds")]
    actor = Actor(user=bot.id, hops=call.hops)
    chats.join(call.portal, chat, [member for member in members if call.world.user(member)], actor)
    return {"result": True}


@method("imbot.v2.Chat.User.delete", scope="imbot")
def user_delete(call: Call, params: Params) -> Any:
    """Remove a person from a chat that the bot manages.

    A person who is not a member causes no error; the owner cannot be removed.
    """
    bot, chat = get_bot_and_chat(call, params)
    if not manages(chat, bot.id):
        raise denied(call)
    if params.number("userId") == chat.owner:
        raise denied(call)
    chats.leave(call.portal, chat, params.number("userId"))
    return {"result": True}
