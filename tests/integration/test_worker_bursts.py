"""A portal with more posts than its rate allows: people are still answered, on this portal and all others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bot.framework.context import Context
from bot.framework.router import Result
from bot.model import effects, events
from bot.model.events import Commanded, Event, PortalId, PostAdded, PostId, Said
from bot.model.queued import IncomingEvent
from bot.pipeline import ordered_queues
from tests.outgoing import Out, Terms, opened, publish

PLACES, READY = 4, 20


@pytest.fixture
async def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Out]:
    """Open a pipeline with few slots and little memory for events."""
    monkeypatch.setattr(ordered_queues, "READY", READY)
    async with opened(tmp_path, Terms(concurrency=PLACES), sends=False) as out:
        yield out


class Heard:
    """Handlers that write down what they were called for; those of posts wait until they may go on."""

    def __init__(self, out: Out) -> None:
        self.let_go, self.order = asyncio.Event(), list[str]()
        self.under_way = self.most = 0
        out.router.unknown(self.answer)
        out.router.on(PostAdded)(self.relay)
        out.router.done(effects.Publish)(self.published)

    async def answer(self, _ctx: Context, event: Said | Commanded) -> None:
        """Handle a message of a user."""
        self.order.append(f"{event.portal}:{event.text}")

    async def relay(self, _ctx: Context, event: PostAdded) -> None:
        """Handle a post, which must be read first."""
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.let_go.wait()
        self.under_way -= 1
        self.order.append(f"{event.portal}:post {event.post}")

    async def published(self, _ctx: Context, result: Result[effects.Publish]) -> None:
        """Handle the result of a post that its user waits for."""
        self.order.append(f"{result.event.portal}:published {result.value}")


def posts(out: Out, many: int, *, portal: str = "") -> list[IncomingEvent]:
    """Make so many new posts."""
    ids = range(1, many + 1)
    portal_id = PortalId(portal) if portal else out.id
    return [out.arrived(PostAdded(portal=portal_id, post=PostId(number)), f"post:{number}") for number in ids]


def done(out: Out, post: int) -> IncomingEvent:
    """Make the result of a user's /post."""
    event: Event = events.Done(
        portal=out.id, effect_id=post, kind="Publish", effect=msgspec.to_builtins(publish("News")), result=post
    )
    return out.arrived(event, f"post:{post}")


async def test_posts_use_at_most_half_of_the_slots(out: Out) -> None:
    """A message of a user is handled at once, because handlers of posts use at most half of the slots."""
    heard = Heard(out)
    out.work()
    await out.take(*posts(out, READY - 1))
    await out.until(lambda: heard.under_way == PLACES // 2)
    await out.take(out.said("hello"))
    await out.until(lambda: heard.order)
    assert heard.order == [f"{out.id}:hello"]
    heard.let_go.set()
    await out.handled()
    assert heard.most == PLACES // 2
    assert len(heard.order) == READY


async def test_a_burst_of_posts_delays_no_message(out: Out) -> None:
    """Messages behind more posts than fit into memory, of any portal, are handled before these posts."""
    heard = Heard(out)
    await out.take(*posts(out, 5 * READY))
    elsewhere = out.said("hello", dialog="chat5")
    out.work()
    await out.take(out.said("hello"), replace(elsewhere, event=replace(elsewhere.event, portal=PortalId("other"))))
    await out.until(lambda: len(heard.order) == 2)
    assert sorted(heard.order) == sorted([f"{out.id}:hello", "other:hello"])
    heard.let_go.set()
    await out.handled()
    assert len(heard.order) == 5 * READY + 2


async def test_the_result_of_a_users_post_overtakes_other_posts(out: Out) -> None:
    """The result of a published post is handled before posts of others, even if these fill the memory."""
    heard = Heard(out)
    out.work()
    await out.take(*posts(out, 5 * READY))
    await out.until(lambda: heard.under_way == PLACES // 2)
    await out.take(done(out, 4 * READY), done(out, 900))
    await out.until(lambda: len(heard.order) == 2)
    assert heard.order == [f"{out.id}:published {4 * READY}", f"{out.id}:published 900"]
    heard.let_go.set()
    await out.handled()
    assert Counter(heard.order).most_common(1)[0][1] == 1
    assert len(heard.order) == 5 * READY + 2


async def test_every_event_is_handled_once_and_each_key_in_order(out: Out) -> None:
    """Ten times as many events as fit into memory, of people and of posts, come while others are handled."""
    heard = Heard(out)
    heard.let_go.set()
    out.work()
    sent: dict[str, list[str]] = {"chat1": [], "chat2": [], "chat3": []}
    for burst in range(10):
        said = [(f"chat{number % 3 + 1}", f"{burst}.{number}") for number in range(READY)]
        for chat, text in said:
            sent[chat].append(text)
        new = [out.arrived(PostAdded(portal=out.id, post=PostId(burst * READY + n)), f"post:{n}") for n in range(READY)]
        await out.take(*(out.said(f"{chat} {text}", dialog=chat) for chat, text in said), *new)
    await out.handled()
    for chat, texts in sent.items():
        assert [one for one in heard.order if f":{chat} " in one] == [f"{out.id}:{chat} {text}" for text in texts]
    told = [one for one in heard.order if ":post " in one]
    assert len(set(told)) == len(told) == 10 * READY
    await out.until(lambda: not out.worker._portals)  # a queue is let go of just after its last event is handled
