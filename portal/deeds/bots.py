"""Bots and their commands come and go."""

from dataclasses import replace
from typing import Any

from portal.core import Actor, Portal
from portal.events import v1, v2
from portal.state.bots import Bot, Command
from portal.state.people import User


def register(portal: Portal, user: dict[str, Any], bot: dict[str, Any]) -> Bot:
    """Make a bot and the user it is."""
    number = portal.world.next_id("user")
    portal.world.people.users[number] = User(**{"departments": (1,), **user, "id": number, "bot": True})
    made = Bot(**{**bot, "id": number})
    portal.world.bots.bots[number] = made
    portal.hub.publish({"type": "chats"})
    return made


def unregister(portal: Portal, bot: Bot, actor: Actor) -> None:
    """Remove a bot: it hears of it last; its private dialogs and commands go with it."""
    (v1.deleted if bot.api == "v1" else v2.deleted)(portal, bot, actor)
    world = portal.world
    for command in world.bots.commands_of(bot.id):
        world.bots.drop_command(command.id)
    for chat in world.talk.of(bot.id):
        if chat.private:
            world.talk.forget(chat)
        else:
            world.talk.put(replace(chat, members=tuple(member for member in chat.members if member != bot.id)))
    del world.bots.bots[bot.id]
    world.people.users[bot.id] = replace(world.people.users[bot.id], active=False)
    portal.hub.publish({"type": "chats"})


def put_command(portal: Portal, command: Command) -> Command:
    """Store a command, new or changed."""
    stored = portal.world.bots.put_command(command)
    portal.hub.publish({"type": "chats"})
    return stored


def drop_command(portal: Portal, command: Command) -> None:
    """Remove a command."""
    portal.world.bots.drop_command(command.id)
    portal.hub.publish({"type": "chats"})
