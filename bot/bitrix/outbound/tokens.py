"""Keeps access tokens, and refreshes expired ones.

There is one refresh at a time for each token owner, and new tokens are stored before they are used.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import structlog

from bot import config
from bot.bitrix.outbound.client import Client
from bot.clock import Clock
from bot.errors import ApplicationUnset, AuthorizationDown, BotError, StoreError, TokenExpired, TokenRefused, judge
from bot.model import ordering
from bot.model.events import EventTokens, PortalId
from bot.model.records import ConfirmedTokens, TokenPair
from bot.observability.metrics import Metrics

KNOWN_SERVERS = frozenset({"oauth.bitrix.info", "oauth.bitrix24.info", "oauth.bitrix24.tech"})
"""Bitrix24's authorization servers; only these and the configured one get our client secret."""
HOUR = 3600
"""Seconds that an access token is valid (reference: OAuth, lifetimes)."""
LOST_FOR = 30.0
"""Seconds to wait for an event with other tokens after the answer to a refresh was lost."""
REMEMBERED = 10_000
"""The most token owners whose refresh states are kept; beyond that, states that nobody needs are forgotten."""
STORE_AGAIN = 1.0
"""Seconds between two attempts to store new tokens when the disk is full or the file locked."""

_T = TypeVar("_T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The application's id and secret, and the address of the authorization server, which refreshes need."""

    client_id: str
    client_secret: str
    oauth_url: str

    @classmethod
    def from_config(cls, app: config.App) -> Self:
        """Take the credentials from the settings of the application."""
        return cls(client_id=app.client_id, client_secret=app.client_secret, oauth_url=app.oauth_url)


class TokenStore(Protocol):
    """Stores the tokens and addresses of portals."""

    async def token_pair(self, portal: PortalId, token_owner: str) -> TokenPair | None:
        """Return the tokens of a token owner; None if none are stored."""
        ...

    async def put_token_pair(self, portal: PortalId, token_owner: str, token_pair: TokenPair) -> None:
        """Store the new tokens of a token owner."""
        ...

    async def auth_endpoint(self, portal: PortalId) -> str:
        """Return the address of the authorization server that the portal named; empty if it named none."""
        ...

    async def portal_moved(self, portal: PortalId, endpoint: str) -> None:
        """Store the new endpoint of a portal that was renamed."""
        ...


@dataclass(slots=True)
class RefreshState:
    """The lock for refreshing one token owner's token, and the last error of a refresh.

    Callers who waited for the lock get that error too.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    error: BotError | None = None
    unanswered: str = ""
    """The refresh token of the last request that got no answer: it may be used up, and the new one lost."""
    unanswered_at: float = 0.0
    """When that request ended, in seconds of the monotonic clock."""

    users: int = 0
    """The number of callers that hold the lock or wait for it."""

    def in_use(self, now: float) -> bool:
        """Check whether this state is needed: by a caller, or because the answer to a refresh was lost lately.

        `now` is in monotonic seconds.
        """
        return self.users > 0 or bool(self.unanswered and now - self.unanswered_at < LOST_FOR)


class Tokens:
    """Returns and refreshes the access tokens of all portals and token owners."""

    def __init__(
        self, *, store: TokenStore, client: Client, credentials: Credentials, metrics: Metrics, clock: Clock
    ) -> None:
        self._store = store
        self._client = client
        self._credentials = credentials
        self._metrics = metrics
        self._clock = clock
        self._refreshes: defaultdict[tuple[PortalId, str], RefreshState] = defaultdict(RefreshState)
        self._running: set[asyncio.Task[Any]] = set()

    async def access(self, portal: PortalId, token_owner: str) -> str:
        """Return the stored access token of a token owner; it may have expired.

        Raises:
            TokenRefused: no token is stored.
        """
        token_pair = await self._store.token_pair(portal, token_owner)
        if token_pair is None or not token_pair.access_token:
            raise TokenRefused("", f"no token of {token_owner} is known", method="oauth/token", status=401)
        return token_pair.access_token

    async def adopt(self, portal: PortalId, token_owner: str, event_tokens: EventTokens) -> None:
        """Store the tokens of an event for a token owner, unless newer ones are stored."""
        async with self._alone(self._state(portal, token_owner)):
            known = await self._store.token_pair(portal, token_owner)
            if known is None or known.expires < event_tokens.expires:  # an event that waited has old tokens
                await self._store.put_token_pair(
                    portal,
                    token_owner,
                    TokenPair(
                        access_token=event_tokens.access_token,
                        refresh_token=event_tokens.refresh_token or (known.refresh_token if known else ""),
                        expires=event_tokens.expires,
                    ),
                )

    async def refreshed(self, portal: PortalId, token_owner: str, *, stale: str) -> str:
        """Return an access token that differs from the expired token `stale`; concurrent callers share one refresh.

        A request to the authorization server always runs to its end: it may use up the old refresh token, and only its
        answer contains the new one.

        Raises:
            TokenRefused: there is no refresh token, or the authorization server refuses it.
            TokenExpired: the server refuses it, but its answer to an earlier refresh was lost a moment ago; an event
                may bring other tokens.
            AuthorizationDown: the authorization server gave no usable answer; nothing was changed.
        """
        return await self._run_to_end(self._refreshed(portal, token_owner, stale))

    async def idle(self) -> None:
        """Wait until no refresh is running; the caller sets the timeout."""
        while self._running:
            await asyncio.wait(self._running)

    async def _run_to_end(self, asking: Coroutine[Any, Any, _T]) -> _T:
        task = asyncio.create_task(asking)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)  # a cancelled caller must not cancel the request

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # the caller has the error already; without a caller it is in the log

    def _state(self, portal: PortalId, token_owner: str) -> RefreshState:
        """Return the refresh state of a token owner; when there are many, states that nobody needs are forgotten."""
        if len(self._refreshes) >= REMEMBERED:
            now = self._clock.monotonic()
            recent = {name: one for name, one in self._refreshes.items() if one.in_use(now)}
            self._refreshes = defaultdict(RefreshState, recent)
        return self._refreshes[portal, token_owner]

    @contextlib.asynccontextmanager
    async def _alone(self, state: RefreshState) -> AsyncIterator[None]:
        state.users += 1
        try:
            async with state.lock:
                yield
        finally:
            state.users -= 1

    async def _refreshed(self, portal: PortalId, token_owner: str, stale: str) -> str:
        state = self._state(portal, token_owner)
        failures = state.failures  # read before waiting, to notice a failure of the caller before us
        async with self._alone(state):
            token_pair = await self._store.token_pair(portal, token_owner)
            if token_pair and token_pair.access_token not in ("", stale):  # refreshed while we waited
                return token_pair.access_token
            if state.error and state.failures != failures:  # another caller tried while we waited
                raise same(state.error)
            if token_pair is None or not token_pair.refresh_token:
                raise TokenRefused(
                    "expired_token", f"the token of {token_owner} ran out", method="oauth/token", status=401
                )
            try:
                return await self._refresh(portal, token_owner, token_pair)
            except BotError as exc:
                later = await self._store.token_pair(portal, token_owner)
                if later and later.access_token not in ("", stale):  # an event brought others while we asked
                    return later.access_token
                error = self._refresh_error(exc, state, token_pair)
                state.failures, state.error = state.failures + 1, same(error)
                raise error from None

    def _refresh_error(self, error: BotError, state: RefreshState, token_pair: TokenPair) -> BotError:
        """Return the error to raise for a failed refresh, instead of the server's `error`.

        If a lost answer may have used up the refresh token, a refusal becomes TokenExpired, so that the call is tried
        again.
        """
        now = self._clock.monotonic()
        if isinstance(error, AuthorizationDown):
            state.unanswered, state.unanswered_at = token_pair.refresh_token, now
        ours = state.unanswered == token_pair.refresh_token and now - state.unanswered_at < LOST_FOR
        if ours and isinstance(error, TokenRefused):
            return TokenExpired(error.code, "the new tokens were lost on the way", method="oauth/token", status=401)
        return error

    async def confirmed_tokens(
        self, portal: PortalId, event_tokens: EventTokens, auth_endpoint: str
    ) -> ConfirmedTokens:
        """Ask the authorization server which portal these tokens of an installation belong to.

        The server is asked for `app.info`. If that does not tell, the tokens are refreshed, because the answer to a
        refresh names the portal too. New tokens are stored at once under the portal that the event names, for the next
        attempt.

        Raises:
            TokenRefused: the tokens are unknown, or of another application.
            PortalDown: the authorization server gave no usable answer.
        """
        token_owner = ordering.owner_pending(event_tokens.refresh_token)
        token_pair = await self._store.token_pair(portal, token_owner) or TokenPair(
            access_token=event_tokens.access_token,
            refresh_token=event_tokens.refresh_token,
            expires=event_tokens.expires,
        )
        server = self._regional_server(auth_endpoint)
        if confirmed_tokens := await self._look_up(server, token_pair):
            return confirmed_tokens
        return await self._run_to_end(self._refresh_pending(server, portal, token_owner, token_pair))

    async def _look_up(self, server: str, token_pair: TokenPair) -> ConfirmedTokens | None:
        """Ask the authorization server which portal a token belongs to.

        None if the answer does not tell: the token has expired, or the server has no app.info or names no installation.

        Raises:
            TokenRefused: the token is unknown, or of another application.
        """
        try:
            info = await self._client.described(urljoin(server, "/rest/app.info"), token=token_pair.access_token)
        except TokenExpired:
            return None
        except TokenRefused:
            if token_pair.expires <= self._clock.wall():  # it may report an expired token as a wrong one
                return None
            raise
        install, client_id = info.get("install"), str(info.get("client_id") or "")
        if not isinstance(install, dict) or not client_id:
            return None
        # Another application's token on the same portal would let its owner replace our tokens.
        if self._credentials.client_id not in ("", client_id):
            raise TokenRefused("", f"the token is of the application {client_id:.100}", method="app.info", status=401)
        return _confirmed(install, token_pair)

    async def _refresh_pending(
        self, server: str, portal: PortalId, token_owner: str, token_pair: TokenPair
    ) -> ConfirmedTokens:
        answer = await self._request(server, token_pair.refresh_token)
        fresh = self._token_pair(answer, token_pair.refresh_token)
        # Stored before it is used: the old refresh token no longer works, and the process may end here.
        await self._store_pair(portal, token_owner, fresh)
        return _confirmed(answer, fresh)

    async def _refresh(self, portal: PortalId, token_owner: str, token_pair: TokenPair) -> str:
        try:
            answer = await self._request(await self._server(portal), token_pair.refresh_token)
        except BotError as exc:
            self._metrics.token_refreshes_total.labels(outcome="failed").inc()
            log.warning("token.refresh_failed", portal=portal, token_owner=token_owner, error=str(exc))
            raise
        fresh = self._token_pair(answer, token_pair.refresh_token)
        await self._store_pair(portal, token_owner, fresh)
        self._metrics.token_refreshes_total.labels(outcome="done").inc()
        return fresh.access_token

    async def _store_pair(self, portal: PortalId, token_owner: str, fresh: TokenPair) -> None:
        """Store new tokens, and repeat this while the disk is full, because we lose the portal with the tokens."""
        logged = False
        while True:
            try:
                return await self._store.put_token_pair(portal, token_owner, fresh)
            except StoreError as exc:
                if not judge(exc).passes:
                    raise
                if not logged:
                    log.error("token.not_stored", portal=portal, token_owner=token_owner, error=str(exc))  # noqa: TRY400 - it is temporary
                logged = True
            await asyncio.sleep(STORE_AGAIN)

    async def _server(self, portal: PortalId) -> str:
        return self._regional_server(await self._store.auth_endpoint(portal))

    def _regional_server(self, auth_endpoint: str) -> str:
        """Return the address for refreshes on the authorization server that a portal named.

        If that is none of Bitrix24's servers, it is the configured address.
        """
        try:
            host = urlsplit(auth_endpoint).hostname or ""
        except ValueError:
            host = ""
        return f"https://{host}/oauth/token/" if host in KNOWN_SERVERS else self._credentials.oauth_url

    async def _request(self, server: str, refresh_token: str) -> dict[str, Any]:
        who = self._credentials
        if not (who.client_id and who.client_secret):
            missing = " and ".join(
                name
                for name, value in (("app.client_id", who.client_id), ("app.client_secret", who.client_secret))
                if not value
            )
            raise ApplicationUnset(missing)
        return await self._client.refresh(
            server, client_id=who.client_id, client_secret=who.client_secret, refresh_token=refresh_token
        )

    def _token_pair(self, answer: dict[str, Any], refresh_token: str) -> TokenPair:
        return TokenPair(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer.get("refresh_token") or refresh_token),
            expires=_expires(answer, self._clock.wall()),
        )


def same(error: BotError) -> BotError:
    """Return a copy of an error without its traceback.

    An error that is raised again and again would keep the frames of every caller, with the tokens in them.
    """
    twin = type(error).__new__(type(error), *error.args)
    vars(twin).update(vars(error))
    return twin


def _confirmed(said: dict[str, Any], token_pair: TokenPair) -> ConfirmedTokens:
    whose, endpoint = str(said.get("member_id") or ""), str(said.get("client_endpoint") or "")
    return ConfirmedTokens(portal=PortalId(whose), endpoint=endpoint, token_pair=token_pair)


def _expires(answer: dict[str, Any], now: float) -> int:
    """Return when a new token expires (unix seconds); in an hour if the server gives no number."""
    try:
        return int(answer.get("expires") or now + float(answer.get("expires_in") or HOUR))
    except (TypeError, ValueError, OverflowError):
        return int(now) + HOUR
