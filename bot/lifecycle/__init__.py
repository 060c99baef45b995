"""Handles the installation, the joining of chats, changes of the bot's token, and the removal."""

from collections.abc import Mapping

from bot.framework.router import Router, Spec
from bot.lifecycle import bot_token, install, joined, removed


def router(commands: Mapping[str, Spec]) -> Router:
    """Return the handlers for installation, joining a chat, the bot's token and removal.

    The installation handler registers `commands` on the portal.
    """
    return Router().include(install.router(commands), joined.router, bot_token.router, removed.router)
