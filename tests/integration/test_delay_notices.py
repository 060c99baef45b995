"""User actions that the portal delays: the user is notified once, and the action and its result still come."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import commands, feed
from bot.clock import Clock
from bot.crash_points import no_crash
from bot.model import effects
from bot.model.effects import Content
from bot.model.events import Dialog, PostId
from bot.pipeline.scheduler import Scheduler
from bot.store import Timers
from tests.outgoing import ANNA, BORIS, Out, opened, publish, say

KEPT = "Your post is kept"
BLOCKED = {"method": "log.blogpost.add", "kind": "429", "times": None}


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """Start worker and sender with every handler; the test itself looks for delayed actions."""
    async with opened(tmp_path) as out:
        out.store.delay_notice_after = 0.0
        out.router.include(commands.router(), feed.router())
        out.work()
        yield out


def late(out: Out, after: float = 0.0) -> Scheduler:
    """Make a scheduler whose clock is so many seconds ahead."""
    clock = Clock(wall=lambda: time.time() + after)
    return Scheduler(
        timers=Timers(out.store.db), outages=out.worker.outages, clock=clock, crash_hook=no_crash,
        on_event=out.worker.wake.set,
    )  # fmt: skip


async def delayed(out: Out) -> list[Any]:
    """Return the kinds of effects that were reported as delayed."""
    rows = await out.rows("SELECT json_extract(payload, '$.kind') FROM inbox WHERE kind = 'Delayed' ORDER BY id")
    return [kind for (kind,) in rows]


async def posts_are_delayed(out: Out, many: int = 1) -> None:
    """Wait until the portal has delayed so many posts."""
    await out.until(lambda: len(out.p.calls("log.blogpost.add", ok=False)) >= many)

    async def waits() -> bool:
        [(waiting,)] = await out.rows("SELECT COUNT(*) FROM outbox WHERE kind = 'Publish' AND state = 0")
        return bool(waiting >= many)

    await out._until(waits, 20.0)


async def test_the_user_is_notified_once_and_then_told_the_result(out: Out) -> None:
    """While a method is blocked, the user is notified once that the post is delayed; then it is published, once."""
    chat, watch = out.group(), late(out)
    out.p.faults(BLOCKED)
    await out.want(publish("Friday", dialog=chat))
    await posts_are_delayed(out)
    for _ in range(3):
        await watch.move_due_timers()
    await out.until(lambda: out.texts(chat))
    await watch.move_due_timers()
    assert [KEPT in text for text in out.texts(chat)] == [True]
    assert "do not need to send it again" in out.texts(chat)[0]
    await over(out)
    assert out.texts(chat)[1].startswith("Published as")
    assert len(out.posts("Friday")) == 1
    assert len(out.texts(chat)) == 2


async def over(out: Out) -> None:
    """End the faults, and make every waiting effect due."""
    out.p.faults()
    await out.store.db._writer.execute("UPDATE outbox SET due_at = 0 WHERE state = 0")
    for portal_queue in out.sender._portal_queues.values():
        portal_queue.wake.set()
    out.sender.wake.set()
    await out.sent()
    await out.handled()
    await out.sent()


async def test_a_delayed_action_delays_no_answer(out: Out) -> None:
    """While a post waits, the bot answers in that dialog, and other users' actions there are tried too."""
    chat = out.group()
    out.p.faults(BLOCKED)
    await out.want(publish("Anna's", dialog=chat), say(chat, "an answer"))
    await posts_are_delayed(out)
    await out.want(publish("Boris'", dialog=chat, user=BORIS), say(chat, "another"))
    await posts_are_delayed(out, 2)
    await out.until(lambda: out.texts(chat) == ["an answer", "another"])
    await over(out)
    assert len(out.posts("Anna's")) == len(out.posts("Boris'")) == 1


async def test_an_action_behind_a_delayed_one_is_notified_too(out: Out) -> None:
    """Of two posts of one person the second is not tried yet, but gets a notice too; their order is kept."""
    out.p.faults(BLOCKED)
    await out.want(publish("first"))
    await posts_are_delayed(out)
    await out.want(publish("second"))
    for _ in range(2):
        await late(out).move_due_timers()
        await out.handled()
        await out.until(lambda: len(out.texts(str(ANNA))) == 2)
    assert all(KEPT in text for text in out.texts(str(ANNA)))
    await over(out)
    [one], [two] = out.posts("first"), out.posts("second")
    assert one.id < two.id


async def test_a_restart_repeats_no_notice(out: Out) -> None:
    """After a restart, the event of a notice is found; nobody is notified again."""
    out.p.faults(BLOCKED)
    await out.want(publish("Friday"))
    await posts_are_delayed(out)
    await late(out).move_due_timers()
    await out.handled()
    await late(out).move_due_timers()
    assert await delayed(out) == ["Publish"]
    await over(out)


async def test_only_user_actions_are_notified(out: Out) -> None:
    """Waiting cards and answers are no user actions: there is no notice."""
    out.p.faults({"method": "imbot.v2.Chat.Message.send", "kind": "429", "times": None})
    chat = out.group()
    card = effects.ShowCard(dialog=Dialog(chat), post=PostId(5), version="1", content=Content(text="card"), report=True)
    await out.want(card)
    await out.until(lambda: out.p.calls("imbot.v2.Chat.Message.send", ok=False))
    await out.decide(say(chat, "an answer"))
    await late(out).move_due_timers()
    assert await delayed(out) == []
    await over(out)


async def test_a_recent_or_finished_action_causes_no_notice(out: Out) -> None:
    """There is no notice for a post that waits for less than the time, or that is published."""
    out.p.faults(BLOCKED)
    out.store.delay_notice_after = 600.0
    await out.want(publish("Friday"))
    await posts_are_delayed(out)
    await late(out, after=590.0).move_due_timers()
    await over(out)
    await late(out, after=610.0).move_due_timers()
    assert await delayed(out) == []
    assert await out.rows("SELECT key FROM timers") == []


async def test_a_notice_is_dropped_if_its_action_is_done_first(out: Out) -> None:
    """The portal was down for all effects: when it works again and the post is published first, no notice is sent."""
    chat = out.group()
    await out.want(publish("Friday", dialog=chat))
    await out.sent()
    [(number,)] = await out.rows("SELECT id FROM outbox WHERE kind = 'Publish'")
    await out.want(say(chat, KEPT, about=number), say(chat, "the result"))
    await out.sent()
    await out.handled()
    await out.sent()
    assert KEPT not in out.texts(chat)
    assert "the result" in out.texts(chat)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (effects.Share(dialog=Dialog("chat1"), user=ANNA, post=PostId(217), dest=["U3"]), "I will share post 217"),
        (
            effects.CrmPost(
                dialog=Dialog("chat1"), user=ANNA, entity=effects.CrmEntity(type="deal", id=42), text="x", since=1
            ),
            "Your text is kept",
        ),
        (
            effects.SayAs(dialog=Dialog("chat7"), user=ANNA, content=Content(text="x"), asked_in=Dialog("chat1")),
            "I will send the card to [chat=7]chat7[/chat]",
        ),
    ],
    ids=["share", "crm", "card"],
)
async def test_each_action_has_its_sentence(tmp_path: Path, effect: effects.ByUser, words: str) -> None:
    """The notice names the kind of action, in the dialog where the user asked for it."""
    async with opened(tmp_path, sends=False) as out:
        out.store.delay_notice_after = 0.0
        out.router.include(feed.router())
        out.work()
        await out.decide(effect)
        await late(out).move_due_timers()
        await out.handled()
        [told] = [row.effect for row in await out.waiting() if isinstance(row.effect, effects.Say)]
        assert words in told.content.text
        assert (told.dialog, told.answers) == ("chat1", None)
