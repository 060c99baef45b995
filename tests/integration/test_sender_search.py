"""The search for the result of an earlier attempt, on a portal with many newer posts."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.model import effects, events
from bot.model.effects import CrmEntity, Effect
from bot.model.events import Dialog
from tests.holding import barrier
from tests.outgoing import ANNA, BORIS, Out, publish

DEAL = CrmEntity(type="deal", id=42)


def comment(text: str, **more: Any) -> effects.CrmComment:
    """Make a comment of Anna in the timeline of the deal."""
    return effects.CrmComment(
        dialog=Dialog("2"), user=ANNA, entity=DEAL, text=text, since=int(time.time()), report=True, **more
    )


async def ends(out: Out) -> list[events.Event]:
    """Return the results that handlers will get, after everything was sent."""
    await out.sent()
    return await out.results()


def timeline(out: Out) -> list[str]:
    """Return the comments of the deal."""
    return [entry.text for entry in out.p.emulator.world.crm.timeline("deal", 42) if entry.kind == "comment"]


async def _others_post(out: Out, many: int) -> None:
    """Publish many posts of Boris for everybody."""
    for number in range(many):
        await out.p.publish(f"Other {number}", by=BORIS)


async def _interrupted(out: Out, *wanted: Effect) -> None:
    """Add effects that were being sent when the process ended."""
    await out.decide(*wanted)
    await out.store.mark_sending(await out.waiting())
    await out.store.recover()


@pytest.mark.parametrize("newer", [60, 230])
async def test_a_post_is_found_below_many_newer_ones(out: Out, newer: int) -> None:
    """A post with more than a page of newer posts above it is found and not published again."""
    mine = await out.p.publish("News of the day", by=ANNA)
    await _others_post(out, newer)
    await _interrupted(out, publish("News of the day"))
    out.sender.wake.set()
    [done] = await ends(out)
    assert isinstance(done, events.Done)
    assert done.result == mine.id
    assert len(out.posts("News of the day")) == 1


async def test_one_search_finds_many_posts(out: Out) -> None:
    """Ten posts with unknown outcome, below 120 newer ones, are found by reading the pages once."""
    for number in range(10):
        await out.p.publish(f"News {number}", by=ANNA)
    await _others_post(out, 120)
    await _interrupted(out, *(publish(f"News {number}") for number in range(10)))
    out.sender.wake.set()
    await out.sent()
    assert [len(out.posts(f"News {number}")) for number in range(10)] == [1] * 10
    assert len(out.p.calls("log.blogpost.get")) <= 5


async def test_a_search_delays_no_other_post(out: Out) -> None:
    """While pages are read in a search, a post of the same person from another dialog is published."""
    await _interrupted(out, publish("Interrupted"))
    held = barrier(out.p, "log.blogpost.get")
    await out.want(publish("Sure", dialog="chat10"))
    await held.holds()
    await out.until(lambda: out.posts("Sure"))
    assert out.posts("Interrupted") == []
    await held.open()
    await out.sent()
    assert len(out.posts("Interrupted")) == 1


@pytest.mark.parametrize("kind", ["503", "500", "cut", "html"])
async def test_an_interrupted_search_publishes_nothing(out: Out, kind: str) -> None:
    """If a page cannot be read, the search continues later; the post is not published again."""
    await out.p.publish("News of the day", by=ANNA)
    await _others_post(out, 120)
    await _interrupted(out, publish("News of the day"))
    out.p.faults({"method": "log.blogpost.get", "kind": kind, "times": 2})
    out.sender.wake.set()
    await out.sent()
    assert len(out.posts("News of the day")) == 1


async def test_a_comment_is_found_below_many_newer_ones(out: Out) -> None:
    """A timeline comment with a page of newer comments above it is found and not added again."""
    await out.want(*(comment(f"Called {number}.") for number in range(70)))
    await out.sent()
    [first] = await out.rows("SELECT id FROM outbox WHERE payload LIKE '%Called 0.%'")
    await out.store.db._writer.execute("UPDATE outbox SET state = 1, result = '' WHERE id = ?", (first[0],))
    await out.store.recover()
    out.sender.wake.set()
    await out.sent()
    assert timeline(out).count("Called 0.") == 1


async def test_the_post_of_a_delayed_effect_is_not_taken(out: Out) -> None:
    """After a long outage, a late post of ours with the same text is not taken for another effect's result."""
    await out.want(publish("Coffee?"))
    await out.sent()
    await out.store.db._writer.execute("UPDATE outbox SET created_at = created_at - 3600")
    await _interrupted(out, publish("Coffee?"))
    out.sender.wake.set()
    await out.sent()
    assert len(out.posts("Coffee?")) == 2
