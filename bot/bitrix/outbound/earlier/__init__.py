"""Looks on the portal for the result of an earlier attempt, so that nothing is written twice."""

from bot.bitrix.outbound.earlier.messages import DialogSearch, Looked
from bot.bitrix.outbound.earlier.posts import Search

__all__ = ["DialogSearch", "Looked", "Search"]
