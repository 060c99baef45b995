"""The worker: ordering keys, handlers that fail, events that wait, and what is on disk when."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.errors import Broken, PortalDown, TokenRefused, UserMistake
from bot.framework.context import Context, Effects
from bot.model import events, state_changes
from bot.model.effects import Content
from bot.model.events import Commanded, Dialog, PostId, Said
from bot.model.queued import IncomingEvent
from bot.pipeline import ordered_queues
from bot.pipeline.worker import ATTEMPTS_IN_DIALOG
from bot.store import StoredMemory
from tests.outgoing import QUICK, WITHIN, Out, Terms, answering, decided, opened, say

pytestmark = pytest.mark.usefixtures("lines")


# --- Order -----------------------------------------------------------------------------------------------------


async def test_a_dialog_is_answered_in_order(out: Out) -> None:
    """Thirty messages in each of three dialogs are answered in the order in which they came."""
    answering(out)
    chats = [out.group() for _ in range(3)]
    out.work()
    await out.take(*(out.said(f"{number}", dialog=chat) for number in range(30) for chat in chats))
    await out.handled()
    await out.sent()
    for chat in chats:
        assert out.texts(chat) == [f"re: {number}" for number in range(30)]


async def test_keys_run_in_parallel_and_each_in_order(silent: Out) -> None:
    """While a handler of one dialog is slow, events of other dialogs are handled, but none of its own."""
    let_go, seen = asyncio.Event(), list[str]()

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        if event.text == "slow":
            await let_go.wait()
        seen.append(event.text)
        yield ctx.reply(Content(text=event.text))

    silent.router.unknown(answer)
    silent.work()
    await silent.take(
        silent.said("slow", dialog="chat1"), silent.said("behind", dialog="chat1"), silent.said("other", dialog="chat2")
    )
    await silent.until(lambda: "other" in seen)
    assert seen == ["other"]
    let_go.set()
    await silent.handled()
    assert seen == ["other", "slow", "behind"]


async def test_waiting_edits_of_a_post_are_handled_once(silent: Out) -> None:
    """Edits of a post that wait together cause one read; all are done, and none is lost."""
    let_go, seen = asyncio.Event(), list[int]()

    async def look(_ctx: Context, event: events.PostUpdated) -> None:
        seen.append(event.ts)
        await let_go.wait()

    silent.router.on(events.PostUpdated)(look)
    silent.work()
    edits = [events.PostUpdated(portal=silent.id, post=PostId(5), ts=ts) for ts in (1, 2, 3)]
    await silent.take(silent.arrived(edits[0], "post:5"))
    await silent.until(lambda: seen == [1])
    await silent.take(*(silent.arrived(edit, "post:5") for edit in edits[1:]))
    let_go.set()
    await silent.handled()
    assert seen == [1, 3]
    deleted = events.PostDeleted(portal=silent.id, post=PostId(5))
    await silent.take(silent.arrived(edits[1], "post:5"), silent.arrived(deleted, "post:5"))
    await silent.handled()
    assert seen == [1, 3, 2]


async def test_the_number_of_parallel_handlers_is_limited(tmp_path: Path) -> None:
    """At most the configured number of handlers of one portal run at the same time."""
    running, most = 0, 0

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        await ctx.memory.portal()
        running -= 1
        yield ctx.reply(Content(text="x"))

    async with opened(tmp_path, Terms(concurrency=3), sends=False) as out:
        out.router.unknown(answer)
        out.work()
        await out.take(*(out.said("x", dialog=f"chat{number}") for number in range(40)))
        await out.handled()
    assert most == 3


async def test_a_slow_portal_leaves_the_slots_of_others_free(tmp_path: Path) -> None:
    """Handlers that wait for one portal do not delay the events of another portal."""
    let_go, seen = asyncio.Event(), set[str]()

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        if event.portal == "slow":
            await let_go.wait()
        seen.add(event.portal)
        yield ctx.reply(Content(text="x"))

    async with opened(tmp_path, Terms(concurrency=3), sends=False) as out:
        out.router.unknown(answer)
        out.work()
        await out.take(*(_from(out, "slow", number) for number in range(10)))
        await out.take(out.said("hello"))
        await out.until(lambda: seen == {out.id})
        let_go.set()
        await out.handled()


async def test_waiting_events_of_one_portal_delay_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many events of a portal wait for a retry, events of others are read and handled."""
    monkeypatch.setattr(ordered_queues, "MOST", 100)
    seen = set[str]()

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        if event.portal == "away":
            raise PortalDown("no answer", outcome_unknown=False)
        seen.add(event.portal)
        yield ctx.reply(Content(text="x"))

    async with opened(tmp_path, Terms(retry_policy=replace(QUICK, first=500.0, most=500.0)), sends=False) as out:
        out.router.unknown(answer)
        await out.take(*(_from(out, "away", number) for number in range(250)))
        await out.take(out.said("hello"))
        out.work()
        await out.until(lambda: seen == {out.id})


async def test_the_first_pause_of_an_event_is_retry_first(tmp_path: Path) -> None:
    """After its first failed attempt an event waits for `retry.first` seconds, not for twice as long."""

    async def answer(_ctx: Context, _event: Said | Commanded) -> None:
        raise PortalDown("no answer", outcome_unknown=False)

    start = time.time()
    terms = Terms(retry_policy=replace(QUICK, first=500.0, most=5000.0), clock=Clock(wall=lambda: start))
    async with opened(tmp_path, terms, sends=False) as out:
        out.router.unknown(answer)
        await out.take(out.said("hello"))
        out.work()
        await out._until(lambda: out.rows("SELECT 1 FROM inbox WHERE due_at > 0"), WITHIN)
        assert await out.rows("SELECT due_at FROM inbox WHERE due_at > 0") == [(start + 500.0,)]


def _from(out: Out, portal: str, number: int) -> IncomingEvent:
    arrived = out.said("hello", dialog=f"chat{number}")
    return replace(arrived, event=replace(arrived.event, portal=events.PortalId(portal)))


# --- Failures ----------------------------------------------------------------------------------------------------


async def test_a_failing_handler_does_not_affect_the_others(silent: Out) -> None:
    """In the end the results of the other handlers of the event are committed, once."""
    calls: list[str] = []

    async def before(ctx: Context, event: events.PostAdded) -> Effects:
        calls.append("before")
        ctx.store(state_changes.ChatJoined(dialog=Dialog("chat77")))
        yield say("chat1", "before")

    async def broken(_ctx: Context, _event: events.PostAdded) -> Effects:
        calls.append("broken")
        yield say("chat1", "never said")
        raise RuntimeError("a mistake of ours")

    async def after(_ctx: Context, _event: events.PostAdded) -> Effects:
        calls.append("after")
        yield say("chat1", "after")

    for handler in (before, broken, after):
        silent.router.on(events.PostAdded)(handler)
    silent.work()
    await silent.take(silent.arrived(events.PostAdded(portal=silent.id, post=PostId(5)), "post:5"))
    await silent.handled()
    assert calls == ["before", "broken", "after"] * QUICK.attempts
    assert await decided(silent) == ["before", "after"]
    assert await StoredMemory(silent.store, silent.id).is_member(Dialog("chat77"))
    assert await silent.store.dead_letters() == (1, 0)


async def test_a_failing_event_is_tried_twice_and_ends_with_an_apology(out: Out, lines: list[Any]) -> None:
    """After a defect there are two attempts, then an apology; user and log get the event's id."""
    tried = 0

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        nonlocal tried
        tried += 1
        yield ctx.reply(Content(text="half an answer"))
        raise RuntimeError("a mistake of ours")

    out.router.unknown(answer)
    chat = out.group()
    out.work()
    await out.take(out.said("hello", dialog=chat))
    await out.handled()
    await out.sent()
    [(number, error, attempts)] = await out.rows("SELECT id, error, attempts FROM inbox WHERE state = 3")
    [apology] = out.texts(chat)
    assert tried == attempts == ATTEMPTS_IN_DIALOG
    assert str(number) in apology
    assert error == "RuntimeError: a mistake of ours"
    failures = [line for line in lines if line["event"] in ("event.failed", "event.dead")]
    assert [line["event_id"] for line in failures] == [number] * ATTEMPTS_IN_DIALOG
    assert all(isinstance(line["exc_info"], RuntimeError) for line in failures)


async def test_an_event_that_works_at_last_is_answered_once(out: Out) -> None:
    """An event whose handler fails twice and then works is answered once."""
    troubles = [Broken("once"), Broken("twice")]

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        yield ctx.reply(Content(text="hello"))
        if troubles:
            raise troubles.pop()

    out.router.unknown(answer)
    chat = out.group()
    out.work()
    await out.take(out.said("hello", dialog=chat))
    await out.handled()
    await out.sent()
    assert out.texts(chat) == ["hello"]
    assert await out.store.dead_letters() == (0, 0)


async def test_later_events_of_a_dialog_wait_for_a_retry(out: Out) -> None:
    """The next message of a dialog waits until the event before it is done or dead."""
    troubles = [Broken("once"), Broken("twice")]

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        if event.text == "first" and troubles:
            raise troubles.pop()
        yield ctx.reply(Content(text=event.text))

    out.router.unknown(answer)
    chat = out.group()
    out.work()
    await out.take(out.said("first", dialog=chat), out.said("second", dialog=chat))
    await out.handled()
    await out.sent()
    assert out.texts(chat) == ["first", "second"]


async def test_a_users_mistake_is_answered_and_done(out: Out) -> None:
    """The user gets the answer at the first attempt, and the event is no failure."""

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        yield ctx.reply(Content(text="what was said before the mistake stands"))
        raise UserMistake("unknown.command", name="halp")

    out.router.unknown(answer)
    chat = out.group()
    out.work()
    await out.take(out.said("/halp", dialog=chat))
    await out.handled()
    await out.sent()
    assert "halp" in out.texts(chat)[-1]
    assert await out.rows("SELECT state, attempts FROM inbox WHERE kind = 'Said'") == [(2, 0)]


async def test_a_refused_token_is_reported_at_the_first_attempt(out: Out) -> None:
    """A retry would not help: the user is told at once, and the other handlers' results are committed."""

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        yield ctx.reply(Content(text="half an answer"))
        raise TokenRefused("invalid_token", status=401)

    out.router.unknown(answer)
    chat = out.group()
    out.work()
    await out.take(out.said("hello", dialog=chat))
    await out.handled()
    await out.sent()
    assert len(out.texts(chat)) == 1
    assert "half" not in out.texts(chat)[0]
    assert await out.rows("SELECT state, attempts FROM inbox WHERE kind = 'Said'") == [(2, 0)]
