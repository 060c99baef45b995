"""Which waiting effects go out together in one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.calls import MOST_IN_A_BATCH, Again
from bot.model.queued import WaitingEffect

MOST_BYTES = 1_000_000
"""Payload bytes of one request; brackets and percent signs triple them on the wire."""
ALONE_AFTER = 2
"""Attempts after which an effect travels alone, so that one that breaks the portal spoils nobody else's request."""


def next_request(
    rows: Iterable[WaitingEffect], busy: AbstractSet[str], *, now: float, most: int = MOST_IN_A_BATCH
) -> list[WaitingEffect]:
    """The next request's effects: one holder's, whole beginnings of lanes, in order; lanes under way are left alone.

    What has to be looked for goes with its like: nothing else waits until the portal's list is read.

    The first of a lane is due, or it would not be here; what stands behind it goes along if it is due by itself.
    """
    taken: list[WaitingEffect] = []
    begun: set[str] = set()
    closed = set(busy)
    weight = 0
    for row in rows:
        if row.ordering_key in closed:
            continue
        if (row.ordering_key in begun and row.due_at > now) or (taken and not _fits(row, taken, weight)):
            closed.add(row.ordering_key)  # what stands behind it in this lane has to wait for it
            continue
        taken.append(row)
        begun.add(row.ordering_key)
        weight += row.weight
        if len(taken) == most or travels_alone(row):
            break
    return taken


def halts(rows: Sequence[WaitingEffect]) -> bool:
    """Whether a failure must stop the batch: only where something behind it in the same lane is on board."""
    queues = [row.ordering_key for row in rows]
    return len(set(queues)) < len(queues)


def _fits(row: WaitingEffect, taken: Sequence[WaitingEffect], weight: int) -> bool:
    together = row.token_owner == taken[0].token_owner and _looked_for(row) == _looked_for(taken[0])
    return together and weight + row.weight <= MOST_BYTES and not travels_alone(row)


def _looked_for(row: WaitingEffect) -> bool:
    """Whether an earlier attempt is looked for first: pages of a list, which may take long on a busy portal."""
    return row.outcome_unknown and calls.again(row.effect) is Again.LOOK


def travels_alone(row: WaitingEffect) -> bool:
    """Tell whether nothing else may go in the same request."""
    return row.attempts >= ALONE_AFTER or calls.refers(row.effect)
