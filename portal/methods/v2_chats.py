"""imbot.v2.Chat.*: chats as a bot of the second generation sees and makes them (reference: E2)."""

from typing import Any

from portal import php, shapes
from portal.core import Actor
from portal.deeds import chats, messages
from portal.methods.owners import v2_bot
from portal.methods.v2_messages import DENIED, dialog
from portal.rest.call import Call, Params
from portal.rest.registry import method
from portal.state.bots import Bot
from portal.state.talk import Chat

MOST_USERS = 200


def _inside(call: Call, params: Params) -> tuple[Bot, Chat]:
    """Return the bot and its chat; raises ACCESS_DENIED when it is not in it."""
    bot = v2_bot(call, params)
    chat = dialog(call, params, bot, make=False)
    if bot.id not in chat.members:
        raise DENIED
    return bot, chat


@method("imbot.v2.Chat.get", scope="imbot")
def get(call: Call, params: Params) -> Any:
    """Describe a chat the bot is in."""
    bot, chat = _inside(call, params)
    return {"chat": shapes.v2_chat(call.world, chat, viewer=bot.id)}


@method("imbot.v2.Chat.add", scope="imbot")
def add(call: Call, params: Params) -> Any:
    """Make a chat; `users` instead of `userIds` is silently nobody (behaviour 6.1)."""
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
    )
    if fields.text("message"):
        messages.write(call.portal, messages.Draft(author=bot.id, chat=chat.id, text=fields.text("message")), actor)
    users = [shapes.v2_user(call.world.people.users[member]) for member in chat.members]
    return {"chat": shapes.v2_chat(call.world, chat, viewer=bot.id), "users": users}


@method("imbot.v2.Chat.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Give a chat another title, description or colour."""
    _, chat = _inside(call, params)
    fields = params.inner("fields")
    facts = {name: fields.text(name) for name in ("title", "description", "color") if fields.text(name)}
    chats.change(call.portal, chat, **facts)
    return {"result": True}


@method("imbot.v2.Chat.leave", scope="imbot")
def leave(call: Call, params: Params) -> Any:
    """Let the bot leave a chat."""
    bot, chat = _inside(call, params)
    if not chats.leave(call.portal, chat, bot.id):
        raise DENIED
    return {"result": True}


@method("imbot.v2.Chat.User.list", scope="imbot")
def users(call: Call, params: Params) -> Any:
    """List the members of a chat: a plain list."""
    _, chat = _inside(call, params)
    limit = max(1, min(MOST_USERS, params.number("limit", 50)))
    return [shapes.v2_user(call.world.people.users[member]) for member in chat.members[:limit]]


@method("imbot.v2.Chat.User.add", scope="imbot")
def user_add(call: Call, params: Params) -> Any:
    """Add people; the bot must manage the chat; unknown people are ignored."""
    bot, chat = _inside(call, params)
    if chat.private or bot.id not in (chat.owner, *chat.managers):
        raise DENIED
    members = [php.int_of(value) for value in params.values("userIds")]
    chats.join(call.portal, chat, [member for member in members if call.world.user(member)], call.actor)
    return {"result": True}


@method("imbot.v2.Chat.User.delete", scope="imbot")
def user_delete(call: Call, params: Params) -> Any:
    """Remove a person; the bot must manage the chat; nobody there is no error."""
    bot, chat = _inside(call, params)
    if chat.private or bot.id not in (chat.owner, *chat.managers):
        raise DENIED
    chats.leave(call.portal, chat, params.number("userId"))
    return {"result": True}
