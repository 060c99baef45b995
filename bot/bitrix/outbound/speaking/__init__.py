"""Chooses with whose token the bot speaks, and refreshes tokens that nobody uses."""

from bot.bitrix.outbound.speaking.speakers import Speakers, refuses_user

__all__ = ["Speakers", "refuses_user"]
