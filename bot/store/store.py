"""What the loops and handlers ask of the database, in our own types."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import aiosqlite
import msgspec
import structlog

from bot.errors import ConfigError, StoreError
from bot.model import effects, events, ordering
from bot.model.effects import Effect
from bot.model.events import PortalId
from bot.model.queued import IncomingEvent, Outcome, WaitingEffect, WaitingEvent
from bot.model.records import KnownPortal, TokenPair
from bot.model.state_changes import PortalGone, PortalKnown, StateChange
from bot.store import coding, remember, timers
from bot.store.encryption import Encryption
from bot.store.sqlite import Database, InboxRow, Row

T = TypeVar("T")

log = structlog.get_logger(__name__)

KEEP_DONE = 3 * 86_400
"""Seconds for which a repeated event is still recognised (and for which a message can be edited)."""
KEEP_DEAD = 28 * 86_400
"""Seconds for which dead letters are kept, for somebody to look at."""
KEEP_POSTS = 182 * 86_400
"""Seconds for which a post is known after it was read last; if it changes later, it is told as one never seen."""
SLICE = 250
"""Rows that are forgotten in one transaction: the door waits for no more than these."""


class Store:
    """Everything that is read and written; one method, one transaction."""

    def __init__(self, database: Database, encryption: Encryption, *, delay_notice_after: float = 5.0) -> None:
        """Seconds after `delay_notice_after` a user action that is not done becomes an event."""
        self.db = database
        self.encryption = encryption
        self.delay_notice_after = delay_notice_after
        self._q = database.queries
        self._tokens: dict[PortalId, str] = {}

    # --- the inbox ---------------------------------------------------------------------------------

    async def receive(self, arrived: Iterable[IncomingEvent], now: float) -> None:
        """Put events into the inbox; on return they are on disk. Repeats are dropped."""
        await self.db.add([self._inbox_row(one, now) for one in arrived])

    async def waiting_events(self, *, after: int, many: int) -> list[WaitingEvent]:
        """Events that wait, oldest first, with an id above `after`."""
        ask = partial(self._q.inbox_waiting, self.db.reader, after=after, many=many)
        return await self._read(ask, self._event, self._q.inbox_dead)

    async def waiting_of(self, portal: PortalId, *, feed: bool, after: int, upto: int, many: int) -> list[WaitingEvent]:
        """The same of one portal, up to an id: what stands in the lanes of posts, or everything else."""
        of = {"portal": portal, "feed": feed, **coding.KEYS}
        ask = partial(self._q.inbox_waiting_of, self.db.reader, **of, after=after, upto=upto, many=many)
        return await self._read(ask, self._event, self._q.inbox_dead)

    async def commit_event(
        self,
        row: WaitingEvent,
        state_changes: Sequence[StateChange],
        out: Sequence[Effect],
        now: float,
        *,
        answered: bool = False,
    ) -> None:
        """Facts, effects and "done" of one event: all of it, or none.

        An effect of which the event says that it failed is no dead letter any more where that was `answered`.
        """

        async def job(conn: aiosqlite.Connection) -> None:
            here = await self._keep(conn, row, state_changes, out, now)
            await (self._q.inbox_done if here else self._q.inbox_emptied)(conn, id=row.id)
            if answered and isinstance(row.event, events.Failed):
                await self._q.outbox_answered(conn, id=row.event.effect_id)

        await self.db.write(job)
        self._note_tokens(row.portal, state_changes)

    async def retry_event(self, row: WaitingEvent, *, due_at: float, error: str, counted: bool = True) -> None:
        """Leave an event for later; an attempt that says nothing against the event is not `counted`."""
        values = {"id": row.id, "due_at": due_at, "error": coding.reason(error), "counted": int(counted)}
        await self.db.write(lambda conn: self._q.inbox_retry(conn, **values))

    async def park_event(
        self, row: WaitingEvent, state_changes: Sequence[StateChange], out: Sequence[Effect], *, error: str, now: float
    ) -> None:
        """Park an event as a dead letter; what came of it all the same, and what the user is told, is kept with it."""

        async def job(conn: aiosqlite.Connection) -> None:
            if await self._keep(conn, row, state_changes, out, now):
                await self._q.inbox_dead(conn, id=row.id, error=coding.reason(error))
            else:
                await self._q.inbox_emptied(conn, id=row.id)

        await self.db.write(job)
        self._note_tokens(row.portal, state_changes)

    # --- the outbox --------------------------------------------------------------------------------

    async def portals_with_work(self) -> list[PortalId]:
        """Portals for which something waits to be sent."""
        return [PortalId(row["portal"]) async for row in self._q.outbox_portals(self.db.reader)]

    async def ready_effects(
        self, portal: PortalId, *, now: float, many: int, beyond: float = math.inf
    ) -> list[WaitingEffect]:
        """Whole lanes that may go now, the most urgent first, each lane in order; no due time is honoured `beyond`."""
        times = {"now": now, "beyond": beyond}
        ask = partial(self._q.outbox_ready, self.db.reader, portal=portal, many=many, per_key=50, **times)
        return await self._read(ask, coding.effect, self._q.outbox_dead)

    async def next_due(self, portal: PortalId, now: float) -> float | None:
        """When the next effect that waits for its time is due."""
        due: float | None = await self._q.outbox_next_due(self.db.reader, portal=portal, now=now)
        return due

    async def is_unfinished(self, effect: int) -> bool:
        """Whether an effect is still to be done."""
        return bool(await self._q.outbox_unfinished(self.db.reader, id=effect))

    async def as_it_is_now(self, row: WaitingEffect) -> WaitingEffect | None:
        """A card that waited: what it is to show by now; None: it is not to be sent any more."""
        effect = row.effect
        if isinstance(effect, effects.ShowCard):
            payload: str | None = await self._q.outbox_payload(self.db.reader, id=row.id)
            return replace(row, effect=msgspec.json.decode(payload, type=effects.ShowCard)) if payload else None
        if isinstance(effect, effects.EditCard):
            card = {"portal": row.portal, "post": effect.post, "dialog": effect.dialog}
            return row if await self._q.card_version(self.db.reader, **card) in (effect.version, None) else None
        return row

    async def mark_sending(self, rows: Sequence[WaitingEffect]) -> set[int]:
        """Write down that these are about to leave: after a crash their outcome is unknown.

        Returns the ids of those that waited still; what was dropped meanwhile must not be sent.
        """
        wanted = json.dumps([row.id for row in rows])

        async def job(conn: aiosqlite.Connection) -> set[int]:
            marked = {row["id"] async for row in self._q.outbox_still_waiting(conn, ids=wanted)}
            await self._q.outbox_sending(conn, ids=wanted)
            return marked

        return await self.db.write(job)

    async def settle(self, outcomes: Sequence[Outcome], now: float) -> None:
        """End of an attempt: states of the effects and the events that report them, in one transaction."""

        async def job(conn: aiosqlite.Connection) -> None:
            for outcome in outcomes:
                await self._settle_one(conn, outcome)
            reports = [self._inbox_row(one.report, now) for one in outcomes if one.report]
            if reports:
                await self._q.inbox_add(conn, reports)

        await self.db.write(job)

    async def recover(self, *, settled_at: float = 0.0) -> int:
        """After a start: what was being sent when we ended goes back, marked unsure. Returns how many.

        What has to be looked for is due at `settled_at`: a portal goes on working on a request when we are gone.
        """
        count: int = await self.db.write(partial(self._q.outbox_interrupted, settled_at=settled_at, **coding.KEYS))
        return count

    # --- portals and tokens --------------------------------------------------------------------------

    async def check_key(self) -> None:
        """See that the key is the one that the tokens of all portals were sealed with.

        Raises:
            ConfigError: it is another one.
        """
        rows = [row async for row in self._q.portal_secrets(self.db.reader)]
        try:
            for row in rows:
                self.encryption.decrypt(row["application_token"])
        except StoreError as exc:
            raise ConfigError(
                "security.key_file or security.key: not the key that the tokens in this database were encrypted with; "
                "give the old key, or see `If the key is lost` in docs/start/deploy.md"
            ) from exc

    async def portal(self, portal: PortalId) -> KnownPortal | None:
        """A portal that is installed."""
        row = await self._q.portal_get(self.db.reader, portal=portal)
        return coding.portal(row) if row and row["active"] else None

    async def application_token(self, portal: PortalId) -> str | None:
        """What events of this portal must carry; kept after removal, so that its last events are known for ours."""
        if portal not in self._tokens:
            row = await self._q.portal_get(self.db.reader, portal=portal)
            if row is None:
                return None
            # If it was installed again while we read, the newer token is here already and stays.
            self._tokens.setdefault(portal, self.encryption.decrypt(row["application_token"]))
        return self._tokens[portal] or None

    def _note_tokens(self, portal: PortalId, state_changes: Iterable[StateChange]) -> None:
        """From the commit of an installation on only its token counts, from that of a cleaning removal on none."""
        for state_change in state_changes:
            if isinstance(state_change, PortalKnown):
                self._tokens[portal] = state_change.application_token
            elif isinstance(state_change, PortalGone) and state_change.clean:
                self._tokens[portal] = ""

    async def portals_with_content(self) -> list[PortalId]:
        """Return installed portals where a chat shows the content of a post."""
        return [PortalId(row["id"]) async for row in self._q.portals_with_content(self.db.reader)]

    async def portals_at(self, domain: str) -> list[PortalId]:
        """The portals that say that this is their domain, the oldest few: anybody can say so."""
        return [PortalId(row["id"]) async for row in self._q.portals_by_domain(self.db.reader, domain=domain)]

    async def token_pair(self, portal: PortalId, token_owner: str) -> TokenPair | None:
        """The tokens of a holder."""
        row = await self._q.token_get(self.db.reader, portal=portal, token_owner=token_owner)
        if row is None:
            return None
        access, refresh = self.encryption.decrypt(row["access_token"]), self.encryption.decrypt(row["refresh_token"])
        return TokenPair(access_token=access, refresh_token=refresh, expires=row["expires"])

    async def put_token_pair(self, portal: PortalId, token_owner: str, token_pair: TokenPair) -> None:
        """Keep a new token pair, as long as its portal is there."""
        await self.db.write(lambda conn: self._put_token_pair(conn, portal, token_owner, token_pair))

    async def auth_endpoint(self, portal: PortalId) -> str:
        """Where the portal says its authorization server is."""
        row = await self._q.portal_get(self.db.reader, portal=portal)
        return str(row["auth_endpoint"]) if row else ""

    async def portal_moved(self, portal: PortalId, endpoint: str) -> None:
        """The portal has a new address."""
        await self.db.write(lambda conn: self._q.portal_moved(conn, portal=portal, endpoint=endpoint))

    # --- housekeeping ----------------------------------------------------------------------------------

    async def oldest_event(self) -> float | None:
        """When the oldest unhandled event arrived."""
        at: float | None = await self._q.inbox_oldest(self.db.reader)
        return at

    async def oldest_effect(self) -> float | None:
        """When the oldest unsent effect was decided."""
        at: float | None = await self._q.outbox_oldest(self.db.reader)
        return at

    async def waiting_installations(self) -> int:
        """How many installations and updates wait to be believed."""
        return int(await self._q.inbox_installations(self.db.reader))

    async def dead_letters(self) -> tuple[int, int]:
        """How many events and effects are parked."""
        return await self._q.inbox_dead_count(self.db.reader), await self._q.outbox_dead_count(self.db.reader)

    async def forget_old(self, now: float) -> None:
        """Forget what is old, and users' tokens that ran out; little by little, others' writes in between."""
        q = self._q
        for forget, age in (
            (q.inbox_forget, KEEP_DONE),
            (q.outbox_forget, KEEP_DONE),
            (q.inbox_forget_secrets, KEEP_DONE),
            (q.inbox_forget_dead, KEEP_DEAD),
            (q.outbox_forget_dead, KEEP_DEAD),
            (q.cards_forget, KEEP_POSTS),
            (q.quiet_forget, KEEP_POSTS),
            (q.quiet_lines_forget, KEEP_POSTS),
            (q.posts_forget, KEEP_POSTS),
            (partial(q.tokens_forget, **coding.KEYS), 0),
            (q.conversations_forget, 0),
        ):
            while await self.db.write(partial(forget, before=now - age, many=SLICE)) == SLICE:
                pass

    # --- rows ------------------------------------------------------------------------------------------

    def _inbox_row(self, one: IncomingEvent, now: float) -> InboxRow:
        return coding.inbox_row(one, self.encryption, now)

    def _event(self, row: Row) -> WaitingEvent:
        return coding.event(row, self.encryption)

    async def _read(
        self, ask: Callable[[], AsyncIterator[Row]], decode: Callable[[Row], T], park: Callable[..., Any]
    ) -> list[T]:
        """Rows as values; one that cannot be read (another version wrote it) is parked, and stops nobody."""
        strange: set[int] = set()
        while True:
            found, errors = [], {}
            for row in [row async for row in ask()]:
                try:
                    found.append(decode(row))
                except Exception as exc:  # noqa: BLE001 - whatever is wrong with a row concerns that row
                    errors[row["id"]] = f"it cannot be read: {type(exc).__name__}: {exc}"
                    log.error("row.unreadable", portal=row["portal"], kind=row["kind"], id=row["id"], error=str(exc))  # noqa: TRY400 - the sentence says it all
            if errors.keys() <= strange:  # none, or they could not be parked
                return found
            strange |= errors.keys()
            with contextlib.suppress(StoreError):
                await self.db.write(partial(_each, park, errors))

    async def _settle_one(self, conn: aiosqlite.Connection, one: Outcome) -> None:
        if one.state != "later" and isinstance(one.row.effect, effects.ByUser):
            await self._q.timer_cancel(conn, portal=one.row.portal, key=ordering.timer_of_delay(one.row.id))
        if one.state == "done":
            await self._q.outbox_done(conn, id=one.row.id, result=json.dumps(one.result))
        elif one.state == "dead":
            await self._q.outbox_dead(conn, id=one.row.id, error=coding.reason(one.error))
        elif one.state == "later":
            await self._q.outbox_retry(
                conn,
                id=one.row.id,
                due_at=one.due_at,
                outcome_unknown=int(one.outcome_unknown),
                counted=int(one.counted),
                error=coding.reason(one.error),
            )
        else:
            raise StoreError(f"an attempt cannot end as {one.state!r}")

    async def _keep(
        self,
        conn: aiosqlite.Connection,
        row: WaitingEvent,
        state_changes: Sequence[StateChange],
        out: Sequence[Effect],
        now: float,
    ) -> bool:
        """What came of an event; for a portal that is not there (any more) nothing is kept but that it comes.

        Returns whether the event itself may be kept: what is said in a portal goes with it.
        """
        await self._keep_token_pair(conn, row)
        here = bool(await self._q.portal_is_here(conn, portal=row.portal))
        await remember.check(
            self._q, conn, state_changes, portal=row.portal
        )  # before the first of them changes anything
        for state_change in state_changes:
            if isinstance(state_change, PortalKnown | PortalGone):
                here = isinstance(state_change, PortalKnown)
            elif not here:
                continue
            await remember.apply(self._q, conn, state_change, portal=row.portal, encryption=self.encryption, now=now)
        if out and here:
            rows = coding.outbox_rows(row, out, start=self.db.start, now=now)
            await self._q.outbox_add(conn, rows)
            if notices := timers.delay_notices(rows, out, due_at=now + self.delay_notice_after):
                await self._q.timer_delay_notice(conn, notices)
        return here or isinstance(row.event, events.Installed | events.Uninstalled)

    async def _keep_token_pair(self, conn: aiosqlite.Connection, row: WaitingEvent) -> None:
        """The actor's own token, for deeds in their name; an event that waited long brings no old one back."""
        event_tokens = row.event_tokens
        if event_tokens.user is None or not event_tokens.access_token or row.kind == "Installed":
            return
        token_owner = ordering.owner_user(event_tokens.user)
        kept = await self._q.token_get(conn, portal=row.portal, token_owner=token_owner)
        if kept and kept["expires"] > event_tokens.expires:
            return
        refresh = event_tokens.refresh_token or (self.encryption.decrypt(kept["refresh_token"]) if kept else "")
        token_pair = TokenPair(
            access_token=event_tokens.access_token, refresh_token=refresh, expires=event_tokens.expires
        )
        await self._put_token_pair(conn, row.portal, token_owner, token_pair)

    async def _put_token_pair(
        self, conn: aiosqlite.Connection, portal: PortalId, token_owner: str, token_pair: TokenPair
    ) -> None:
        await self._q.token_put(
            conn,
            portal=portal,
            token_owner=token_owner,
            **coding.KEYS,
            access_token=self.encryption.encrypt(token_pair.access_token),
            refresh_token=self.encryption.encrypt(token_pair.refresh_token),
            expires=token_pair.expires,
        )


async def _each(park: Callable[..., Any], errors: Mapping[int, str], conn: aiosqlite.Connection) -> None:
    for number, error in errors.items():
        await park(conn, id=number, error=error)
