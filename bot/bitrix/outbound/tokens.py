"""Whose token a call carries, and its refresh: on `expired_token` only, one at a time, stored before it is used."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import structlog

from bot import config
from bot.bitrix.inbound.incoming import digest
from bot.bitrix.outbound.client import Client
from bot.errors import BotError, StoreError, TokenExpired, TokenRefused
from bot.model.events import EventTokens, PortalId
from bot.model.records import ConfirmedTokens, TokenPair
from bot.observability.metrics import Metrics

KNOWN_SERVERS = frozenset({"oauth.bitrix.info", "oauth.bitrix24.info", "oauth.bitrix24.tech"})
"""Authorization servers of Bitrix24's regions: only they, and the configured one, ever get our client secret."""
ARRIVAL = "arrival:"
"""How the holder of tokens begins that belong to an installation which is not handled yet."""
HOUR = 3600
"""Seconds an access token lives (reference: OAuth, lifetimes)."""
STORE_AGAIN = 1.0
"""Seconds between two tries to store new tokens where the disk is full or the file locked."""

_T = TypeVar("_T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Our application: what a refresh has to show, and where."""

    client_id: str
    client_secret: str
    oauth_url: str

    @classmethod
    def from_config(cls, app: config.App) -> Self:
        """Take the credentials from the settings of the application."""
        return cls(client_id=app.client_id, client_secret=app.client_secret, oauth_url=app.oauth_url)


class TokenStore(Protocol):
    """Where tokens and addresses of portals are kept (the store)."""

    async def token_pair(self, portal: PortalId, token_owner: str) -> TokenPair | None:
        """The tokens of a holder."""
        ...

    async def put_token_pair(self, portal: PortalId, token_owner: str, token_pair: TokenPair) -> None:
        """Keep a new token pair."""
        ...

    async def auth_endpoint(self, portal: PortalId) -> str:
        """Where the portal says its authorization server is."""
        ...

    async def portal_moved(self, portal: PortalId, endpoint: str) -> None:
        """The portal has a new address."""
        ...


@dataclass(slots=True)
class Turn:
    """Who refreshes a holder's token is alone; whoever waits meanwhile shares how it ended."""

    alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    error: BotError | None = None


class Tokens:
    """Access tokens by portal and holder."""

    def __init__(
        self, *, store: TokenStore, client: Client, credentials: Credentials, metrics: Metrics, now: Callable[[], float]
    ) -> None:
        self._store = store
        self._client = client
        self._credentials = credentials
        self._metrics = metrics
        self._now = now
        self._turns: defaultdict[tuple[PortalId, str], Turn] = defaultdict(Turn)
        self._under_way: set[asyncio.Task[Any]] = set()

    async def access(self, portal: PortalId, token_owner: str) -> str:
        """The access token of a holder, fresh or not.

        Raises:
            TokenRefused: we have none.
        """
        token_pair = await self._store.token_pair(portal, token_owner)
        if token_pair is None or not token_pair.access_token:
            raise TokenRefused("", f"no token of {token_owner} is known", method="oauth/token", status=401)
        return token_pair.access_token

    async def adopt(self, portal: PortalId, token_owner: str, event_tokens: EventTokens) -> None:
        """Keep the tokens that came with an event, unless we have newer ones."""
        async with self._turns[portal, token_owner].alone:
            known = await self._store.token_pair(portal, token_owner)
            if known is None or known.expires < event_tokens.expires:
                await self._store.put_token_pair(
                    portal,
                    token_owner,
                    TokenPair(
                        access_token=event_tokens.access_token,
                        refresh_token=event_tokens.refresh_token,
                        expires=event_tokens.expires,
                    ),
                )

    async def refreshed(self, portal: PortalId, token_owner: str, *, stale: str) -> str:
        """A token that is not `stale`; whoever comes while a refresh runs gets the result of that one.

        What was asked of the authorization server is seen through even where nobody waits for it any more: the old
        refresh token may be spent, and only the answer has the new one.

        Raises:
            TokenRefused: there is no refresh token, or the authorization server does not take it any more.
            PortalDown: the authorization server did not answer; nothing was changed.
        """
        return await self._seen_through(self._refreshed(portal, token_owner, stale))

    async def idle(self) -> None:
        """Return when no refresh is under way; one that can never end is for the caller to bound."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _seen_through(self, asking: Coroutine[Any, Any, _T]) -> _T:
        task = asyncio.create_task(asking)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked has it; where nobody waits any more, it is in the log

    async def _refreshed(self, portal: PortalId, token_owner: str, stale: str) -> str:
        turn = self._turns[portal, token_owner]
        failures = turn.failures
        async with turn.alone:
            token_pair = await self._store.token_pair(portal, token_owner)
            if token_pair and token_pair.access_token not in ("", stale):
                return token_pair.access_token
            if turn.error and turn.failures != failures:  # it was tried while we waited
                raise turn.error
            if token_pair is None or not token_pair.refresh_token:
                raise TokenRefused(
                    "expired_token", f"the token of {token_owner} ran out", method="oauth/token", status=401
                )
            try:
                return await self._refresh(portal, token_owner, token_pair)
            except BotError as exc:
                turn.failures, turn.error = turn.failures + 1, exc
                raise

    async def confirmed_tokens(
        self, portal: PortalId, event_tokens: EventTokens, auth_endpoint: str
    ) -> ConfirmedTokens:
        """Whose the tokens of an installation are, and where that portal is: the authorization server says it.

        It is asked for `app.info`. Where it has no answer to that, or the token ran out, new tokens are asked for, and
        their answer says the same; they are stored at once under the portal that the event names, for the next attempt.

        Raises:
            TokenRefused: they are nobody's, or not our application's.
            PortalDown: the authorization server did not answer.
        """
        token_owner = f"{ARRIVAL}{digest(event_tokens.refresh_token)}"
        token_pair = await self._store.token_pair(portal, token_owner) or TokenPair(
            access_token=event_tokens.access_token,
            refresh_token=event_tokens.refresh_token,
            expires=event_tokens.expires,
        )
        server = self._region(auth_endpoint)
        if confirmed_tokens := await self._described(server, token_pair):
            return confirmed_tokens
        return await self._seen_through(self._renewed(server, portal, token_owner, token_pair))

    async def _described(self, server: str, token_pair: TokenPair) -> ConfirmedTokens | None:
        """What the authorization server knows of a token; None where only new ones can tell."""
        try:
            info = await self._client.described(urljoin(server, "/rest/app.info"), token=token_pair.access_token)
        except TokenExpired:
            return None
        except TokenRefused:
            if token_pair.expires <= self._now():  # it may call one that ran out a wrong one
                return None
            raise
        install, client_id = info.get("install"), str(info.get("client_id") or "")
        if not isinstance(install, dict) or not client_id:
            return None
        if self._credentials.client_id not in ("", client_id):
            raise TokenRefused("", f"the token is of the application {client_id:.100}", method="app.info", status=401)
        return _owned(install, token_pair)

    async def _renewed(self, server: str, portal: PortalId, token_owner: str, token_pair: TokenPair) -> ConfirmedTokens:
        answer = await self._ask(server, token_pair.refresh_token)
        fresh = self._token_pair(answer, token_pair.refresh_token)
        await self._keep(portal, token_owner, fresh)
        return _owned(answer, fresh)

    async def _refresh(self, portal: PortalId, token_owner: str, token_pair: TokenPair) -> str:
        try:
            answer = await self._ask(await self._server(portal), token_pair.refresh_token)
        except BotError as exc:
            self._metrics.token_refreshes_total.labels(outcome="failed").inc()
            log.warning("token.refresh_failed", portal=portal, token_owner=token_owner, error=str(exc))
            raise
        fresh = self._token_pair(answer, token_pair.refresh_token)
        await self._keep(portal, token_owner, fresh)
        self._metrics.token_refreshes_total.labels(outcome="done").inc()
        return fresh.access_token

    async def _keep(self, portal: PortalId, token_owner: str, fresh: TokenPair) -> None:
        """Store a new pair; a disk that is full for a while must not cost us the portal."""
        while True:
            try:
                return await self._store.put_token_pair(portal, token_owner, fresh)
            except StoreError as exc:
                if not exc.passing:
                    raise
                log.error("token.not_stored", portal=portal, token_owner=token_owner, error=str(exc))  # noqa: TRY400 - it passes
            await asyncio.sleep(STORE_AGAIN)

    async def _server(self, portal: PortalId) -> str:
        return self._region(await self._store.auth_endpoint(portal))

    def _region(self, auth_endpoint: str) -> str:
        """The token address of a portal's region, if it is one of Bitrix24's own; else the configured one."""
        try:
            host = urlsplit(auth_endpoint).hostname or ""
        except ValueError:
            host = ""
        return f"https://{host}/oauth/token/" if host in KNOWN_SERVERS else self._credentials.oauth_url

    async def _ask(self, server: str, refresh_token: str) -> dict[str, Any]:
        who = self._credentials
        if not (who.client_id and who.client_secret):
            raise TokenRefused(
                "invalid_client", "app.client_id and app.client_secret are not set", method="oauth/token"
            )
        return await self._client.refresh(
            server, client_id=who.client_id, client_secret=who.client_secret, refresh_token=refresh_token
        )

    def _token_pair(self, answer: dict[str, Any], refresh_token: str) -> TokenPair:
        return TokenPair(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer.get("refresh_token") or refresh_token),
            expires=_expires(answer, self._now()),
        )


def _owned(said: dict[str, Any], token_pair: TokenPair) -> ConfirmedTokens:
    whose, endpoint = str(said.get("member_id") or ""), str(said.get("client_endpoint") or "")
    return ConfirmedTokens(portal=PortalId(whose), endpoint=endpoint, token_pair=token_pair)


def _expires(answer: dict[str, Any], now: float) -> int:
    """When a new token ends, for tidying only; an hour from now where the server does not say it as a number."""
    try:
        return int(answer.get("expires") or now + float(answer.get("expires_in") or HOUR))
    except (TypeError, ValueError, OverflowError):
        return int(now) + HOUR
