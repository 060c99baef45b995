"""Calls portals at the allowed rate, with valid tokens."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.bitrix.outbound import leaky_bucket
from bot.bitrix.outbound.client import Client
from bot.bitrix.outbound.leaky_bucket import BucketSizes
from bot.bitrix.outbound.merged_reads import Read, Tree, WaitingReads
from bot.bitrix.outbound.speaking import Speakers, refuses_user
from bot.bitrix.outbound.speaking.speakers import SpeakerStore
from bot.bitrix.outbound.tokens import Tokens
from bot.bitrix.walk import ahead
from bot.clock import Clock
from bot.errors import (
    BotError,
    BotTokenReplaced,
    Broken,
    Gone,
    PortalDown,
    PortalError,
    Refused,
    TokenExpired,
    TokenRefused,
    TooBig,
    TooFast,
)
from bot.model import ordering
from bot.model.events import EventTokens, PortalId
from bot.model.records import ConfirmedTokens, KnownPortal
from bot.observability.metrics import Metrics

REMEMBERED = 1000
"""The most portals with a rate limiter; beyond it, limiters in their initial state are dropped."""


@dataclass(slots=True)
class Ticket:
    """A request's place in the queue of a rate limiter; a lower `urgency` number goes first, and it may be lowered.

    `sends`: the request carries effects, or searches for the result of an earlier one; otherwise a handler reads.
    """

    urgency: int
    number: int = 0
    sends: bool = False
    withdrawn: bool = False


@dataclass(slots=True)
class RateLimiter:
    """A leaky bucket with a queue: the most urgent request goes first.

    At equal urgency the sender and the handlers take turns: one request of the sender may carry fifty effects, and
    would otherwise wait behind the reads of every handler. Requests of each of the two are sent in the order they came.
    """

    bucket: leaky_bucket.Bucket
    clock: Clock
    _waiting: list[Ticket] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _sent_last: bool = False

    async def turn(self, ticket: Ticket) -> bool:
        """Wait until a request may be sent, count it, and return True; False if its ticket was withdrawn."""
        ticket.number = next(self._numbers)
        async with self._changed:
            self._waiting.append(ticket)
            try:
                # None: another ticket is more urgent; wait until the queue changes.
                while not ticket.withdrawn and (wait := self._wait(ticket)) != 0:
                    await self._sleep(wait)
                if not ticket.withdrawn:
                    self.bucket.take(self.clock.monotonic())
                    self._sent_last = ticket.sends
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
        return not ticket.withdrawn

    def turn_at_once(self) -> bool:
        """Take a turn for the sender and return True; return False if somebody waits or no request may be sent now."""
        now = self.clock.monotonic()
        if self._waiting or self.bucket.delay(now):
            return False
        self.bucket.take(now)
        self._sent_last = True
        return True

    async def hurry(self, ticket: Ticket, urgency: int) -> None:
        """Lower the urgency number of a waiting ticket to `urgency`; a lower number stays."""
        async with self._changed:
            ticket.urgency = min(ticket.urgency, urgency)
            self._changed.notify_all()

    async def withdraw(self, ticket: Ticket) -> None:
        """Withdraw a waiting ticket, because another request has served its purpose; `turn` then returns False."""
        ticket.withdrawn = True  # at once: nobody may take the turn while we wait for the condition
        async with self._changed:
            self._changed.notify_all()

    def unused(self) -> None:
        """Give a turn back, because no request was sent."""
        self.bucket.level = max(0.0, self.bucket.level - 1)

    def overflowed(self) -> None:
        """Mark the bucket as full, because the portal refused a request."""
        self.bucket.overflowed(self.clock.monotonic())

    @property
    def busy(self) -> bool:
        """Check whether somebody waits or the bucket is not empty; otherwise a new rate limiter would be the same."""
        return bool(self._waiting or self.bucket.delay(self.clock.monotonic()) or self.bucket.level)

    def _wait(self, ticket: Ticket) -> float | None:
        return self.bucket.delay(self.clock.monotonic()) if min(self._waiting, key=self._place) is ticket else None

    def _place(self, ticket: Ticket) -> tuple[int, bool, int]:
        return ticket.urgency, ticket.sends == self._sent_last, ticket.number

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Says which token a read is sent with: that of a token owner, or `token`, which came with an event."""

    portal: KnownPortal
    token_owner: str = ""
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsInLine:
    """The waiting reads of one identity, and their common place in the queue of the rate limiter."""

    ticket: Ticket
    reads: WaitingReads = field(default_factory=WaitingReads)


class Store(SpeakerStore, Protocol):
    """Stores tokens and the endpoints of portals."""

    async def portal_moved(self, portal: PortalId, endpoint: str) -> None:
        """Store the new endpoint of a portal that was renamed."""
        ...


class Caller:
    """Calls portals within their rate limits; refreshes an expired token and repeats the call once."""

    def __init__(
        self,
        *,
        client: Client,
        tokens: Tokens,
        store: Store,
        metrics: Metrics,
        bucket_sizes: BucketSizes,
        clock: Clock,
    ) -> None:
        self.client = client
        self._tokens = tokens
        self._store = store
        self._metrics = metrics
        self._bucket_sizes = bucket_sizes
        self._clock = clock
        self.speakers = Speakers(store=store, clock=clock)
        self._rate_limiters: dict[PortalId, tuple[str, RateLimiter]] = {}
        self._in_line: dict[Identity, ReadsInLine] = {}
        self._ahead: dict[PortalId, float] = {}

    async def read(self, identity: Identity, method: str, params: dict[str, Any], *, urgency: int) -> Tree:
        """Return the whole answer of a call that changes nothing; waiting reads of one identity share one request.

        A read joins others only while they wait for their turn, so that no answer is older than the call of this
        method.

        Raises:
            PortalError, PortalDown: as `call`, or with the token of an event as `once`.
        """
        read, line = Read(method=method, params=params), self._in_line.get(identity)
        if line is not None and line.reads.has_room(read):
            answer = line.reads.add(read)
            await self.hurry(identity.portal, line.ticket, urgency)
        else:
            line = self._in_line[identity] = ReadsInLine(ticket=Ticket(urgency))
            answer = line.reads.add(read)
            await self._send_reads(identity, line)
        try:
            found = await answer
        except (Broken, Gone, Refused, TooBig):  # perhaps because of one read only
            if not line.reads.together:
                raise
            found = await self._ask(identity, read, urgency=urgency)
        if isinstance(found, PortalError):
            raise found
        return found

    async def reads_in_line(self, identity: Identity, *, room: int) -> WaitingReads:
        """Take an identity's waiting reads out of the queue, to send them in the caller's own batch.

        Return no reads if they need more than `room` commands. The caller must answer each read or make it fail.
        """
        line = self._in_line.get(identity)
        if line is None or line.reads.size > room:
            return WaitingReads()
        del self._in_line[identity]
        line.reads.go_along = True
        await self._rate_limiter(identity.portal).withdraw(line.ticket)
        return line.reads

    async def _send_reads(self, identity: Identity, line: ReadsInLine) -> None:
        """Wait for a turn, send all reads that have joined, and give each one its answer or the error."""
        try:
            await asyncio.sleep(0)  # reads that begin at the same moment join
            if not await self._rate_limiter(identity.portal).turn(line.ticket):
                return  # the request that took the reads answers them
        except BaseException:  # this task is cancelled
            line.reads.fail(PortalDown("the read was given up", outcome_unknown=False))
            raise
        finally:
            if self._in_line.get(identity) is line:  # later reads start a new queue
                del self._in_line[identity]
        with contextlib.suppress(BotError), line.reads.being_answered():
            request = line.reads.request()
            tree = await self._ask(identity, request, urgency=line.ticket.urgency, in_turn=True)
            line.reads.answer(tree, as_batch=line.reads.together)

    async def _ask(self, identity: Identity, read: Read, *, urgency: int, in_turn: bool = False) -> Tree:
        portal, method, params = identity.portal, read.method, read.params
        if identity.token is not None:
            return await self.once(
                portal, method, params, token=identity.token, ticket=None if in_turn else Ticket(urgency)
            )
        return await self.call(
            portal, method, params, token_owner=identity.token_owner, urgency=urgency, in_turn=in_turn
        )

    async def call(
        self,
        portal: KnownPortal,
        method: str,
        params: dict[str, Any],
        *,
        token_owner: str,
        urgency: int,
        in_turn: bool = False,
        sends: bool = False,
    ) -> dict[str, Any]:
        """Return the whole answer of one call with the token of a token owner.

        `in_turn`: the caller, which is then the sender, has waited for its turn already. `sends` is as in `Ticket`. If
        the portal refuses the installer's token for a call of the bot, the call is sent with another token.

        Raises:
            PortalError, PortalDown: as the client raises them; TokenExpired only if a refreshed token has expired too.
            NoBotToken: no token that we know lets the bot speak.
            BotTokenReplaced: a read would now have the rights of another user than its handler knows.
        """
        ticket = Ticket(urgency, sends=sends or in_turn)
        owner = ordering.stored_owner(token_owner, portal.speaker)
        if token_owner != ordering.INSTALL:
            return await self._call_as(portal, method, params, token_owner=owner, ticket=ticket, in_turn=in_turn)
        refusal: TokenRefused | None = None
        if portal.mute_since is None:
            try:
                return await self._call_as(portal, method, params, token_owner=owner, ticket=ticket, in_turn=in_turn)
            except TokenRefused as exc:
                if not refuses_user(exc):
                    raise
                refusal = exc
        elif in_turn:
            self.unused(portal)
        speaking = await self.speakers.other(portal, refusal, self._profile)
        if not ticket.sends:
            raise BotTokenReplaced(f"the bot speaks with the token of {speaking.speaker or 'the installer'} now")
        owner = ordering.owner_of_bot(speaking.speaker)
        return await self._call_as(speaking, method, params, token_owner=owner, ticket=ticket)

    async def review_bot_token(self, portal: KnownPortal) -> None:
        """Look for a better token for a bot that speaks with a spare token or cannot speak. Raises as `call` does."""
        await self.speakers.review(portal, self._profile)

    async def refresh(self, portal: PortalId, token_owner: str, *, stale: str) -> None:
        """Refresh the token `stale` of a token owner before anybody needs a new one, as `Tokens.refreshed` does."""
        await self._tokens.refreshed(portal, token_owner, stale=stale)

    async def _profile(self, portal: KnownPortal, token_owner: str) -> dict[str, Any]:
        return await self._call_as(portal, "profile", {}, token_owner=token_owner, ticket=Ticket(0, sends=True))

    async def _call_as(
        self, portal: KnownPortal, method: str, params: dict[str, Any], *, token_owner: str, ticket: Ticket,
        in_turn: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Return the answer of one call with the token of exactly this owner; an expired token is refreshed."""
        token = await self._tokens.access(portal.id, token_owner)
        try:
            return await self.once(portal, method, params, token=token, ticket=None if in_turn else ticket)
        except TokenExpired:
            # The refused call did nothing, so it may be repeated; it needs a turn of its own.
            token = await self._tokens.refreshed(portal.id, token_owner, stale=token)
            return await self.once(portal, method, params, token=token, ticket=ticket)

    async def idle(self) -> None:
        """Wait until no token is being refreshed, so that every new token is stored."""
        await self._tokens.idle()

    async def adopt(self, portal: KnownPortal, token_owner: str, event_tokens: EventTokens) -> None:
        """Store the tokens of an event for a token owner, unless newer ones are stored."""
        await self._tokens.adopt(portal.id, token_owner, event_tokens)

    async def confirmed_tokens(
        self, portal: KnownPortal, event_tokens: EventTokens, auth_endpoint: str
    ) -> ConfirmedTokens:
        """Ask the authorization server which portal these tokens belong to, as `Tokens.confirmed_tokens` does."""
        return await self._tokens.confirmed_tokens(portal.id, event_tokens, auth_endpoint)

    async def turn(self, portal: KnownPortal, ticket: Ticket) -> None:
        """Wait until one request may be sent to a portal, and count it.

        The sender packs the request afterwards, so that it contains all effects that were decided meanwhile.
        """
        await self._rate_limiter(portal).turn(ticket)

    def turn_at_once(self, portal: KnownPortal) -> bool:
        """Take a turn for the sender without waiting; return False if no request may be sent now."""
        return self._rate_limiter(portal).turn_at_once()

    async def hurry(self, portal: KnownPortal, ticket: Ticket, urgency: int) -> None:
        """Lower the urgency number of a waiting ticket; see `RateLimiter.hurry`."""
        await self._rate_limiter(portal).hurry(ticket, urgency)

    def unused(self, portal: KnownPortal) -> None:
        """Give a turn back, because no request was sent."""
        self._rate_limiter(portal).unused()

    async def once(
        self, portal: KnownPortal, method: str, params: dict[str, Any], *, token: str, ticket: Ticket | None
    ) -> dict[str, Any]:
        """Return the whole answer of one call with this token. `ticket` None: its turn was taken already.

        Raises:
            PortalError, PortalDown: as the client raises them.
        """
        rate_limiter = self._rate_limiter(portal)
        if ticket is not None:
            await rate_limiter.turn(ticket)
        started = self._clock.monotonic()
        outcome = "failed"
        try:
            answer = await self.client.call(portal.endpoint, method, params, token=token)
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
            self._metrics.portal_request_seconds.observe(self._clock.monotonic() - started)
        self._note_clock(portal.id, answer.tree)
        if answer.endpoint != portal.endpoint:
            await self._store.portal_moved(portal.id, answer.endpoint)
        return answer.tree

    def clock_ahead(self, portal: PortalId) -> float | None:
        """Return how many seconds a portal's clock was ahead of ours at its last answer; None without an answer."""
        return self._ahead.get(portal)

    def _note_clock(self, portal: PortalId, tree: Tree) -> None:
        if len(self._ahead) >= REMEMBERED:
            self._ahead.clear()
        self._ahead[portal] = ahead(tree, self._clock.wall())

    def _rate_limiter(self, portal: KnownPortal) -> RateLimiter:
        """Return the rate limiter of a portal; a new one if its plan, and so its limit, has changed."""
        found = self._rate_limiters.get(portal.id)
        if found is None or found[0] != portal.license:
            if len(self._rate_limiters) >= REMEMBERED:  # most are addresses that claimed once to be a portal
                self._rate_limiters = {id_: one for id_, one in self._rate_limiters.items() if one[1].busy}
            found = (
                portal.license,
                RateLimiter(self._bucket_sizes.bucket(portal.license, self._clock.monotonic()), self._clock),
            )
            self._rate_limiters[portal.id] = found
        return found[1]
