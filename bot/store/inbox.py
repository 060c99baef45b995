"""The inbox: events that wait for their handlers, and the commits that end them."""

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
    """Events: received, waiting, and ended together with what their handlers asked for."""

    def __init__(self, database: Database, encryption: Encryption, *, delay_notice_after: float = 5.0) -> None:
        """Seconds after `delay_notice_after` a user action that is not done becomes an event."""
        super().__init__(database, encryption)
        self.delay_notice_after = delay_notice_after

    async def receive(self, arrived: Iterable[IncomingEvent], now: float) -> None:
        """Put events into the inbox; on return they are on disk. Repeats are dropped."""
        await self.db.write([coding.received(one, self.encryption, now) for one in arrived])

    async def waiting_events(self, *, after: int, many: int) -> list[WaitingEvent]:
        """Events that wait, oldest first, with an id above `after`."""
        ask = partial(self.db.read, "inbox_waiting", after=after, many=many)
        return await coding.read(self.db, ask, self._event, park="inbox_dead")

    async def waiting_of(self, portal: PortalId, *, feed: bool, after: int, upto: int, many: int) -> list[WaitingEvent]:
        """The same of one portal, up to an id: what stands in the lanes of posts, or everything else."""
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
        """State changes, effects and "done" of one event: all of it, or none.

        The effect that the event says has failed is no dead letter any more where that was `answered`.
        """
        done = "inbox_done" if _stays(row) else "inbox_done_here"
        statements = [*self._results(row, state_changes, out, now), Statement(name=done, values=(row.id,))]
        if answered and isinstance(row.event, events.Failed):
            statements.append(Statement(name="outbox_answered", values={"id": row.event.effect_id}))
        await self.db.write(statements)
        self._note_tokens(row, state_changes)

    async def retry_event(self, row: WaitingEvent, *, due_at: float, error: str, counted: bool = True) -> None:
        """Leave an event for later; an attempt that says nothing against the event is not `counted`."""
        values = {"id": row.id, "due_at": due_at, "error": coding.reason(error), "counted": int(counted)}
        await self.db.write([Statement(name="inbox_retry", values=values)])

    async def park_event(
        self, row: WaitingEvent, state_changes: Sequence[StateChange], out: Sequence[Effect], *, error: str, now: float
    ) -> None:
        """Park an event as a dead letter; what came of it all the same, and what the user is told, is kept with it."""
        dead = "inbox_dead" if _stays(row) else "inbox_dead_here"
        values = {"id": row.id, "error": coding.reason(error)}
        await self.db.write([*self._results(row, state_changes, out, now), Statement(name=dead, values=values)])
        self._note_tokens(row, state_changes)

    async def oldest_event(self) -> float | None:
        """When the oldest unhandled event arrived."""
        at: float | None = await self.db.read_value("inbox_oldest")
        return at

    async def waiting_installations(self) -> int:
        """How many installations and updates wait to be believed."""
        return int(await self.db.read_value("inbox_installations"))

    def _event(self, row: Row) -> WaitingEvent:
        return coding.event(row, self.encryption)

    def _results(
        self, row: WaitingEvent, changes: Sequence[StateChange], out: Sequence[Effect], now: float
    ) -> list[Statement]:
        """Describe what came of an event; nothing is kept for a portal that is not there, but that it comes."""
        statements = self._tokens_of(row) + remember.checks(changes, portal=row.portal)
        for change in changes:
            statements += remember.statements(change, portal=row.portal, encryption=self.encryption, now=now)
        start = self.db.start
        keyed = [(ordering.key_of_effect(row.portal, start, row.id, place), one) for place, one in enumerate(out)]
        rows = [coding.outbox_row(row, one, key=key, now=now) for key, one in keyed]
        statements += [Statement(name="outbox_add", values=values) for values in rows]
        return statements + timers.delay_notices(keyed, due_at=now + self.delay_notice_after)


def _stays(row: WaitingEvent) -> bool:
    """Whether an event is kept whatever becomes of its portal: it brings or ends it."""
    return isinstance(row.event, events.Installed | events.Uninstalled)
