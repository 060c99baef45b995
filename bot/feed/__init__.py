"""The bridge between chats and the News Feed: publishing, relay, and who may read what."""

from bot.feed import audit, delay_notice, lost_answers, relay
from bot.framework.router import Router


def router() -> Router:
    """Return the handlers of the relay, of the audit, of delayed actions, and of answers that the portal refused."""
    return Router().include(relay.router(), audit.router, lost_answers.router, delay_notice.router)
