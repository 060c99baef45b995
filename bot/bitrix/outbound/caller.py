"""One lane per portal: a call waits for its turn in the bucket, carries a fresh token and follows a moved portal."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from bot import config
from bot.bitrix.outbound import leaky_bucket
from bot.bitrix.outbound.client import Client
from bot.bitrix.outbound.tokens import Tokens, TokenStore
from bot.errors import BotError, TokenExpired, TooFast
from bot.model.events import EventTokens, PortalId
from bot.model.records import ConfirmedTokens, KnownPortal
from bot.observability.metrics import Metrics

REMEMBERED = 1000
"""Portals; where there are more, those of which a new bucket would say the same are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSizes:
    """The buckets of the two kinds of plan (reference: limits: 50 and 2/s; Enterprise 250 and 5/s)."""

    capacity: float = 50
    rate: float = 2.0
    enterprise_capacity: float = 250
    enterprise_rate: float = 5.0

    @classmethod
    def from_config(cls, limit: config.RateLimit) -> Self:
        """Take the sizes from the settings of the rate limit."""
        return cls(
            capacity=limit.capacity,
            rate=limit.rate,
            enterprise_capacity=limit.enterprise_capacity,
            enterprise_rate=limit.enterprise_rate,
        )

    def bucket(self, license_family: str, now: float) -> leaky_bucket.Bucket:
        """A new, empty bucket for a portal's plan."""
        if "ent" in license_family.lower():
            return leaky_bucket.Bucket(capacity=_below(self.enterprise_capacity), rate=self.enterprise_rate, at=now)
        return leaky_bucket.Bucket(capacity=_below(self.capacity), rate=self.rate, at=now)


def _below(capacity: float) -> float:
    """One request less than the portal allows: on the way the gaps between requests shrink, and it counts arrivals."""
    return max(1.0, capacity - 1)


@dataclass(slots=True, order=True)
class Ticket:
    """Somebody's place in the line; what it is wanted for may become more urgent."""

    urgency: int
    number: int = 0


@dataclass(slots=True)
class RateLimiter:
    """A bucket with a queue before it: the most urgent goes first, equals in order of arrival."""

    bucket: leaky_bucket.Bucket
    now: Callable[[], float] = time.monotonic
    _line: list[Ticket] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def turn(self, ticket: Ticket) -> None:
        """Return when one request may be sent."""
        ticket.number = next(self._numbers)
        async with self._moved:
            self._line.append(ticket)
            try:
                while (wait := self._wait(ticket)) != 0:
                    await self._sleep(wait)
                self.bucket.take(self.now())
            finally:
                self._line.remove(ticket)
                self._moved.notify_all()

    async def hurry(self, ticket: Ticket, urgency: int) -> None:
        """What the ticket is wanted for is more urgent now."""
        async with self._moved:
            ticket.urgency = min(ticket.urgency, urgency)
            self._moved.notify_all()

    def unused(self) -> None:
        """A turn was taken and nothing was sent."""
        self.bucket.level = max(0.0, self.bucket.level - 1)

    def overflowed(self) -> None:
        """The portal said that we are too fast."""
        self.bucket.overflowed(self.now())

    @property
    def busy(self) -> bool:
        """Whether it is anything else than a new one."""
        return bool(self._line or self.bucket.delay(self.now()) or self.bucket.level)

    def _wait(self, ticket: Ticket) -> float | None:
        return self.bucket.delay(self.now()) if min(self._line) is ticket else None

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        except TimeoutError:
            return


class Caller:
    """Calls to any portal: paced, with a token that is refreshed once when it ran out."""

    def __init__(
        self, *, client: Client, tokens: Tokens, store: TokenStore, metrics: Metrics, bucket_sizes: BucketSizes
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._store = store
        self._metrics = metrics
        self._bucket_sizes = bucket_sizes
        self._rate_limiters: dict[PortalId, tuple[str, RateLimiter]] = {}

    async def call(
        self,
        portal: KnownPortal,
        method: str,
        params: dict[str, Any],
        *,
        token_owner: str,
        urgency: int,
        in_turn: bool = False,
    ) -> dict[str, Any]:
        """The whole answer of one call in a holder's name; `in_turn` says that its turn was taken already.

        Raises:
            PortalError, PortalDown: as the client says; TokenExpired only when a refreshed token expired as well.
        """
        token = await self._tokens.access(portal.id, token_owner)
        try:
            return await self.once(portal, method, params, token=token, urgency=None if in_turn else urgency)
        except TokenExpired:
            token = await self._tokens.refreshed(portal.id, token_owner, stale=token)
            return await self.once(portal, method, params, token=token, urgency=urgency)

    async def idle(self) -> None:
        """Wait until every new token is stored."""
        await self._tokens.idle()

    async def adopt(self, portal: KnownPortal, token_owner: str, event_tokens: EventTokens) -> None:
        """Keep the tokens of an event as a holder's, to be refreshed, unless we have newer ones."""
        await self._tokens.adopt(portal.id, token_owner, event_tokens)

    async def confirmed_tokens(
        self, portal: KnownPortal, event_tokens: EventTokens, auth_endpoint: str
    ) -> ConfirmedTokens:
        """Ask the authorization server whose these tokens are, which came in the name of a portal."""
        return await self._tokens.confirmed_tokens(portal.id, event_tokens, auth_endpoint)

    async def turn(self, portal: KnownPortal, ticket: Ticket) -> None:
        """Return when one request may be sent, and count it: whoever packs it then packs it as late as can be."""
        await self._rate_limiter(portal).turn(ticket)

    async def hurry(self, portal: KnownPortal, ticket: Ticket, urgency: int) -> None:
        """Something more urgent came while the ticket's turn had not."""
        await self._rate_limiter(portal).hurry(ticket, urgency)

    def unused(self, portal: KnownPortal) -> None:
        """The turn that was taken was not needed after all."""
        self._rate_limiter(portal).unused()

    async def once(
        self, portal: KnownPortal, method: str, params: dict[str, Any], *, token: str, urgency: int | None
    ) -> dict[str, Any]:
        """The whole answer of one call with this very token; without an urgency its turn was taken already."""
        rate_limiter = self._rate_limiter(portal)
        if urgency is not None:
            await rate_limiter.turn(Ticket(urgency))
        started = time.monotonic()
        outcome = "failed"
        try:
            answer = await self._client.call(portal.endpoint, method, params, token=token)
            outcome = "done"
        except TooFast:
            outcome = "TooFast"
            rate_limiter.overflowed()
            raise
        except BotError as exc:
            outcome = type(exc).__name__
            raise
        finally:
            self._metrics.portal_requests_total.labels(outcome=outcome).inc()
            self._metrics.portal_request_seconds.observe(time.monotonic() - started)
        if answer.endpoint != portal.endpoint:
            await self._store.portal_moved(portal.id, answer.endpoint)
        return answer.tree

    def _rate_limiter(self, portal: KnownPortal) -> RateLimiter:
        """One for each portal; a portal that changes its plan gets another bucket."""
        found = self._rate_limiters.get(portal.id)
        if found is None or found[0] != portal.license:
            if len(self._rate_limiters) >= REMEMBERED:  # strangers who said once that they are portals
                self._rate_limiters = {id_: one for id_, one in self._rate_limiters.items() if one[1].busy}
            found = portal.license, RateLimiter(self._bucket_sizes.bucket(portal.license, time.monotonic()))
            self._rate_limiters[portal.id] = found
        return found[1]
