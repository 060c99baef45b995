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
    """Receives events, reads waiting ones, and commits an event together with the results of its handlers."""

    def __init__(self, database: Database, encryption: Encryption, *, delay_notice_after: float = 5.0) -> None:
        """Take the database and the key; after `delay_notice_after` seconds a pending user action causes an event."""
        super().__init__(database, encryption)
        self.delay_notice_after = delay_notice_after

    async def receive(self, incoming: Iterable[IncomingEvent], now: float) -> None:
        """Put events into the inbox and drop duplicates; on return the events are on disk."""
        await self.db.write([coding.received(one, self.encryption, now) for one in incoming])

    async def waiting_events(self, *, after: int, many: int) -> list[WaitingEvent]:
        """Return waiting events with an id above `after`, oldest first."""
        ask = partial(self.db.read, "inbox_waiting", after=after, many=many)
        return await coding.read(self.db, ask, self._event, park="inbox_dead")

    async def waiting_of(self, portal: PortalId, *, feed: bool, after: int, upto: int, many: int) -> list[WaitingEvent]:
        """Return waiting events of one portal, up to an id; `feed`: those with the ordering key of a post."""
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
        """Commit the state changes and effects of one event together with "event done", or nothing.

        If the event reports a failed effect and was `answered`, the effect is no dead letter any more.
        """
        done = "inbox_done" if _stays(row) else "inbox_done_here"
        statements = [*self._results(row, state_changes, out, now), Statement(name=done, values=(row.id,))]
        if answered and isinstance(row.event, events.Failed):
            statements.append(Statement(name="outbox_answered", values={"id": row.event.effect_id}))
        await self.db.write(statements)
        self._note_tokens(row, state_changes)

    async def retry_event(self, row: WaitingEvent, *, due_at: float, error: str, counted: bool = True) -> None:
        """Store when an event is tried again; `counted`: the attempt counts towards the maximum."""
        values = {"id": row.id, "due_at": due_at, "error": coding.reason(error), "counted": int(counted)}
        await self.db.write([Statement(name="inbox_retry", values=values)])

    async def park_event(
        self, row: WaitingEvent, state_changes: Sequence[StateChange], out: Sequence[Effect], *, error: str, now: float
    ) -> None:
        """Park an event as a dead letter, and commit its state changes and effects in the same transaction."""
        dead = "inbox_dead" if _stays(row) else "inbox_dead_here"
        values = {"id": row.id, "error": coding.reason(error)}
        await self.db.write([*self._results(row, state_changes, out, now), Statement(name=dead, values=values)])
        self._note_tokens(row, state_changes)

    async def oldest_event(self) -> float | None:
        """Return when the oldest waiting event was received; None: no event waits."""
        at: float | None = await self.db.read_value("inbox_oldest")
        return at

    async def waiting_installations(self) -> int:
        """Return the number of pending installations, including updates."""
        return int(await self.db.read_value("inbox_installations"))

    def _event(self, row: Row) -> WaitingEvent:
        return coding.event(row, self.encryption)

    def _results(
        self, row: WaitingEvent, changes: Sequence[StateChange], out: Sequence[Effect], now: float
    ) -> list[Statement]:
        """Describe the results of an event as statements; those for a portal that is not installed change nothing."""
        statements = self._tokens_of(row) + remember.checks(changes, portal=row.portal)
        for change in changes:
            statements += remember.statements(change, portal=row.portal, encryption=self.encryption, now=now)
        start = self.db.start
        keyed = [(ordering.key_of_effect(row.portal, start, row.id, place), one) for place, one in enumerate(out)]
        rows = [coding.outbox_row(row, one, key=key, now=now) for key, one in keyed]
        statements += [Statement(name="outbox_add", values=values) for values in rows]
        return statements + timers.delay_notices(keyed, due_at=now + self.delay_notice_after)


def _stays(row: WaitingEvent) -> bool:
    """Check whether an event is kept for a portal that is not installed: an installation or a removal."""
    return isinstance(row.event, events.Installed | events.Uninstalled)
