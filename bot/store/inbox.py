"""The inbox: stores events until their handlers have run, and commits the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from bot.model import events, ordering
from bot.model.effects import Effect
from bot.model.events import PortalId
from bot.model.queued import IncomingEvent, WaitingEvent
from bot.model.state_changes import StateChange
from bot.store import coding, remember, timers
from bot.store.bot_tokens import BotTokenStore
from bot.store.encryption import Encryption
from bot.store.sqlite import Database, Row
from bot.store.statements import Statement


class InboxStore(BotTokenStore):
    """Receives events, reads waiting events, and commits an event together with the results of its handlers."""

    def __init__(self, database: Database, encryption: Encryption, *, delay_notice_after: float = 5.0) -> None:
        """Take the database, the key, and the seconds after which a delayed user action causes a `Delayed` event."""
        super().__init__(database, encryption)
        self.delay_notice_after = delay_notice_after

    async def receive(self, incoming: Iterable[IncomingEvent], now: float) -> None:
        """Put events into the inbox, except duplicates; on return the events are on disk."""
        await self.db.write([coding.received(one, self.encryption, now) for one in incoming])

    async def waiting_events(self, *, after: int, many: int) -> list[WaitingEvent]:
        """Return at most `many` waiting events of all portals with an id above `after`, oldest first."""
        ask = partial(self.db.read, "inbox_waiting", after=after, many=many)
        return await coding.read(self.db, ask, self._event, park="inbox_dead")

    async def waiting_of(self, portal: PortalId, *, feed: bool, after: int, upto: int, many: int) -> list[WaitingEvent]:
        """Return at most `many` waiting events of one portal with an id above `after` and up to `upto`, oldest first.

        With `feed` only events with the ordering key of a post are returned, otherwise only events with another key.
        """
        of = {"portal": portal, "feed": feed, **coding.KEYS}
        ask = partial(self.db.read, "inbox_waiting_of", **of, after=after, upto=upto, many=many)
        return await coding.read(self.db, ask, self._event, park="inbox_dead")

    async def commit_event(
        self,
        row: WaitingEvent,
        state_changes: Sequence[StateChange],
        out: Sequence[Effect],
        now: float,
        *,
        answered: bool = False,
    ) -> None:
        """Mark an event as done, and store its state changes and effects, in one transaction.

        If the event reports a failed effect and a handler `answered` it, that effect no longer counts as a dead letter.

        Raises:
            Overtaken: another event changed a card after the handlers had read it; nothing was stored.
            StoreError: the database refused; nothing was stored.
        """
        done = "inbox_done" if _stays(row) else "inbox_done_here"
        statements = [*self._results(row, state_changes, out, now), Statement(name=done, values=(row.id,))]
        if answered and isinstance(row.event, events.Failed):
            statements.append(Statement(name="outbox_answered", values={"id": row.event.effect_id}))
        await self.db.write(statements)
        self._note_tokens(row, state_changes)

    async def retry_event(self, row: WaitingEvent, *, due_at: float, error: str, counted: bool = True) -> None:
        """Store when an event is handled again, and why its last attempt failed.

        `counted`: this attempt counts towards the maximum number of attempts.
        """
        values = {"id": row.id, "due_at": due_at, "error": coding.reason(error), "counted": int(counted)}
        await self.db.write([Statement(name="inbox_retry", values=values)])

    async def park_event(
        self, row: WaitingEvent, state_changes: Sequence[StateChange], out: Sequence[Effect], *, error: str, now: float
    ) -> None:
        """Make an event a dead letter, and store its state changes and effects, in one transaction."""
        dead = "inbox_dead" if _stays(row) else "inbox_dead_here"
        values = {"id": row.id, "error": coding.reason(error)}
        await self.db.write([*self._results(row, state_changes, out, now), Statement(name=dead, values=values)])
        self._note_tokens(row, state_changes)

    async def oldest_event(self) -> float | None:
        """Return when the oldest waiting event was received (unix seconds); None if no event waits."""
        at: float | None = await self.db.read_value("inbox_oldest")
        return at

    async def waiting_installations(self) -> int:
        """Count the installations and updates in the inbox that wait for their handlers."""
        return int(await self.db.read_value("inbox_installations"))

    async def checks_wait(self, portal: PortalId) -> bool:
        """Tell whether the check of a post of this portal waits in the inbox (PostToCheck)."""
        return int(await self.db.read_value("inbox_checks", portal=portal)) > 0

    def _event(self, row: Row) -> WaitingEvent:
        return coding.event(row, self.encryption)

    def _results(
        self, row: WaitingEvent, changes: Sequence[StateChange], out: Sequence[Effect], now: float
    ) -> list[Statement]:
        """Return the statements that store the tokens, state changes and effects of an event.

        Statements for a portal that is not installed change nothing.
        """
        statements = self._tokens_of(row) + remember.checks(changes, portal=row.portal)
        for change in changes:
            statements += remember.statements(change, portal=row.portal, encryption=self.encryption, now=now)
        start = self.db.start
        keyed = [(ordering.key_of_effect(row.portal, start, row.id, place), one) for place, one in enumerate(out)]
        rows = [coding.outbox_row(row, one, key=key, now=now) for key, one in keyed]
        statements += [Statement(name="outbox_add", values=values) for values in rows]
        return statements + timers.delay_notices(keyed, due_at=now + self.delay_notice_after)


def _stays(row: WaitingEvent) -> bool:
    """Check whether an event is an installation or a removal, which is kept although its portal is not installed."""
    return isinstance(row.event, events.Installed | events.Uninstalled)
