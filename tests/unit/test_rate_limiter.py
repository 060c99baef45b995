"""The leaky bucket, and the rate limiter with its queue."""

from __future__ import annotations

import asyncio
import time
from unittest.mock import Mock

from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.outbound.caller import REMEMBERED, Caller, RateLimiter, Ticket
from bot.bitrix.outbound.leaky_bucket import Bucket, BucketSizes
from bot.clock import Clock
from bot.model.events import PortalId
from tests.stand_in_memory import known_portal


def test_requests_over_the_capacity_wait_at_the_rate() -> None:
    """Fifty requests do not wait; at two a second, the fifty-first waits half a second."""
    bucket = Bucket(capacity=50, rate=2.0)
    for _ in range(50):
        assert bucket.delay(0.0) == 0.0
        bucket.take(0.0)
    assert bucket.delay(0.0) == 0.5
    assert bucket.delay(0.5) == 0.0


@given(
    capacity=st.integers(1, 60),
    rate=st.floats(0.1, 20),
    gaps=st.lists(st.floats(0, 5), max_size=150),
)
def test_the_portal_never_sees_its_bucket_overflow(capacity: int, rate: float, gaps: list[float]) -> None:
    """A caller that waits as computed is never refused by a portal that counts the same way."""
    ours, theirs, now = Bucket(capacity=capacity, rate=rate), Bucket(capacity=capacity, rate=rate), 0.0
    for gap in gaps:
        now += gap
        now += ours.delay(now)
        ours.take(now)
        theirs.take(now)
        assert theirs.level <= capacity + 1e-6


def test_a_refusal_fills_the_bucket() -> None:
    """After a refusal the next request waits, because somebody else may share our address."""
    bucket = Bucket(capacity=50, rate=2.0)
    bucket.overflowed(10.0)
    assert bucket.delay(10.0) == 0.5


def test_a_clock_that_is_set_back_does_no_harm() -> None:
    """An earlier time leaks nothing and raises nothing."""
    bucket = Bucket(capacity=1, rate=1.0, at=100.0)
    bucket.take(100.0)
    assert bucket.delay(99.0) == 1.0


def test_enterprise_plans_have_a_larger_bucket() -> None:
    """An Enterprise license gets 250 at once and 5 a second, any other 50 and 2; less one each."""
    bucket_sizes = BucketSizes()
    assert (bucket_sizes.bucket("ent", 0).capacity, bucket_sizes.bucket("ent", 0).rate) == (249, 5.0)
    assert (bucket_sizes.bucket("basic", 0).capacity, bucket_sizes.bucket("", 0).rate) == (49, 2.0)


@given(capacity=st.integers(2, 60), delays=st.lists(st.floats(0, 0.5, exclude_max=True), min_size=1, max_size=150))
def test_requests_that_arrive_late_do_not_overflow_the_bucket(capacity: int, delays: list[float]) -> None:
    """At full rate, requests may each be delayed by up to half a second without a refusal."""
    ours, theirs = BucketSizes(capacity=capacity).bucket("", 0.0), Bucket(capacity=capacity, rate=2.0)
    now = 0.0
    decoded_events = []
    for late in delays:
        now += ours.delay(now)
        ours.take(now)
        decoded_events.append(now + late)
    for decoded in sorted(decoded_events):
        theirs.take(decoded)
        assert theirs.level <= capacity + 1e-6


async def test_the_most_urgent_request_goes_first() -> None:
    """The most urgent waits least; equal ones keep their order."""
    line = [("relay 1", 3), ("relay 2", 3), ("answer", 0)]
    order: list[str] = []
    rate_limiter = RateLimiter(
        Bucket(capacity=1, rate=50.0),
        clock=Clock(monotonic=lambda: time.monotonic() if len(rate_limiter._waiting) + len(order) == 3 else 0.0),
    )
    await rate_limiter.turn(Ticket(0))

    async def go(name: str, urgency: int) -> None:
        await rate_limiter.turn(Ticket(urgency))
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name, urgency in line:
            group.create_task(go(name, urgency))
    assert order == ["answer", "relay 1", "relay 2"]


async def test_the_sender_gets_every_second_turn() -> None:
    """Of those equally urgent the sender and the handlers' reads take turns, however many reads wait."""
    line = [*((f"read {place}", False) for place in range(5)), ("batch", True), ("look", True)]
    order: list[str] = []
    rate_limiter = RateLimiter(
        Bucket(capacity=1, rate=50.0),
        clock=Clock(monotonic=lambda: time.monotonic() if len(rate_limiter._waiting) + len(order) == 7 else 0.0),
    )
    await rate_limiter.turn(Ticket(0, sends=True))

    async def go(name: str, *, sends: bool) -> None:
        await rate_limiter.turn(Ticket(0, sends=sends))
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name, sends in line:
            group.create_task(go(name, sends=sends))
    assert order == ["read 0", "batch", "read 1", "look", "read 2", "read 3", "read 4"]


async def test_a_turn_is_taken_at_once_only_if_nobody_waits() -> None:
    """It counts like any other; with a full bucket, or if somebody waits, there is none."""
    limiter = RateLimiter(Bucket(capacity=2, rate=1.0), clock=Clock(monotonic=lambda: 0.0))
    assert [limiter.turn_at_once() for _ in range(3)] == [True, True, False]
    waiting = asyncio.create_task(limiter.turn(Ticket(0)))
    await asyncio.sleep(0)
    limiter.unused()  # there is room again, and it is for the one who waits
    assert not limiter.turn_at_once()
    waiting.cancel()


async def test_a_ticket_becomes_more_urgent() -> None:
    """A waiting request overtakes others as soon as its urgency rises."""
    order: list[str] = []
    rate_limiter = RateLimiter(
        Bucket(capacity=1, rate=50.0), clock=Clock(monotonic=lambda: float(len(order) + hurried))
    )
    hurried, last = 0, Ticket(3)
    await rate_limiter.turn(Ticket(0))

    async def go(name: str, ticket: Ticket) -> None:
        await rate_limiter.turn(ticket)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(go("read", Ticket(3)))
        group.create_task(go("reply", last))
        await asyncio.sleep(0)
        hurried = 1
        await rate_limiter.hurry(last, 0)
    assert order == ["reply", "read"]


async def test_a_cancelled_request_leaves_the_queue() -> None:
    """A cancelled waiter leaves the queue, and the next one gets its turn."""
    rate_limiter = RateLimiter(Bucket(capacity=1, rate=20.0), Clock())
    await rate_limiter.turn(Ticket(0))
    impatient = asyncio.create_task(rate_limiter.turn(Ticket(0)))
    patient = asyncio.create_task(rate_limiter.turn(Ticket(0)))
    await asyncio.sleep(0)
    impatient.cancel()
    async with asyncio.timeout(20):
        await patient


def test_portals_that_were_called_once_are_forgotten() -> None:
    """Few of many portals keep a rate limiter: those that have used their bucket."""
    caller = Caller(
        client=Mock(), tokens=Mock(), store=Mock(), metrics=Mock(), bucket_sizes=BucketSizes(), clock=Clock()
    )
    busy = caller._rate_limiter(known_portal(id=PortalId("busy")))
    busy.overflowed()
    for number in range(2 * REMEMBERED):
        caller._rate_limiter(known_portal(id=PortalId(f"made-up-{number}")))
    assert len(caller._rate_limiters) <= REMEMBERED
    assert caller._rate_limiter(known_portal(id=PortalId("busy"))) is busy
