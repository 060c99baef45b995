"""With whose token the bot speaks, and how tokens that nobody uses stay valid."""

from bot.bitrix.outbound.speaking.speakers import Speakers, refuses_user

__all__ = ["Speakers", "refuses_user"]
