"""Installation, joining chats, the bot's token, and removal."""

from collections.abc import Mapping

from bot.framework.router import Router, Spec
from bot.lifecycle import bot_token, install, joined, removed


def router(commands: Mapping[str, Spec]) -> Router:
    """Return the handlers of the lifecycle; an installation registers `commands` on the portal."""
    return Router().include(install.router(commands), joined.router, bot_token.router, removed.router)
