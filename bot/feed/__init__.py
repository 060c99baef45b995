"""The bridge: posts and chats, who may see what, cards that live."""

from bot.feed import relay
from bot.router import Router


def router() -> Router:
    """The handlers of what happens in the News Feed."""
    return Router().include(relay.router)
