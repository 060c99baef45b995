"""Refreshes tokens before they become invalid, also on portals where nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bot.bitrix.outbound.caller import Caller
from bot.clock import Clock
from bot.errors import ApplicationRefused, PortalDown, PortalError, TokenRefused
from bot.model import ordering
from bot.model.effects import Priority
from bot.model.events import PortalId
from bot.model.records import BotTokenTrouble, KnownPortal, TokenPair

UPKEEP_EVERY = 86_400.0
"""Seconds between two rounds; a refresh token lives 180 days (reference: OAuth, lifetimes)."""
MOST_AT_ONCE = 1000
"""The most tokens that one round refreshes; after a long stop of the service the next rounds refresh the rest."""
SIDE_BY_SIDE = 4

log = structlog.get_logger(__name__)


class UpkeepStore(Protocol):
    """Stores tokens, and when each refresh token must be renewed."""

    async def portal(self, portal: PortalId) -> KnownPortal | None:
        """Return a portal; None if it is not installed."""
        ...

    async def token_pair(self, portal: PortalId, token_owner: str) -> TokenPair | None:
        """Return the tokens of a token owner; None if none are stored."""
        ...

    async def tokens_to_refresh(self, now: float, *, many: int) -> list[tuple[PortalId, str]]:
        """Return the portals and owners of at most `many` refresh tokens that must be renewed now, the oldest first."""
        ...

    async def refresh_later(self, portal: PortalId, token_owner: str, now: float) -> None:
        """Postpone the next refresh of a token, because the server refused it."""
        ...

    async def bot_token_troubles(self) -> Sequence[BotTokenTrouble]:
        """Return the portals where the bot speaks with another token than the installer's, or cannot speak."""
        ...


@dataclass(slots=True, kw_only=True)
class TokenUpkeep:
    """Keeps the tokens of the bot and of its users valid; an error of one portal does not affect the others."""

    store: UpkeepStore
    caller: Caller
    clock: Clock
    _side_by_side: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SIDE_BY_SIDE))

    async def run(self) -> None:
        """Refresh the tokens that must be renewed; then look for a better token for bots without the installer's."""
        due = await self.store.tokens_to_refresh(self.clock.wall(), many=MOST_AT_ONCE)
        ended = await asyncio.gather(*(self._refresh(*one) for one in due), return_exceptions=True)
        for error in filter(None, ended):
            raise error
        for trouble in await self.store.bot_token_troubles():
            await self._review(trouble.portal)

    async def _refresh(self, portal: PortalId, token_owner: str) -> None:
        async with self._side_by_side:
            pair = await self.store.token_pair(portal, token_owner)
            if pair is None:
                return
            try:
                await self.caller.refresh(portal, token_owner, stale=pair.access_token)
            except ApplicationRefused as exc:  # the settings have to be corrected; the token stays as it is
                log.warning("token.not_refreshed", portal=portal, token_owner=token_owner, error=str(exc))
            except TokenRefused:
                await self.store.refresh_later(portal, token_owner, self.clock.wall())
                await self._use(portal, token_owner)
            except (PortalDown, PortalError) as exc:
                log.info("token.not_refreshed", portal=portal, token_owner=token_owner, error=str(exc))

    async def _use(self, portal: PortalId, token_owner: str) -> None:
        """Call the portal as the bot, if the bot spoke with the token that was just refused.

        This call finds a spare token for the bot while there are some.
        """
        known = await self.store.portal(portal)
        if known is None or token_owner != ordering.owner_of_bot(known.speaker):
            return
        try:
            await self.caller.call(
                known, "profile", {}, token_owner=ordering.INSTALL, urgency=Priority.DIGEST, sends=True
            )
        except (PortalDown, PortalError) as exc:
            log.info("token.not_replaced", portal=portal, error=str(exc))

    async def _review(self, portal: PortalId) -> None:
        known = await self.store.portal(portal)
        if known is None:
            return
        try:
            await self.caller.review_bot_token(known)
        except (PortalDown, PortalError) as exc:
            log.info("token.not_replaced", portal=portal, error=str(exc))
