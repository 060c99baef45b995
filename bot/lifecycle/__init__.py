"""How we come to a portal and its chats, and how we go."""

from collections.abc import Mapping

from bot.framework.router import Router, Spec
from bot.lifecycle import install, joined, removed


def router(commands: Mapping[str, Spec]) -> Router:
    """The handlers of coming and going; `commands` are those that an installation offers to the portal."""
    return Router().include(install.router(commands), joined.router, removed.router)
