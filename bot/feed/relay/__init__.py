"""The relay: shows posts in the chats that follow them, and keeps each card up to date."""

from bot.feed.relay import lost_chats, post_events, quiet, readers
from bot.framework.router import Router


def router() -> Router:
    """Return the handlers of post events and of what became of each card."""
    return Router().include(post_events.router, readers.router, quiet.router, lost_chats.router)
