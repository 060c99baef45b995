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
    """Make a waiting message."""
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
def test_order_within_a_key_is_never_changed(rows: list[WaitingEffect], busy: set[str]) -> None:
    """A request has the first effects of each ordering key in order, and none of a busy key."""
    taken = batching.next_request(rows, busy, now=0.0)
    for ordering_key in {one.ordering_key for one in rows}:
        whole = [one for one in rows if one.ordering_key == ordering_key]
        part = [one for one in taken if one.ordering_key == ordering_key]
        assert part == ([] if ordering_key in busy else whole[: len(part)])


@given(ROWS)
def test_a_request_is_within_its_limits(rows: list[WaitingEffect]) -> None:
    """At most fifty effects of one token owner within the size limit; one that failed twice is sent alone."""
    taken = batching.next_request(rows, set(), now=0.0)
    assert len(taken) <= 50
    assert len({one.token_owner for one in taken}) <= 1
    assert len(taken) <= 1 or sum(one.weight for one in taken) <= batching.MOST_BYTES
    assert len(taken) == 1 or all(one.attempts < batching.ALONE_AFTER for one in taken)
    assert bool(taken) == bool(rows)


def test_five_hundred_messages_are_ten_requests() -> None:
    """Five hundred effects of one token owner fill exactly ten requests, for one chat or for many."""
    for queues in (1, 7, 500):
        rows = [row(number, f"chat{number % queues}") for number in range(500)]
        requests = 0
        while rows:
            taken = batching.next_request(rows, set(), now=0.0)
            rows = [one for one in rows if one not in taken]
            requests += 1
        assert requests == 10


def test_a_batch_halts_only_if_a_key_occurs_twice() -> None:
    """A failure stops a batch only if a later effect in it has the same ordering key."""
    assert batching.halts([row(1, "a"), row(2, "b"), row(3, "a")])
    assert not batching.halts([row(1, "a"), row(2, "b")])
