"""Finds another token for the bot if the portal refuses the installer's.

The bot belongs to the application, so it can speak with the token of any user of the application; with that of an
administrator it may read more.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from bot.bitrix.outbound import calls
from bot.clock import Clock
from bot.errors import ApplicationRefused, NoBotToken, TokenRefused
from bot.model import ordering
from bot.model.events import BotTokenChanged, PortalId, UserId
from bot.model.queued import IncomingEvent
from bot.model.records import KnownPortal, TokenPair

MOST_TRIED = 20
"""The most users whose tokens are tried in one search."""
TRY_AGAIN = 3600.0
"""Seconds after which a refused token is tried again: its user may have been given their access back."""
REMEMBERED = 10_000
"""The most refused tokens that are remembered."""
_OF_APPLICATION = {
    "APPLICATION_NOT_FOUND", "NOT_INSTALLED", "PAYMENT_REQUIRED", "PORTAL_DELETED", "invalid_client", "wrong_client",
}  # fmt: skip
"""Refusals that concern the whole application: every other token is refused too."""

Profile = Callable[[KnownPortal, str], Awaitable[dict[str, Any]]]
"""Calls `profile` with a token owner's token."""

log = structlog.get_logger(__name__)


class SpeakerStore(Protocol):
    """Stores tokens, and with whose token the bot speaks."""

    async def portal(self, portal: PortalId) -> KnownPortal | None:
        """Return a portal; None if it is not installed."""
        ...

    async def token_pair(self, portal: PortalId, token_owner: str) -> TokenPair | None:
        """Return the tokens of a token owner; None if none are stored."""
        ...

    async def put_token_pair(self, portal: PortalId, token_owner: str, token_pair: TokenPair) -> None:
        """Store the tokens of a token owner."""
        ...

    async def spare_owners(self, portal: PortalId, *, many: int) -> list[str]:
        """Return the owners of at most `many` tokens with which the bot could speak, the newest token first."""
        ...

    async def speaks_with(
        self, portal: PortalId, speaker: UserId | None, *, told: IncomingEvent | None, now: float
    ) -> None:
        """Store that the bot speaks with the token of `speaker` (None: of the installer), and the event `told`."""
        ...

    async def is_mute(self, portal: PortalId, reason: str, *, now: float) -> None:
        """Store that no known token lets the bot speak, and why."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A user with whose token the bot can speak; `user` None is the installer."""

    user: UserId | None
    is_admin: bool


@dataclass(slots=True, kw_only=True)
class Speakers:
    """Chooses with whose token the bot speaks; there is one search at a time for each portal."""

    store: SpeakerStore
    clock: Clock
    on_event: Callable[[], None] = lambda: None
    _locks: weakref.WeakValueDictionary[PortalId, asyncio.Lock] = field(default_factory=weakref.WeakValueDictionary)
    _refused: dict[tuple[PortalId, str], tuple[str, float]] = field(default_factory=dict)

    async def other(self, portal: KnownPortal, refusal: TokenRefused | None, profile: Profile) -> KnownPortal:
        """Find another token for the bot and store the choice; return the portal with the new speaker.

        `refusal` is the error of the call with the known token; None if no call was made, because the bot could not
        speak. `profile` calls `profile` with a token owner's token.

        Raises:
            NoBotToken: no token that we know works; this is stored.
            TokenRefused: the portal refuses the application with every token, or the application is not installed.
        """
        async with self._locks.setdefault(portal.id, asyncio.Lock()):
            known = await self.store.portal(portal.id)
            if known is None:
                raise refusal or TokenRefused("", "the application is not installed on this portal", status=401)
            if known.mute_since is None and known.speaker != portal.speaker:
                return known  # found while we waited
            if refusal is not None:
                await self._note_refusal(known.id, ordering.owner_of_bot(known.speaker))
            found = await self._search(known, profile)
            if found is None:
                reason = str(refusal or "every token that we know was refused")
                await self._fall_silent(known, reason)
                raise NoBotToken("no_bot_token", reason, method="oauth/token", status=401)
            return await self._speak_with(known, found)

    async def review(self, portal: KnownPortal, profile: Profile) -> None:
        """Let the bot speak with the installer's token or an administrator's, if one works again.

        If the bot could not speak, any token that works is taken. `profile` is as in `other`.
        """
        async with self._locks.setdefault(portal.id, asyncio.Lock()):
            known = await self.store.portal(portal.id)
            found = await self._search(known, profile) if known else None
            if known and found and (known.mute_since is not None or (found.user != known.speaker and found.is_admin)):
                await self._speak_with(known, found)

    async def _search(self, portal: KnownPortal, profile: Profile) -> Candidate | None:
        """Return whose token works: the installer, else an administrator, else another user; None if none works."""
        first: Candidate | None = None
        for owner in (ordering.INSTALL, *await self.store.spare_owners(portal.id, many=MOST_TRIED)):
            if await self._is_refused(portal.id, owner):
                continue
            found = await self._try(portal, owner, profile)
            if found and found.is_admin:
                return found
            first = first or found
        return first

    async def _try(self, portal: KnownPortal, owner: str, profile: Profile) -> Candidate | None:
        try:
            answer = (await profile(portal, owner)).get("result")
        except TokenRefused as exc:
            if not refuses_user(exc):
                raise
            answer = None
        fields = answer if isinstance(answer, dict) else {}
        user = UserId(calls.number(fields.get("ID")))
        if not user:  # refused, or the user is inactive (reference: profile)
            await self._note_refusal(portal.id, owner)
            return None
        if owner == ordering.INSTALL:
            return Candidate(user=None, is_admin=True)
        if owner == ordering.SPARE and (pair := await self.store.token_pair(portal.id, owner)):
            await self.store.put_token_pair(portal.id, ordering.owner_user(user), pair)
        return Candidate(user=user, is_admin=fields.get("ADMIN") is True)

    async def _speak_with(self, known: KnownPortal, found: Candidate) -> KnownPortal:
        now = self.clock.wall()
        event = BotTokenChanged(portal=known.id, user=found.user, mute_since=known.mute_since)
        told = IncomingEvent(event=event, key=ordering.key_of_bot_token(now), ordering_key=ordering.PORTAL)
        await self.store.speaks_with(known.id, found.user, told=told, now=now)
        self.on_event()
        seconds = 0 if known.mute_since is None else round(now - known.mute_since)
        log.warning("token.replaced", portal=known.id, user=found.user, admin=found.is_admin, mute_for=seconds)
        installer = known.installer if found.user is None else found.user
        return replace(known, speaker=found.user, installer=installer, mute_since=None)

    async def _fall_silent(self, known: KnownPortal, reason: str) -> None:
        if known.mute_since is None:
            await self.store.is_mute(known.id, reason, now=self.clock.wall())
            log.error(
                "token.mute",
                portal=known.id,
                domain=known.domain,
                reason=reason,
                means="no known token lets the bot speak: the next message to it, or a new installation, mends that",
            )

    async def _note_refusal(self, portal: PortalId, owner: str) -> None:
        """Remember that the portal refused a token, so that it is not tried at each call."""
        if pair := await self.store.token_pair(portal, owner):
            if len(self._refused) >= REMEMBERED:
                self._refused.clear()
            self._refused[portal, owner] = ordering.digest(pair.access_token), self.clock.monotonic()

    async def _is_refused(self, portal: PortalId, owner: str) -> bool:
        """Check whether an owner has no token, or the portal refused it during the last TRY_AGAIN seconds."""
        pair = await self.store.token_pair(portal, owner)
        if pair is None or not pair.access_token:
            return True
        digest, at = self._refused.get((portal, owner), ("", 0.0))
        return digest == ordering.digest(pair.access_token) and self.clock.monotonic() - at < TRY_AGAIN


def refuses_user(error: TokenRefused) -> bool:
    """Check whether a refusal concerns the token of one user, and not the whole application."""
    return not isinstance(error, ApplicationRefused | NoBotToken) and error.code not in _OF_APPLICATION
