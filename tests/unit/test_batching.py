"""Which effects share a request."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.outbound import batching
from bot.model import effects
from bot.model.effects import Content
from bot.model.events import Dialog, PortalId
from bot.model.queued import WaitingEffect


def row(
    number: int,
    ordering_key: str,
    *,
    token_owner: str = "install",  # noqa: S107 - the name of an owner, no password
    attempts: int = 0,
    weight: int = 100,
) -> WaitingEffect:
    """A waiting message."""
    say = effects.Say(dialog=Dialog(ordering_key), content=Content(text=str(number)))
    return WaitingEffect(
        id=number,
        portal=PortalId("m1"),
        ordering_key=ordering_key,
        kind="Say",
        key=f"k{number}",
        token_owner=token_owner,
        effect=say,
        report=False,
        created_at=0.0,
        attempts=attempts,
        due_at=0.0,
        outcome_unknown=False,
        urgency=0,
        weight=weight,
    )


ROWS = st.lists(
    st.builds(
        row,
        st.just(0),
        st.sampled_from("abcdef"),
        token_owner=st.sampled_from(["install", "user:2"]),
        attempts=st.sampled_from([0, 0, 0, 1, 2, 3]),
        weight=st.sampled_from([10, 300_000, 900_000]),
    ),
    max_size=120,
)


@given(ROWS, st.sets(st.sampled_from("abcdef")))
def test_order_within_a_lane_is_never_changed(rows: list[WaitingEffect], busy: set[str]) -> None:
    """Of every lane a parcel holds its beginning, in order, and nothing of a lane that is under way."""
    taken = batching.next_request(rows, busy, now=0.0)
    for ordering_key in {one.ordering_key for one in rows}:
        whole = [one for one in rows if one.ordering_key == ordering_key]
        part = [one for one in taken if one.ordering_key == ordering_key]
        assert part == ([] if ordering_key in busy else whole[: len(part)])


@given(ROWS)
def test_a_parcel_fits_one_request(rows: list[WaitingEffect]) -> None:
    """At most fifty commands of one holder and a bounded weight; what was tried too often travels alone."""
    taken = batching.next_request(rows, set(), now=0.0)
    assert len(taken) <= 50
    assert len({one.token_owner for one in taken}) <= 1
    assert len(taken) <= 1 or sum(one.weight for one in taken) <= batching.MOST_BYTES
    assert len(taken) == 1 or all(one.attempts < batching.ALONE_AFTER for one in taken)
    assert bool(taken) == bool(rows)


def test_five_hundred_messages_are_ten_requests() -> None:
    """Five hundred effects of one holder fill exactly ten requests, whether they go to one chat or to many."""
    for queues in (1, 7, 500):
        rows = [row(number, f"chat{number % queues}") for number in range(500)]
        requests = 0
        while rows:
            taken = batching.next_request(rows, set(), now=0.0)
            rows = [one for one in rows if one not in taken]
            requests += 1
        assert requests == 10


def test_a_batch_halts_only_where_a_lane_stands_in_it_twice() -> None:
    """A failure stops a batch if something behind it in the same dialog is on board, and only then."""
    assert batching.halts([row(1, "a"), row(2, "b"), row(3, "a")])
    assert not batching.halts([row(1, "a"), row(2, "b")])
