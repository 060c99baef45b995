"""The relay: shows posts in the dialogs that follow them, and keeps their cards up to date."""

from bot.feed.relay import card_results, lost_chats, post_events, quiet, readers
from bot.framework.router import Router


def router() -> Router:
    """Return the handlers of posts, of the results of cards, of the quiet line, and of the readers of chats."""
    table = Router().include(post_events.router, card_results.router, readers.router)
    return table.include(quiet.router, lost_chats.router)
