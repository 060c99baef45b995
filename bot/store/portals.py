"""Stores portals and the tokens of their users."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping

from bot.errors import ConfigError, StoreError
from bot.model import ordering
from bot.model.events import DialogEvent, EventTokens, PortalId, UserId
from bot.model.queued import WaitingEvent
from bot.model.records import AuditEntry, KnownPortal, PortalStatus, QueueStatus, TokenPair
from bot.model.state_changes import PortalGone, PortalKnown, StateChange
from bot.store import coding
from bot.store.encryption import Encryption
from bot.store.sqlite import Database
from bot.store.statements import Statement

REMEMBERED = 10_000
"""The most portals whose application_token is cached, and the most users whose last stored tokens are cached.

If a user's tokens equal the cached ones, they are not stored again.
"""
AS_NEW = 1800
"""Tokens of the bot's own user are not stored again if they expire less than so many seconds after the stored ones.

Every event brings some, and they are needed only after an unknown outcome.
"""

AUDIT_PART = 500
"""How many entries one statement reads, so that the service can write in between."""


class PortalStore:
    """Stores portals and the tokens of their users; the base class of the inbox and the outbox, which need both."""

    def __init__(self, database: Database, encryption: Encryption) -> None:
        self.db = database
        self.encryption = encryption
        self._tokens: dict[PortalId, str] = {}
        self._kept: dict[tuple[PortalId, UserId], EventTokens] = {}
        self._own: dict[tuple[PortalId, str], int] = {}

    async def check_key(self) -> None:
        """Check that the key decrypts the stored application_token of every portal.

        Raises:
            ConfigError: a token was encrypted with another key.
        """
        rows = await self.db.read("portal_secrets")
        try:
            for row in rows:
                self.encryption.decrypt(row["application_token"])
        except StoreError as exc:
            raise ConfigError(
                "security.key_file or security.key: not the key that the tokens in this database were encrypted with; "
                "give the old key, or see `If the key is lost` in docs/start/deploy.md"
            ) from exc

    async def portal(self, portal: PortalId) -> KnownPortal | None:
        """Return a portal; None if it is not installed."""
        row = await self.db.read_one("portal_get", portal=portal)
        return coding.portal(row) if row and row["active"] else None

    async def application_token(self, portal: PortalId) -> str | None:
        """Return the application_token that events of a portal must contain; None if no token is known.

        The token is kept after a removal, so that the last events of the portal are still authentic.
        """
        if portal not in self._tokens:
            row = await self.db.read_one("portal_get", portal=portal)
            if row is None:
                return None
            # A new installation may have set a newer token during the read; that token stays.
            self._tokens.setdefault(portal, self.encryption.decrypt(row["application_token"]))
        token = self._tokens[portal]
        self._forget_oldest()
        return token or None

    def _forget_oldest(self) -> None:
        while len(self._tokens) > REMEMBERED:
            del self._tokens[next(iter(self._tokens))]

    def _note_tokens(self, row: WaitingEvent, state_changes: Iterable[StateChange]) -> None:
        """Update the tokens that are cached in memory, after an event was committed.

        An installation replaces the application_token of its portal, and a removal with `clean` removes it. The tokens
        of the event's user are remembered as stored.
        """
        for state_change in state_changes:
            if isinstance(state_change, PortalKnown):
                self._tokens[row.portal] = state_change.application_token
            elif isinstance(state_change, PortalGone) and state_change.clean:
                self._tokens[row.portal] = ""
            self._forget_oldest()
            if isinstance(state_change, PortalKnown | PortalGone):
                self._kept.clear()
                self._own.clear()
        self._note_own(row)
        if row.event_tokens.user is not None:
            if len(self._kept) >= REMEMBERED:
                self._kept.clear()
            self._kept[row.portal, row.event_tokens.user] = row.event_tokens

    def _note_own(self, row: WaitingEvent) -> None:
        """Remember when the stored tokens of the bot's own user expire, if this event stored some."""
        own = row.event_tokens.own
        if own is not None and self._own_tokens(row):
            if len(self._own) >= REMEMBERED:
                self._own.clear()
            self._own[row.portal, _own_owner(row)] = own.expires

    async def portals_with_relay(self) -> list[PortalId]:
        """Return the installed portals where a dialog follows posts, or a card shows the content of a post."""
        return [PortalId(row["id"]) for row in await self.db.read("portals_with_relay")]

    async def portals_at(self, domain: str) -> list[PortalId]:
        """Return the portals with this domain, the oldest first.

        There may be several, because anybody can claim a domain; only a few are returned.
        """
        return [PortalId(row["id"]) for row in await self.db.read("portals_by_domain", domain=domain)]

    async def token_pair(self, portal: PortalId, token_owner: str) -> TokenPair | None:
        """Return the tokens of a token owner, decrypted; None if none are stored."""
        row = await self.db.read_one("token_get", portal=portal, token_owner=token_owner)
        if row is None:
            return None
        access, refresh = self.encryption.decrypt(row["access_token"]), self.encryption.decrypt(row["refresh_token"])
        return TokenPair(access_token=access, refresh_token=refresh, expires=row["expires"])

    async def put_token_pair(self, portal: PortalId, token_owner: str, token_pair: TokenPair) -> None:
        """Store the new tokens of a token owner, if the portal is installed or the owner is a pending installation."""
        values = {
            "portal": portal,
            "token_owner": token_owner,
            "access_token": self.encryption.encrypt(token_pair.access_token),
            "refresh_token": self.encryption.encrypt(token_pair.refresh_token),
            "expires": token_pair.expires,
            "refresh_due": token_pair.expires + coding.REFRESH_AFTER,
            **coding.KEYS,
        }
        await self.db.write([Statement(name="token_put", values=values)])

    async def auth_endpoint(self, portal: PortalId) -> str:
        """Return the address of the authorization server that the portal named; empty if it named none."""
        row = await self.db.read_one("portal_get", portal=portal)
        return str(row["auth_endpoint"]) if row else ""

    async def portal_moved(self, portal: PortalId, endpoint: str) -> None:
        """Store the new endpoint of a portal that was renamed."""
        await self.db.write([Statement(name="portal_moved", values={"portal": portal, "endpoint": endpoint})])

    def _tokens_of(self, row: WaitingEvent) -> list[Statement]:
        """Return the statements that store the tokens of an event's user, and of the bot's own user.

        Later actions in the user's name need these tokens. No statement replaces newer tokens, because the event may
        have waited for long.
        """
        tokens, own = row.event_tokens, self._own_tokens(row)
        if tokens.user is None or not tokens.access_token or row.kind == "Installed":
            return own
        if self._kept.get((row.portal, tokens.user)) == tokens:
            return own  # all events of a user within an hour have the same tokens
        return [self._kept_for(row.portal, ordering.owner_user(tokens.user), tokens), *own]

    def _own_tokens(self, row: WaitingEvent) -> list[Statement]:
        """Return the statement that stores the tokens of the bot's own user, if the stored ones are not as new."""
        owner, own = _own_owner(row), row.event_tokens.own
        if own is None or not owner or own.expires - self._own.get((row.portal, owner), 0) < AS_NEW:
            return []
        return [self._kept_for(row.portal, owner, own)]

    def _kept_for(self, portal: PortalId, token_owner: str, tokens: EventTokens) -> Statement:
        access, refresh = self.encryption.encrypt(tokens.access_token), self.encryption.encrypt(tokens.refresh_token)
        values = portal, token_owner, access, refresh, tokens.expires, tokens.expires + coding.REFRESH_AFTER
        return Statement(name="token_keep", values=values)


def _own_owner(row: WaitingEvent) -> str:
    """Return the token owner of the bot's own user; empty if the event is for no bot or has no token of it."""
    own, event = row.event_tokens.own, row.event
    return ordering.owner_own(event.bot) if own and own.access_token and isinstance(event, DialogEvent) else ""


async def read_status(database: Database, portal: str = "") -> list[PortalStatus]:
    """Read the state of one portal, or of all installed portals, by domain."""
    events = await _queues(database, "event", portal)
    effects = await _queues(database, "effect", portal)
    return [
        PortalStatus(
            id=PortalId(row["id"]),
            domain=row["domain"],
            api=row["api"],
            bot=row["bot"],
            speaker=row["speaker"],
            mute_since=row["mute_since"],
            mute_reason=row["mute_reason"],
            follows=row["follows"],
            events=events.get(row["id"], QueueStatus()),
            effects=effects.get(row["id"], QueueStatus()),
        )
        for row in await database.read("status_portals", portal=portal)
    ]


async def read_audit(database: Database, *, domain: str = "", since: float = 0.0) -> AsyncIterator[AuditEntry]:
    """Yield the entries since a time (unix seconds), oldest first; `portal` is the domain of the portal.

    With `domain` only the entries of this portal are read.
    """
    after = 0
    while rows := await database.read("audit_export", domain=domain, since=since, after=after, many=AUDIT_PART):
        for row in rows:
            yield coding.audit_entry(row)
        after = rows[-1]["id"]


async def _queues(database: Database, kind: str, portal: str) -> Mapping[str, QueueStatus]:
    waiting = {row["portal"]: row for row in await database.read(f"status_{kind}s", portal=portal)}
    dead = {row["portal"]: int(row["dead"]) for row in await database.read(f"status_dead_{kind}s", portal=portal)}
    errors = {row["portal"]: str(row["error"]) for row in await database.read(f"status_{kind}_errors", portal=portal)}
    return {
        one: QueueStatus(
            waiting=waiting[one]["waiting"] if one in waiting else 0,
            oldest=waiting[one]["oldest"] if one in waiting else None,
            dead=dead.get(one, 0),
            error=errors.get(one, ""),
        )
        for one in {*waiting, *dead}
    }
