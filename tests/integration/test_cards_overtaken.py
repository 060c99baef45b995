"""Two events that change one card at the same time: in either order, no forbidden content stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot import commands, feed
from bot.errors import Overtaken
from bot.framework.context import Context
from bot.framework.router import Router
from bot.model.effects import EditCard, ShowCard
from bot.model.events import BotId, Dialog, Done, Event, PostAdded
from bot.model.queued import IncomingEvent, Outcome, WaitingEvent
from bot.model.state_changes import BotKnown, Following
from bot.pipeline.handler_runner import Handled, HandlerRunner
from bot.pipeline.worker import ATTEMPTS_WITHOUT_PAUSE
from bot.store import Store, StoredMemory
from tests.feeding import FIRST, POST
from tests.outgoing import QUICK, Terms, answering, decided
from tests.outgoing import opened as line_opened
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, SETTINGS, SIGNER
from tests.storing import PORTAL, installed, one_event, opened, said

GROUP = Dialog("chat1")
NOW = 1_790_053_200.0


class Events:
    """A worker whose steps a test takes: what handlers decide is written when the test says so."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.portal = StandInPortal(posts={POST: FIRST})
        self.router = Router().include(feed.router(), commands.router())
        self.handler_runner = HandlerRunner(router=self.router, contexts=self._context)

    async def _context(self, row: WaitingEvent) -> Context:
        return Context(
            event=row.event, portal=self.portal, memory=StoredMemory(self.store, PORTAL), settings=SETTINGS, now=NOW,
            signer=SIGNER,
            names=self.router.names, listed=self.router.listed, carry_out=self.router.carry_out,
        )  # fmt: skip

    async def arrived(self, event: Event) -> WaitingEvent:
        """Put an event into the inbox."""
        return await one_event(self.store, IncomingEvent(event=event, key="", ordering_key=type(event).__name__))

    async def write(self, row: WaitingEvent, handled: Handled) -> None:
        """Commit what handlers decided; where something else was decided meanwhile, let them decide again."""
        assert handled.failure is None
        try:
            await self.store.commit_event(row, handled.state_changes, handled.effects, now=NOW)
        except Overtaken:
            again = await self.handler_runner.run(row)
            await self.store.commit_event(row, again.state_changes, again.effects, now=NOW)


@pytest.mark.parametrize("last", ["the card stands", "a word is said"])
async def test_a_card_that_is_sent_while_it_is_withdrawn_is_emptied(tmp_path: Path, last: str) -> None:
    """An extranet user joined, and a message comes while the card's result is handled: the card is emptied."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        events = Events(store)
        follow = Following(dialog=GROUP, topic="all", owner=ANNA.id, language="en")
        await store.commit_event(await one_event(store, said(1)), [BotKnown(bot=BotId(90)), follow], [], NOW)
        added = await events.arrived(PostAdded(portal=PORTAL, post=POST))
        await events.write(added, await events.handler_runner.run(added))
        [sent] = await store.ready_effects(PORTAL, now=9e9, many=10)
        assert isinstance(sent.effect, ShowCard)
        await store.mark_sending([sent])
        await store.settle([Outcome(row=sent, state="done", result=900)], now=NOW)

        stands = await events.arrived(
            Done(portal=PORTAL, effect_id=1, kind="ShowCard", effect=msgspec.to_builtins(sent.effect), result=900)
        )
        first = await events.handler_runner.run(stands)
        events.portal.extranet_dialogs.add(GROUP)
        word = await one_event(store, said(2, dialog=GROUP))
        second = await events.handler_runner.run(word)
        pairs = [(stands, first), (word, second)]
        for row, handled in pairs if last == "a word is said" else reversed(pairs):
            await events.write(row, handled)

        [card] = await StoredMemory(store, PORTAL).cards(POST)
        assert (card.version, card.message) == (":withheld", 900)
        edits = [row.effect for row in await store.ready_effects(PORTAL, now=9e9, many=10)]
        [edit] = [one for one in edits if isinstance(one, EditCard)]
        assert (edit.message, "coffee" in repr(edit.content)) == (900, False)


# --- The worker lets them decide again ---------------------------------------------------------------------------


async def test_an_overtaken_event_is_handled_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """If another event changed the card, the handlers run again without a pause, and no attempt is counted."""
    slow = Terms(retry_policy=replace(QUICK, first=500.0, most=500.0))
    async with line_opened(tmp_path, slow, sends=False) as out:
        answering(out)
        overtakes = iter([Overtaken("a card changed meanwhile")] * 2)
        commit = out.store.commit_event

        async def commit_event(*decided: Any, **more: Any) -> None:
            for overtaken in overtakes:
                raise overtaken
            await commit(*decided, **more)

        monkeypatch.setattr(out.store, "commit_event", commit_event)
        out.work()
        await out.take(out.said("hello"))
        await out.handled()
        assert await decided(out) == ["re: hello"]
        assert await out.rows("SELECT attempts FROM inbox WHERE kind = 'Said'") == [(0,)]
        assert [line["event"] for line in lines].count("event.failed") == 2


async def test_an_event_that_is_overtaken_repeatedly_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few attempts without a pause the usual pauses follow, so that one event does not occupy the worker."""
    slow = Terms(retry_policy=replace(QUICK, first=500.0, most=5000.0))
    async with line_opened(tmp_path, slow, sends=False) as out:
        answering(out)
        commits: list[int] = []

        async def commit_event(*_decided: Any, **_more: Any) -> None:
            commits.append(1)
            raise Overtaken("a card changed meanwhile")

        monkeypatch.setattr(out.store, "commit_event", commit_event)
        out.work()
        await out.take(out.said("hello"))
        await out._until(lambda: out.rows("SELECT 1 FROM inbox WHERE due_at > received_at + 500"), 20.0)
        assert len(commits) == ATTEMPTS_WITHOUT_PAUSE + 1
