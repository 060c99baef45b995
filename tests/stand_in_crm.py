"""What a store would answer about texts for the CRM, in lists."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model import effects
from bot.model.crm_records import CrmWritten
from bot.model.events import UserId


@dataclass(slots=True, kw_only=True)
class StandInCrmMemory:
    """The texts that were written, and the comments whose deletion was asked for."""

    crm_written: list[CrmWritten] = field(default_factory=list)
    crm_in_feed: list[effects.CrmPost] = field(default_factory=list)
    crm_gone: set[int] = field(default_factory=set)

    async def crm_written_by(self, user: UserId, since: float) -> list[CrmWritten]:
        return [one for one in self.crm_written if one.effect.user == user and one.at >= since]

    async def crm_posts_by(self, user: UserId, since: float) -> list[effects.CrmPost]:
        return [one for one in self.crm_in_feed if one.user == user and one.since >= since]

    async def crm_taken_back(self, since: float) -> set[int]:
        return self.crm_gone
