"""The bridge: posts and chats, who may see what, cards that live."""

from bot.feed import delay_notice, lost_answers, lost_chats, relay
from bot.framework.router import Router


def router() -> Router:
    """The handlers of what happens in the News Feed, and of what is long in coming there."""
    return Router().include(relay.router, lost_chats.router, lost_answers.router, delay_notice.router)
