"""Selects the waiting effects that are sent together in one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.calls import MOST_IN_A_BATCH, Again
from bot.bitrix.outbound.crm.writing import has_files
from bot.model.queued import WaitingEffect

MOST_BYTES = 1_000_000
"""The most bytes of one request; encoding of brackets and percent signs can triple them."""
FEW = 7
"""The most effects that go together after one failed attempt, so that one bad effect is found in few requests."""
ALONE_AFTER = 2
"""After so many attempts an effect is sent alone, in case it breaks the whole request."""


def next_request(
    rows: Iterable[WaitingEffect], busy: AbstractSet[str], *, now: float, most: int = MOST_IN_A_BATCH
) -> list[WaitingEffect]:
    """Select at most `most` effects for the next request, in order, all of one token owner.

    `rows` are in the order of urgency, and the first effect of each ordering key is due. Ordering keys in `busy` are
    left out; later effects of a key are included if they are due too. Effects whose earlier result must be searched for
    are not sent together with other effects, so that no other effect waits for the portal's list.
    """
    taken: list[WaitingEffect] = []
    begun: set[str] = set()
    closed = set(busy)
    weight = 0
    for row in rows:
        if row.ordering_key in closed:
            continue
        if (row.ordering_key in begun and row.due_at > now) or (taken and not _fits(row, taken, weight)):
            closed.add(row.ordering_key)  # later effects with this ordering key must wait for it
            continue
        taken.append(row)
        begun.add(row.ordering_key)
        weight += row.weight
        if len(taken) == (min(most, FEW) if taken[0].attempts else most) or travels_alone(row):
            break
    return taken


def halts(rows: Sequence[WaitingEffect]) -> bool:
    """Check whether an error must stop the batch, because two of its effects have the same ordering key."""
    queues = [row.ordering_key for row in rows]
    return len(set(queues)) < len(queues)


def _fits(row: WaitingEffect, taken: Sequence[WaitingEffect], weight: int) -> bool:
    together = row.token_owner == taken[0].token_owner and _looked_for(row) == _looked_for(taken[0])
    return together and weight + row.weight <= MOST_BYTES and not travels_alone(row)


def _looked_for(row: WaitingEffect) -> bool:
    """Check whether the result of an earlier attempt must be searched for first, which takes long on a busy portal."""
    return row.outcome_unknown and calls.again(row.effect, row.api) is Again.LOOK


def travels_alone(row: WaitingEffect) -> bool:
    """Check whether an effect must be sent in a request of its own.

    It must after ALONE_AFTER failed attempts, with the contents of files, or if the portal would take a text in it for
    a reference inside a batch.
    """
    return row.attempts >= ALONE_AFTER or has_files(row.effect) or calls.refers(row.effect)
