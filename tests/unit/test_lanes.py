"""Which events are in memory, and for how many more there is room."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from bot import events, lanes
from bot.events import PortalId, PostId, Secret
from bot.lanes import Lanes
from bot.rows import WaitingEvent


def row(number: int, lane: str) -> WaitingEvent:
    """An event that waits."""
    event = events.PostDeleted(portal=PortalId("m1"), post=PostId(number))
    return WaitingEvent(
        id=number, portal=event.portal, kind="PostDeleted", lane=lane, event=event, secret=Secret(), received_at=0.0,
        attempts=0, due_at=0.0,
    )  # fmt: skip


def test_a_lane_is_served_in_order_by_one() -> None:
    """Somebody is called for the first event of a lane only; when the last is done the lane is forgotten."""
    held = Lanes()
    assert [held.enter(row(number, "a")) for number in range(3)] == [("m1", "a"), None, None]
    served = []
    while one := held.first(("m1", "a")):
        served.append(one.id)
        held.leave(("m1", "a"))
    assert served == [0, 1, 2]
    assert held.enter(row(9, "a")) == ("m1", "a")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["enter", "leave", "rest", "wake"])), max_size=60))
def test_resting_lanes_make_room(steps: list[tuple[str, str]]) -> None:
    """Whatever comes, goes, rests and wakes: room is what could be handled now does not fill."""
    held, there, naps = Lanes(), dict.fromkeys("abc", 0), dict[str, ExitStack]()
    for number, (name, step) in enumerate(steps):
        lane = ("m1", name)
        if step == "enter":
            held.enter(row(number, name))
            there[name] += 1
        elif step == "leave" and there[name] and name not in naps:
            held.leave(lane)
            there[name] -= 1
            if not there[name]:
                held.first(lane)
        elif step == "rest" and there[name] and name not in naps:
            naps[name] = ExitStack()
            naps[name].enter_context(held.resting(lane))
        elif step == "wake" and name in naps:
            naps.pop(name).close()
        awake = sum(many for name, many in there.items() if name not in naps)
        assert held.room() == lanes.READY - awake


def test_even_resting_lanes_have_an_end() -> None:
    """A portal that is away for long fills a bounded place; the rest waits on disk."""
    held = Lanes()
    held.enter(row(0, "a"))
    with held.resting(("m1", "a")):
        for number in range(1, lanes.MOST):
            held.enter(row(number, "a"))
        assert held.room() == 0
