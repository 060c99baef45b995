"""Register and remove bots and their commands."""

from dataclasses import replace
from typing import Any

from portal.engine.core import Actor, Portal
from portal.events import imbot, imbot_v2
from portal.rules.messenger import chats
from portal.world.bots import Bot, Command
from portal.world.people import User

DEFAULT_POSITION = "Chatbot"
"""Position of a bot that has none; the words of Bitrix24 are not known (source: 2.12)."""


def register(portal: Portal, user: dict[str, Any], bot: dict[str, Any]) -> Bot:
    """Create a bot and its user from the fields of both."""
    number = portal.world.next_id("user")
    given = {"departments": (1,), **user, "position": user.get("position") or DEFAULT_POSITION}
    portal.world.people.users[number] = User(**{**given, "id": number, "bot": True})
    made = Bot(**{**bot, "id": number})
    portal.world.bots.bots[number] = made
    portal.hub.publish({"type": "chats"})
    return made


def unregister(portal: Portal, bot: Bot, actor: Actor) -> None:
    """Send a bot the event of its removal, and remove it with its private dialogs and commands."""
    # The event needs the bot's handler, so it is sent before the bot is removed.
    if imbot.hears(portal, bot):
        imbot.deleted(portal, bot, actor)
    if bot.api == "v2":
        imbot_v2.deleted(portal, bot, actor)
    for chat in portal.world.messenger.of(bot.id):
        if chat.private:
            portal.world.messenger.forget(chat)
    forget(portal, bot.id)
    portal.hub.publish({"type": "chats"})


def forget(portal: Portal, number: int) -> None:
    """Remove a bot from everything except its private dialogs.

    In a chat that the bot owned, the next member becomes the owner.
    """
    world = portal.world
    for command in world.bots.commands_of(number):
        world.bots.drop_command(command.id)
    for chat in world.messenger.of(number):
        if not chat.private:
            world.messenger.put(chats.without_member(chat, number))
    world.bots.bots.pop(number, None)
    world.bots.queues.pop(number, None)
    world.people.users[number] = replace(world.people.users[number], active=False)


def put_command(portal: Portal, command: Command) -> Command:
    """Store a command, new or changed, and publish the change."""
    stored = portal.world.bots.put_command(command)
    portal.hub.publish({"type": "chats"})
    return stored


def drop_command(portal: Portal, command: Command) -> None:
    """Remove a command."""
    portal.world.bots.drop_command(command.id)
    portal.hub.publish({"type": "chats"})
