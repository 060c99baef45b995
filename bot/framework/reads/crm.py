"""Defines what handlers may read about the CRM, from the portal and from the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.model.crm_records import CrmFound, CrmLook, CrmWritten
from bot.model.effects import CrmEntity, CrmPost
from bot.model.events import UserId


class CrmPortal(Protocol):
    """Reads CRM cards from the portal of the event; every method may raise PortalError or PortalDown."""

    async def crm_card(self, entity: CrmEntity, *, reader: UserId, ask_feed: bool) -> CrmLook:
        """Return a CRM card as `reader` may see it; with `ask_feed`, ask also whether the portal has a CRM feed.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        ...

    async def find_crm(self, texts: Sequence[str], types: Sequence[str], *, reader: UserId) -> CrmFound:
        """Find the CRM cards of some types whose name contains one of the texts, as `reader` may see them.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        ...


class CrmMemory(Protocol):
    """Reads what the store knows about texts that were written to the CRM."""

    async def crm_written_by(self, user: UserId, since: float) -> list[CrmWritten]:
        """Return the timeline comments that a user wrote through the bot since a time (unix seconds), newest first."""
        ...

    async def crm_posts_by(self, user: UserId, since: float) -> list[CrmPost]:
        """Return what a user wrote to the CRM feed through the bot since a time, newest first."""
        ...

    async def crm_taken_back(self, since: float) -> set[int]:
        """Return the ids of the timeline comments whose deletion was asked for since a time, except those given up."""
        ...
