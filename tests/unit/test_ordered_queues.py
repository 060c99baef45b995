"""The events of a portal in memory: their order, their slots, and the capacity for more."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from bot.model import events
from bot.model.events import EventTokens, PortalId, PostId
from bot.model.queued import WaitingEvent
from bot.pipeline import ordered_queues
from bot.pipeline.ordered_queues import OrderedQueues

PORTAL = PortalId("m1")


def row(number: int, ordering_key: str, event: events.Event | None = None) -> WaitingEvent:
    """Make a waiting event; without an event, of a deleted post."""
    event = event or events.PostDeleted(portal=PORTAL, post=PostId(number))
    return WaitingEvent(
        id=number,
        portal=PORTAL,
        kind=type(event).__name__,
        ordering_key=ordering_key,
        event=event,
        event_tokens=EventTokens(),
        received_at=0.0,
        attempts=0,
        due_at=0.0,
    )


def said(number: int, ordering_key: str) -> WaitingEvent:
    """Make an event that a person waits for."""
    return row(number, ordering_key, events.Uninstalled(portal=PORTAL))


def test_one_worker_handles_a_key_in_order() -> None:
    """Only the first event of an ordering key wakes a worker; after the last one the key is forgotten."""
    held = OrderedQueues(1)
    assert [held.enter(row(number, "a")) for number in range(3)] == [True, False, False]
    served = []
    while one := held.first("a"):
        served.append(one.id)
        held.leave("a")
    assert served == [0, 1, 2]
    assert held.idle
    assert held.enter(row(9, "a"))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["enter", "leave", "rest", "wake"])), max_size=60))
def test_resting_queues_do_not_count(steps: list[tuple[str, str]]) -> None:
    """In any order of steps, the capacity is reduced only by events that could be handled now."""
    held, there, naps = OrderedQueues(1), dict.fromkeys("abc", 0), dict[str, ExitStack]()
    for number, (name, step) in enumerate(steps):
        if step == "enter":
            held.enter(row(number, name))
            there[name] += 1
        elif step == "leave" and there[name] and name not in naps:
            held.leave(name)
            there[name] -= 1
            if not there[name]:
                held.first(name)
        elif step == "rest" and there[name] and name not in naps:
            naps[name] = ExitStack()
            naps[name].enter_context(held.resting(name))
        elif step == "wake" and name in naps:
            naps.pop(name).close()
        awake = sum(many for name, many in there.items() if name not in naps)
        assert held.capacity(feed=True) == ordered_queues.READY - awake
        assert held.capacity(feed=False) == ordered_queues.READY


def test_resting_queues_are_limited_too() -> None:
    """A portal that is down for long fills a limited number of places; more events wait on disk."""
    held = OrderedQueues(1)
    held.enter(row(0, "a"))
    with held.resting("a"):
        for number in range(1, ordered_queues.MOST):
            held.enter(row(number, "a"))
        assert held.capacity(feed=True) == 0


async def test_slots_go_to_people_first_and_posts_never_hold_them_all() -> None:
    """Of four slots posts use two; a person who comes last is served before all waiting posts."""
    held, order, let_go = OrderedQueues(4), list[str](), asyncio.Event()

    async def serve(ordering_key: str) -> None:
        async with held.slot(ordering_key):
            order.append(ordering_key)
            await let_go.wait()

    async with asyncio.TaskGroup() as group:
        for number, ordering_key in enumerate(["post:1", "post:2", "post:3", "post:4"]):
            held.enter(row(number, ordering_key))
            group.create_task(serve(ordering_key))
        for number, ordering_key in enumerate(["dialog:1", "dialog:2", "dialog:3"], start=5):
            held.enter(said(number, ordering_key))
            group.create_task(serve(ordering_key))
        for _ in range(3):
            await asyncio.sleep(0)
        assert order == ["post:1", "post:2", "dialog:1", "dialog:2"]
        let_go.set()
    assert order == ["post:1", "post:2", "dialog:1", "dialog:2", "dialog:3", "post:3", "post:4"]


async def test_a_post_that_a_user_waits_for_overtakes_the_others() -> None:
    """Its queue waited behind those of other posts; now it counts as a user's."""
    held, order = OrderedQueues(2), list[str]()

    async def serve(ordering_key: str) -> None:
        async with held.slot(ordering_key):
            order.append(ordering_key)

    async with asyncio.TaskGroup() as group, held.slot(_entered(held, row(1, "post:1"))):
        for number in (2, 3):
            group.create_task(serve(_entered(held, row(number, f"post:{number}"))))
        await asyncio.sleep(0)
        held.enter(row(4, "post:3", events.Done(portal=PORTAL, effect_id=1, kind="Publish", effect={})))
        await asyncio.sleep(0)
        assert order == ["post:3"]


def _entered(held: OrderedQueues, one: WaitingEvent) -> str:
    held.enter(one)
    return one.ordering_key


async def test_a_cancelled_task_frees_its_slot() -> None:
    """At the end of the service, tasks that wait for a slot or just get one are cancelled: every slot is free."""
    held = OrderedQueues(1)

    async def serve(ordering_key: str) -> None:
        async with held.slot(ordering_key):
            await asyncio.Event().wait()

    waiting = [asyncio.create_task(serve(_entered(held, said(number, f"d{number}")))) for number in range(3)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    assert all(
        isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*waiting, return_exceptions=True)
    )
    async with asyncio.timeout(20), held.slot(_entered(held, said(9, "d9"))):
        pass


def test_the_result_of_a_card_is_an_event_of_the_feed() -> None:
    """The event decides whether a user waits for it, not the ordering key."""
    card = events.Done(portal=PORTAL, effect_id=1, kind="ShowCard", effect={})
    assert row(1, "post:1", card).of_feed
    assert not said(1, "post:1").of_feed
