"""The worker when results cannot be stored, the portal does not answer, or the process ends."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.errors import Broken, MethodBlocked, PortalDown, StoreError, TokenExpired, TooFast
from bot.framework.context import Context, Effects
from bot.model import effects, events, state_changes
from bot.model.effects import Content
from bot.model.events import Commanded, Dialog, EventTokens, PostId, Said
from bot.model.queued import WaitingEvent
from bot.retry import GIVE_UP
from bot.store import StoredMemory
from tests.outgoing import QUICK, Out, Terms, answering, decided, opened, say

pytestmark = pytest.mark.usefixtures("lines")


# --- What cannot be written down ---------------------------------------------------------------------------------


async def test_a_full_disk_loses_no_event(out: Out, lines: list[Any]) -> None:
    """While the disk is full the event waits, however often writing fails; afterwards it is answered once."""
    answering(out)
    chat = out.group()
    await out.take(out.said("hello", dialog=chat))
    writer = out.store.db._writer
    await writer.execute("PRAGMA query_only = ON")
    out.work()
    await out.until(lambda: sum(line["event"] == "event.failed" for line in lines) > QUICK.attempts)
    await writer.execute("PRAGMA query_only = OFF")
    await out.handled()
    await out.sent()
    assert out.texts(chat) == ["re: hello"]


async def test_a_failed_read_of_the_store_is_retried(out: Out, lines: list[Any]) -> None:
    """A handler whose read of our own database fails is retried until the read works."""

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        yield ctx.reply(Content(text=f"{len(await ctx.memory.follows(event.dialog))} follows"))

    out.router.unknown(answer)
    await out.take(out.said("hello"))
    writer = out.store.db._writer
    await writer.execute("ALTER TABLE follows RENAME TO elsewhere")
    out.work()
    await out.until(lambda: sum(line["event"] == "event.failed" for line in lines) > QUICK.attempts)
    await writer.execute("ALTER TABLE elsewhere RENAME TO follows")
    await out.handled()
    assert await decided(out) == ["0 follows"]


async def test_a_dead_letter_is_stored_after_a_full_disk(out: Out, lines: list[Any]) -> None:
    """An event that is given up while the disk is full is parked later, with one apology."""

    async def broken(ctx: Context, event: Said | Commanded) -> Effects:
        yield ctx.reply(Content(text=event.text))
        raise RuntimeError(f"half a pair: \ud83d {event.text}")

    out.router.unknown(broken)
    chat = out.group()
    await out.take(out.said("hello", dialog=chat))
    writer = out.store.db._writer
    await writer.execute("PRAGMA query_only = ON")
    out.work()
    await out.until(lambda: sum(line["event"] == "event.not_parked" for line in lines) > 2)
    await writer.execute("PRAGMA query_only = OFF")
    await out.handled()
    await out.sent()
    assert await out.store.dead_letters() == (1, 0)
    assert len(out.texts(chat)) == 1


@pytest.mark.parametrize(
    ("wanted", "state_change"),
    [
        pytest.param([say("chat1", "half a pair: \ud83d")], None, id="a text that is no Unicode"),
        pytest.param([], state_changes.PostMarkedDeleted(post=PostId(10**30)), id="an id beyond any column"),
        pytest.param([], state_changes.ChatJoined(dialog=None), id="a fact without its key"),  # type: ignore[arg-type]
    ],
)
async def test_results_that_cannot_be_stored_concern_one_event_only(
    out: Out, wanted: list[effects.Effect], state_change: state_changes.StateChange | None
) -> None:
    """The event is retried and then parked with an apology; the process and all other events continue."""

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        if event.text == "poison":
            if state_change:
                ctx.store(state_change)
            for effect in wanted:
                yield effect
        yield ctx.reply(Content(text=event.text))

    out.router.unknown(answer)
    chat, other = out.group(), out.group()
    out.work()
    await out.take(out.said("poison", dialog=chat), out.said("next", dialog=chat), out.said("hello", dialog=other))
    await out.handled()
    await out.sent()
    assert out.texts(other) == ["hello"]
    assert out.texts(chat)[-1] == "next"
    assert len(out.texts(chat)) == 2
    assert await out.store.dead_letters() == (1, 0)


async def test_a_failure_beside_results_that_cannot_be_stored_is_parked(silent: Out) -> None:
    """One handler fails, another's state change cannot be stored: the event is parked, the process continues."""

    async def unwritable(ctx: Context, _event: events.PostAdded) -> Effects:
        ctx.store(state_changes.PostMarkedDeleted(post=PostId(10**30)))
        yield say("chat1", "x")

    async def broken(_ctx: Context, _event: events.PostAdded) -> Effects:
        yield say("chat1", "y")
        raise RuntimeError("a mistake of ours")

    silent.router.on(events.PostAdded)(unwritable)
    silent.router.on(events.PostAdded)(broken)
    silent.work()
    await silent.take(silent.arrived(events.PostAdded(portal=silent.id, post=PostId(5)), "post:5"))
    await silent.handled()
    assert await silent.store.dead_letters() == (1, 0)


async def test_a_result_of_an_unknown_effect_is_parked(silent: Out) -> None:
    """The row of another version, which cannot be decoded, does not stop other events."""
    answering(silent)
    strange = events.Done(portal=silent.id, effect_id=1, kind="Say", effect={"content": 5})
    unknown = events.Done(portal=silent.id, effect_id=1, kind="Sing", effect={})
    await silent.take(silent.arrived(strange, "dialog:chat1"), silent.arrived(unknown, "dialog:chat1"))
    await silent.take(silent.said("hello", dialog="chat1"))
    silent.work()
    await silent.handled()
    assert await decided(silent) == ["re: hello"]
    assert (await silent.store.dead_letters())[0] == 2


# --- Waiting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        PortalDown("no answer", outcome_unknown=False),
        TooFast("QUERY_LIMIT_EXCEEDED", status=503),
        MethodBlocked("OPERATION_TIME_LIMIT", status=429),
        StoreError("database is locked", passing=True),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_event_waits_for_a_portal_that_is_down(out: Out, error: Exception, lines: list[Any]) -> None:
    """While the portal does not answer the event is retried, one log line for each attempt, and then answered."""
    left = 3 * QUICK.attempts

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        nonlocal left
        left -= 1
        if left:
            raise error
        yield ctx.reply(Content(text="hello"))

    out.router.unknown(answer)
    chat = out.group()
    out.work()
    await out.take(out.said("hello", dialog=chat))
    await out.handled()
    await out.sent()
    assert out.texts(chat) == ["hello"]
    assert await out.rows("SELECT attempts FROM inbox WHERE kind = 'Said'") == [(0,)]
    failures = [line for line in lines if line["event"] == "event.failed"]
    assert [(line["error"], line["exc_info"]) for line in failures] == [(str(error), None)] * (3 * QUICK.attempts - 1)


async def test_a_post_waits_while_the_portal_has_internal_errors(silent: Out) -> None:
    """A portal sends the event of a post once, so it is not given up after internal errors of the portal."""
    left, seen = 3 * QUICK.attempts, list[int]()

    async def relay(_ctx: Context, event: events.PostAdded) -> None:
        nonlocal left
        left -= 1
        if left:
            raise Broken("INTERNAL_SERVER_ERROR", status=500)
        seen.append(event.post)

    silent.router.on(events.PostAdded)(relay)
    silent.work()
    await silent.take(silent.arrived(events.PostAdded(portal=silent.id, post=PostId(5)), "post:5"))
    await silent.handled()
    assert seen == [5]
    assert await silent.store.dead_letters() == (0, 0)


@pytest.mark.parametrize(
    "error",
    [Broken("INTERNAL_SERVER_ERROR", status=500), TokenExpired("expired_token", status=401)],
    ids=lambda error: type(error).__name__,
)
async def test_a_command_that_breaks_the_portal_is_given_up(silent: Out, error: Exception) -> None:
    """It would block its dialog, so after the configured number of attempts there is an apology."""
    tried = 0

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        nonlocal tried
        if event.text == "poison":
            tried += 1
            raise error
        yield ctx.reply(Content(text=event.text))

    silent.router.unknown(answer)
    silent.work()
    await silent.take(silent.said("poison"), silent.said("next"))
    await silent.handled()
    assert tried == QUICK.attempts
    assert (await decided(silent))[1:] == ["next"]


async def test_the_first_pause_is_the_one_that_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`retry.first` seconds pass between the first attempt and the second, twice as many before the third."""
    now, pauses = time.time(), list[float]()

    async def answer(_ctx: Context, _event: Said | Commanded) -> None:
        raise PortalDown("no answer", outcome_unknown=False)

    async def postponed(_row: WaitingEvent, *, due_at: float, error: str, counted: bool = True) -> None:
        pauses.append(due_at - now)

    slow = Terms(retry_policy=replace(QUICK, first=0.01, most=5000.0), clock=Clock(wall=lambda: now))
    async with opened(tmp_path, slow, sends=False) as out:
        out.router.unknown(answer)
        monkeypatch.setattr(out.store, "retry_event", postponed)  # the pause itself is slept by another clock
        out.work()
        await out.take(out.said("hello"))
        await out.until(lambda: len(pauses) >= 3)
    assert pauses[:3] == pytest.approx([0.01, 0.02, 0.04], rel=1e-3)


async def test_a_clock_that_jumps_a_day_forward_gives_nothing_up(silent: Out) -> None:
    """A computer wakes up without network: events that look old at once are still retried."""
    left = QUICK.attempts

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        nonlocal left
        left -= 1
        if left:
            raise PortalDown("no network yet", outcome_unknown=False)
        yield ctx.reply(Content(text="hello"))

    silent.router.unknown(answer)
    await silent.store.receive([silent.said("hello")], silent.worker.clock.wall() - GIVE_UP - 1)
    silent.work()
    await silent.handled()
    assert await decided(silent) == ["hello"]


async def test_a_retry_time_far_ahead_is_limited(tmp_path: Path) -> None:
    """If the clock was set back after an event was postponed, it is retried after the longest pause at most."""
    async with opened(tmp_path, sends=False) as out:
        answering(out)
        await out.take(out.said("hello"))
        [row] = await out.store.waiting_events(after=0, many=5)
        await out.store.retry_event(row, due_at=out.worker.clock.wall() + 3600, error="x")
        out.work()
        await out.handled()
        assert await decided(out) == ["re: hello"]


async def test_an_event_is_given_up_after_a_day(silent: Out) -> None:
    """If a portal has not answered an event for a day, it is given up with an apology."""

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        yield ctx.reply(Content(text="half an answer"))
        raise PortalDown("no answer", outcome_unknown=False)

    silent.router.unknown(answer)
    await silent.store.receive([silent.said("hello")], silent.worker.clock.wall() - GIVE_UP - 1)
    silent.work()
    await silent.handled()
    assert len(await decided(silent)) == 1
    assert (await silent.store.dead_letters())[0] == 1


# --- Crashes -------------------------------------------------------------------------------------------------


async def test_a_crash_between_handler_and_commit_repeats_the_event(tmp_path: Path) -> None:
    """Before the commit no result is stored; after a restart the event is handled again, once."""
    reached, forever = asyncio.Event(), asyncio.Event()
    handled = 0

    async def answer(ctx: Context, event: Said | Commanded) -> Effects:
        nonlocal handled
        handled += 1
        ctx.store(state_changes.ChatJoined(dialog=event.dialog))
        yield ctx.reply(Content(text="hello"))
        if handled == 1:
            reached.set()
            await forever.wait()

    async with opened(tmp_path, sends=False) as out:
        out.router.unknown(answer)
        out.work()
        await out.take(out.said("hello"))
        await reached.wait()
        out.loops.pop().cancel()
        assert await out.waiting() == []
        assert not await StoredMemory(out.store, out.id).is_member(Dialog("chat10"))
        out.restart()
        out.work()
        await out.handled()
        assert await decided(out) == ["hello"]
        assert handled == 2


async def test_attempts_are_remembered_over_a_restart(tmp_path: Path) -> None:
    """The attempts of an event before a restart count after it."""
    tried = 0

    async def answer(ctx: Context, _event: Said | Commanded) -> Effects:
        nonlocal tried
        tried += 1
        yield ctx.reply(Content(text="half an answer"))
        raise Broken("INTERNAL_SERVER_ERROR", status=500)

    async with opened(tmp_path, sends=False) as out:
        out.router.unknown(answer)
        await out.take(out.said("hello"))
        [row] = await out.store.waiting_events(after=0, many=5)
        await out.store.retry_event(row, due_at=0.0, error="x")
        await out.store.retry_event(row, due_at=0.0, error="x")
        out.work()
        await out.handled()
        assert tried == QUICK.attempts - 2


async def test_the_users_token_is_there_when_their_action_is_sent(out: Out) -> None:
    """A user action is sent with the token of its own event, which is stored in the same commit."""

    async def answer(_ctx: Context, event: Said | Commanded) -> Effects:
        yield effects.Publish(
            dialog=event.dialog, user=event.author.id, text=event.text, dest=["UA"], since=int(out.worker.clock.wall())
        )

    out.router.unknown(answer)
    out.work()
    access, refresh = out.p.tokens(out.app, user=4)
    event_tokens = EventTokens(access_token=access, refresh_token=refresh, user=events.UserId(4), expires=2_000_000_000)
    await out.take(replace(out.said("Clara's news", by=events.UserId(4)), event_tokens=event_tokens))
    await out.handled()
    await out.sent()
    [post] = out.posts("Clara's news")
    assert post.author == 4
