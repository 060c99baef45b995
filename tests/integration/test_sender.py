"""The sender: order, urgency, and the effect of failures on other effects."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.bitrix.outbound.leaky_bucket import BucketSizes
from bot.clock import Clock
from bot.model import effects, events
from bot.model.effects import Content, Priority
from bot.model.events import Dialog, MessageId
from tests.holding import barrier
from tests.outgoing import ANNA, WITHIN, Out, Terms, commit, opened, portal_known, publish, relay, say
from tests.scripted import Params, Spoilt, refusal, said, scripted
from tests.serving import serving


def hopeless(dialog: str) -> effects.Edit:
    """Make an effect that the portal always refuses: an edit of a missing message."""
    return effects.Edit(dialog=Dialog(dialog), message=MessageId(999_999), content=Content(text="x"))


# --- Order -------------------------------------------------------------------------------------------------


async def test_messages_of_each_dialog_are_sent_in_order(out: Out) -> None:
    """Sixty messages to three dialogs arrive in order in each, in two requests."""
    chats = [out.group() for _ in range(3)]
    await out.want(*(say(chat, f"{number}") for number in range(20) for chat in chats))
    await out.sent()
    for chat in chats:
        assert out.texts(chat) == [f"{number}" for number in range(20)]
    assert out.requests() == [*out.requests()[:-2], "batch", "batch"]


async def test_a_failure_within_a_batch_stops_only_its_request(out: Out) -> None:
    """Behind a refused effect the batch halts; all dialogs continue in order, and nothing is sent twice."""
    one, two = out.group(), out.group()
    await out.want(say(one, "1"), say(two, "a"), hopeless(one), say(one, "2"), say(two, "b"), say(one, "3"))
    await out.sent()
    assert out.texts(one) == ["1", "2", "3"]
    assert out.texts(two) == ["a", "b"]
    assert [(end.kind, end.error) for end in await out.results() if isinstance(end, events.Failed)] == [
        ("Edit", "Gone")
    ]


async def test_a_postponed_effect_keeps_its_place(out: Out) -> None:
    """While an effect waits for its next attempt, later effects of its dialog wait, and other dialogs continue."""
    blocked = {"error": "OPERATION_TIME_LIMIT", "error_description": "wait"}
    stood: list[str] = []

    def answer(_method: str, params: Params) -> Any:
        if said(params) == "2" and not {"a", "b"} <= set(stood):
            return blocked | {"time": {"operating_reset_at": time.time()}}
        stood.append(said(params))
        return 1

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.want(say("chat1", "1"), say("chat1", "2"), say("chat1", "3"), say("chat2", "a"), say("chat3", "b"))
        await out.sent()
    assert sorted(stood) == ["1", "2", "3", "a", "b"]
    assert [text for text in stood if text.isdigit()] == ["1", "2", "3"]
    assert stood.index("a") < stood.index("2")
    assert stood.index("b") < stood.index("2")


async def test_a_refusal_does_not_halt_a_batch_of_different_dialogs(out: Out) -> None:
    """If each dialog occurs once, the batch has no halt, and one request is enough."""
    chats = [out.group() for _ in range(4)]
    before = len(out.requests())
    await out.want(say(chats[0], "1"), hopeless(chats[1]), say(chats[2], "2"), say(chats[3], "3"))
    await out.sent()
    assert out.requests()[before:] == ["batch"]
    assert [out.texts(chat) for chat in chats] == [["1"], [], ["2"], ["3"]]


async def test_a_text_that_looks_like_a_result_is_sent_alone(out: Out) -> None:
    """In a batch a portal replaces `$result[...]` by a result, so a text with it is sent alone, in its order."""
    chat, words = out.group(), "costs $result[c0] and $5"
    await out.want(say(chat, "before"), say(chat, words), say(chat, "after: $5"), say(chat, "$error[c0][x]"))
    await out.sent()
    assert out.texts(chat) == ["before", words, "after: $5", "$error[c0][x]"]


async def test_a_reply_goes_before_waiting_reads(tmp_path: Path) -> None:
    """The bucket is empty, reads of post handlers and a relay wait; a reply that comes then is sent first."""
    async with opened(tmp_path, Terms(bucket_sizes=BucketSizes(capacity=2, rate=1.0))) as out:
        known, chat = await out.known(), out.group()

        async def read() -> None:
            await out.caller.call(known, "app.info", {}, token_owner="install", urgency=Priority.RELAY)

        reads = [asyncio.create_task(read()) for _ in range(12)]
        await out.until(lambda: len(out.p.calls("app.info")) == 1)
        line = out.caller._rate_limiter(known)
        await out.want(relay(chat, "news"))
        await out.until(lambda: len(line._waiting) + len(out.p.calls("app.info")) > len(reads))
        await out.want(say(chat, "reply"))
        await out.until(lambda: "reply" in out.texts(chat))
        assert not all(one.done() for one in reads)
        for one in reads:
            one.cancel()
        await asyncio.gather(*reads, return_exceptions=True)


async def test_a_clock_that_is_set_back_delays_no_effect(tmp_path: Path) -> None:
    """A request fails, then the clock is set back an hour: failed and new effects are sent without delay."""
    back = 0.0
    async with opened(tmp_path, Terms(clock=Clock(wall=lambda: time.time() - back))) as out:
        one, two = out.group(), out.group()
        out.p.down(None)
        await out.want(say(one, "old"))
        await out.until(lambda: out.id in out.sender._portal_queues and out.sender._portal_queues[out.id].failures)
        back = 3600.0
        out.p.down(0)
        await out.want(say(two, "new"))
        await out.sent()
        assert (out.texts(one), out.texts(two)) == (["old"], ["new"])


# --- Poison --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda: refusal("INTERNAL_SERVER_ERROR", status=500), id="internal error"),
        pytest.param(lambda: refusal("", "Something is wrong"), id="refused as a whole, without a code"),
        pytest.param(lambda: refusal("ERROR_CORE", status=200), id="refused as a whole, inside HTTP 200"),
    ],
)
async def test_an_effect_that_breaks_the_portal_dies_alone(out: Out, spoil: Any) -> None:
    """Other effects of its requests are sent once, in order; after its own attempts it becomes a dead letter."""

    def answer(_method: str, params: Params) -> Any:
        if any(said(shared) == "poison" for _, shared in script.requests[-1]):
            raise Spoilt(spoil())
        arrived.append(said(params))
        return 1

    arrived: list[str] = []
    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.want(
            *(say(f"chat{number}", f"chat{number}: {text}") for text in "ab" for number in range(10)),
            say("chat3", "poison"),
            say("chat3", "chat3: c"),
        )
        await out.sent()
    assert sorted(arrived) == sorted([*(f"chat{number}: {text}" for number in range(10) for text in "ab"), "chat3: c"])
    assert [text for text in arrived if text.startswith("chat3")] == ["chat3: a", "chat3: b", "chat3: c"]
    [dead] = [end for end in await out.results() if isinstance(end, events.Failed)]
    assert dead.effect["content"]["text"] == "poison"
    assert (await out.store.dead_letters())[1] == 1


async def test_an_effect_that_cuts_every_connection_delays_only_its_own_dialog(out: Out) -> None:
    """It looks like a portal that is down, so it is retried for long, but all other dialogs are served."""

    def answer(_method: str, params: Params) -> Any:
        if any(said(shared) == "poison" for _, shared in script.requests[-1]):
            raise Spoilt
        arrived.add(said(params))
        if len(arrived) == 30:
            everybody.set()
        return 1

    everybody, arrived = asyncio.Event(), set[str]()
    async with scripted(answer) as script, asyncio.timeout(WITHIN):
        await out.store.portal_moved(out.id, script.endpoint)
        await out.want(say("chat1", "poison"), *(say(f"chat{number}", f"{number}") for number in range(2, 32)))
        await everybody.wait()
    [(state,)] = await out.rows("SELECT state FROM outbox WHERE ordering_key = 'dialog:chat1'")
    assert state in {0, 1}, "the poison neither waits nor is being tried again"


async def test_a_malformed_answer_fails_only_its_effect(out: Out) -> None:
    """An answer of an unknown form is a failure of its effect, and the loop continues."""

    def answer(method: str, _params: Params) -> Any:
        return ["rubbish", 5, {"ID": "²"}, {"ID": "7", "AUTHOR_ID": []}] if method.endswith((".list", ".get")) else 1

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        comment = effects.CrmComment(
            dialog=Dialog("2"), user=ANNA, entity=effects.CrmEntity(type="deal", id=42), text="x", since=1
        )
        post = effects.Publish(dialog=Dialog("3"), user=ANNA, text="x", dest=["UA"], since=1)
        await out.decide(comment, post)
        await out.store.mark_sending(await out.waiting())
        await out.store.recover()
        await out.want(say("chat1", "hello"))
        await out.sent()
    assert ["hello"] in script.words()


# --- Urgency --------------------------------------------------------------------------------------------------


def by_the_bot(out: Out) -> list[str]:
    """Return all messages of the bot in all chats, oldest first."""
    messages = sorted(out.p.emulator.world.messenger.messages.values(), key=lambda one: one.id)
    return [one.text for one in messages if one.author == out.bot]


async def test_an_answer_overtakes_a_thousand_relays(tmp_path: Path) -> None:
    """With a full bucket an answer is sent in the next request; relays are sent in batches of fifty."""
    async with opened(tmp_path, Terms(bucket_sizes=BucketSizes(capacity=2, rate=20))) as out:
        out.p.switch(bucket_capacity=8, bucket_rate=20.0)  # a busy machine may be late by some requests
        chats = [out.group() for _ in range(1000)]
        mine, before = out.group(), len(out.requests())
        await out.want(*(relay(chat, "news") for chat in chats))
        await out.p.called("batch", times=3)
        await out.want(say(mine, "the answer"))
        under_way = len(by_the_bot(out)) + 2 * 50
        await out.sent()
        assert len(out.requests()) - before == 21
        assert by_the_bot(out).index("the answer") <= under_way
        assert all(len(out.texts(chat)) == 1 for chat in chats)
        assert [call for call in out.p.calls() if call.fault] == []


async def test_one_request_of_relays_at_a_time(out: Out) -> None:
    """While a slow request of relays is open no other one is sent, and an answer is sent at once."""
    chats = [out.group() for _ in range(120)]
    mine = out.group()
    held = barrier(out.p, "batch")
    await out.want(*(relay(chat, "news") for chat in chats))
    await held.holds()
    await out.want(say(mine, "the answer"))
    await out.until(lambda: out.texts(mine))
    assert not any(out.texts(chat) for chat in chats)
    await held.open()
    await out.sent()
    assert all(out.texts(chat) for chat in chats)


async def test_a_relay_in_the_dialog_of_an_answer_goes_before_it(out: Out) -> None:
    """An answer also makes the effects before it in its dialog urgent, so that the order is kept."""
    busy, mine = [out.group() for _ in range(60)], out.group()
    await out.want(*(relay(chat, "news") for chat in busy), relay(mine, "news"), say(mine, "the answer"))
    await out.sent()
    assert out.texts(mine) == ["news", "the answer"]


async def test_the_bucket_is_shared_with_reads(tmp_path: Path) -> None:
    """Reads and requests of the sender wait in one queue, and use one bucket."""
    async with opened(tmp_path, Terms(bucket_sizes=BucketSizes(capacity=5, rate=0.001))) as out:
        chats, known, before = [out.group() for _ in range(300)], await out.known(), len(out.requests())
        line = out.caller._rate_limiter(known)
        calls = (
            out.caller.call(known, "user.get", {}, token_owner="install", urgency=number % 4) for number in range(20)
        )
        reads = [asyncio.create_task(call) for call in calls]
        await out.want(*(say(chat, "hello") for chat in chats))
        await out.until(lambda: len(out.requests()) - before + len(line._waiting) > len(reads))
        await out.until(lambda: len(out.requests()) - before == 4)
        for one in reads:
            one.cancel()
        await asyncio.gather(*reads, return_exceptions=True)


@pytest.mark.parametrize("trouble", ["", "cut_after"], ids=["a post", "a look for a post"])
async def test_many_reads_do_not_delay_the_sender(tmp_path: Path, trouble: str) -> None:
    """However many handlers read, every second request is the sender's, whether it writes or searches."""
    async with opened(tmp_path, Terms(bucket_sizes=BucketSizes(capacity=2, rate=50))) as out:
        known = await out.known()
        out.p.faults(*([{"method": "log.blogpost.add", "kind": trouble, "times": 1}] if trouble else []))
        calls = (out.caller.call(known, "user.get", {}, token_owner="install", urgency=0) for _ in range(200))
        reads = [asyncio.create_task(call) for call in calls]
        await out.want(publish("News"))
        await out.sent()
        assert len(out.posts("News")) == 1
        assert sum(read.done() for read in reads) < len(reads)
        for one in reads:
            one.cancel()
        await asyncio.gather(*reads, return_exceptions=True)


async def test_an_effect_that_becomes_due_overtakes_waiting_relays(tmp_path: Path) -> None:
    """A postponed post is sent when it is due, even if the next request was planned for relays."""
    async with opened(tmp_path, Terms(bucket_sizes=BucketSizes(capacity=2, rate=50)), sends=False) as out:
        known, relayed = await out.known(), out.group()
        await out.decide(publish("News"))
        [row] = await out.waiting()
        await out.store.settle([out.sender.delivery.outcomes.unreached(row, time.time() + 1.0)], 0.0)
        calls = (out.caller.call(known, "user.get", {}, token_owner="install", urgency=0) for _ in range(200))
        reads = [asyncio.create_task(call) for call in calls]
        await out.decide(relay(relayed, "news"))
        await out.until(lambda: len(out.caller._rate_limiter(known)._waiting) > 100)
        out.send()
        await out.until(lambda: out.posts("News"))
        assert sum(read.done() for read in reads) < len(reads)
        for one in reads:
            one.cancel()
        await asyncio.gather(*reads, return_exceptions=True)


async def test_a_bucket_that_others_use_only_slows_us_down(tmp_path: Path) -> None:
    """If the portal's bucket is fuller than ours, refusals delay requests, but no effect fails."""
    async with opened(tmp_path) as out:
        out.p.switch(bucket_capacity=3, bucket_rate=50.0)
        chat = out.group()
        await out.want(*(say(chat, f"{number}") for number in range(300)))
        await out.sent()
        assert out.texts(chat) == [f"{number}" for number in range(300)]


# --- Waiting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", range(4))
async def test_an_effect_that_becomes_due_during_a_read_is_sent(tmp_path: Path, jump: int) -> None:
    """An effect that becomes due between the read of the outbox and the read of the clock is sent."""
    start, looks = time.time(), itertools.count(1)

    def now() -> float:
        """Return the time, which jumps at the n-th call."""
        return start + (1000.0 if next(looks) > jump else 0.0)

    async with opened(tmp_path, Terms(clock=Clock(wall=now)), sends=False) as out:
        chat = out.group()
        await out.decide(say(chat, "hello"))
        [row] = await out.waiting()
        await out.store.settle([out.sender.delivery.outcomes.unreached(row, start + 500.0)], start)
        out.send()
        await out.sent()
        assert out.texts(chat) == ["hello"]


async def test_a_due_effect_does_not_wait_for_a_slow_request(out: Out) -> None:
    """While one request is slow, an effect of another dialog is sent when it is due."""
    slow, quick = out.group(), out.group()
    held = barrier(out.p, "imbot.v2.Chat.Message.send")
    await out.want(say(slow, "slow"))
    await held.holds()
    await out.decide(say(quick, "quick"))
    [row] = [row for row in await out.waiting() if row.ordering_key == f"dialog:{quick}"]
    await out.store.settle([out.sender.delivery.outcomes.unreached(row, time.time() + 0.1)], 0.0)
    out.sender.wake.set()
    await out.until(lambda: out.texts(quick))
    assert not out.texts(slow)
    await held.open()
    await out.sent()


async def test_portals_do_not_wait_for_one_another(out: Out) -> None:
    """While one portal answers no request, messages of another portal are sent."""

    async def hang(_request: web.Request) -> web.Response:
        await until_the_end.wait()
        return web.Response()

    until_the_end = asyncio.Event()
    async with serving(web.post("/rest/{method}", hang)) as endpoint:
        other = events.PostDeleted(portal=events.PortalId("other"), post=events.PostId(1))
        known = portal_known(out.p, out.app, bot=out.bot, endpoint=endpoint)
        await commit(out.store, out.arrived(other, "x"), known, [say("chat10", str(number)) for number in range(500)])
        chat = out.group()
        await out.want(say(chat, "hello"))
        await out.until(lambda: out.texts(chat))
        until_the_end.set()
