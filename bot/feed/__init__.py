"""The bridge: posts and chats, who may see what, cards that live."""

from bot.feed import delay_notice, lost_answers, lost_chats, quiet, readers, relay
from bot.framework.router import Router


def router() -> Router:
    """The handlers of what happens in the News Feed, and of what is long in coming there."""
    table = Router().include(relay.router, readers.router, quiet.router)
    return table.include(lost_chats.router, lost_answers.router, delay_notice.router)
