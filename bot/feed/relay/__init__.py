"""The relay: shows posts in dialogs that follow, and keeps cards up to date."""

from bot.feed.relay import card_results, lost_chats, post_events, quiet, readers
from bot.framework.router import Router


def router() -> Router:
    """Return the handlers of post events and of the results of sent cards."""
    table = Router().include(post_events.router, card_results.router, readers.router)
    return table.include(quiet.router, lost_chats.router)
