"""Finds out who is in a chat, department or workgroup, and who of them receives a post."""

from bot.bitrix.outbound.memberships.company import ACTOR, Asker, Company
from bot.bitrix.outbound.memberships.headcount import Headcount
from bot.bitrix.outbound.memberships.kept import KEEP, Kept
from bot.bitrix.outbound.memberships.receivers import Memberships
from bot.bitrix.outbound.memberships.standing import Standing

__all__ = ["ACTOR", "KEEP", "Asker", "Company", "Headcount", "Kept", "Memberships", "Standing"]
