"""Refreshes tokens before they grow old, also on portals where nothing happens."""

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
"""Tokens refreshed in one round: after a long absence the rest follows in the next ones."""
SIDE_BY_SIDE = 4

log = structlog.get_logger(__name__)


class UpkeepStore(Protocol):
    """Knows which refresh tokens grow old."""

    async def portal(self, portal: PortalId) -> KnownPortal | None:
        """Return a portal that is installed."""
        ...

    async def token_pair(self, portal: PortalId, token_owner: str) -> TokenPair | None:
        """Return the tokens of a token owner."""
        ...

    async def tokens_to_refresh(self, now: float, *, many: int) -> list[tuple[PortalId, str]]:
        """Return portals and owners of refresh tokens that grow old, the oldest first."""
        ...

    async def refresh_later(self, portal: PortalId, token_owner: str, now: float) -> None:
        """Postpone the next refresh of a token that was refused."""
        ...

    async def bot_token_troubles(self) -> Sequence[BotTokenTrouble]:
        """Return the portals where the bot does not speak with the installer's token."""
        ...


@dataclass(slots=True, kw_only=True)
class TokenUpkeep:
    """Keeps the tokens of the bot and of its users alive; errors of one portal concern no other."""

    store: UpkeepStore
    caller: Caller
    clock: Clock
    _side_by_side: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SIDE_BY_SIDE))

    async def run(self) -> None:
        """Refresh what grows old, then look for better tokens where the bot lacks the installer's."""
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
        """Make a call as the bot if this was its token, so that a spare one takes its place while there are some."""
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
