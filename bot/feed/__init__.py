"""The bridge: posts and chats, who may see what, cards that live."""

from bot.feed import outside, relay, waiting
from bot.router import Router


def router() -> Router:
    """The handlers of what happens in the News Feed, and of what is long in coming there."""
    return Router().include(relay.router, outside.router, waiting.router)
