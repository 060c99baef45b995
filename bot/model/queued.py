"""Defines the rows of the inbox and the outbox, and the outcome of sending an effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.model.effects import DeleteCard, EditCard, Effect, ShowCard
from bot.model.events import ChatsToCheck, Done, Event, EventTokens, Failed, PortalId, PostEvent, QuietToSay

_CARDS = {kind.__name__ for kind in (ShowCard, EditCard, DeleteCard)}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingEvent:
    """An event to put into the inbox; a later event with the same `key` is a duplicate, unless the key is empty."""

    event: Event
    key: str
    ordering_key: str
    event_tokens: EventTokens | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event in the inbox that waits for its handlers.

    `received_at` and `due_at` are in unix seconds; `attempts` are the earlier attempts that count towards the maximum.
    """

    id: int
    portal: PortalId
    kind: str
    ordering_key: str
    event: Event
    event_tokens: EventTokens
    received_at: float
    attempts: int
    due_at: float

    @property
    def of_feed(self) -> bool:
        """Check whether no user waits for this event.

        It is an event of a post, a check, or the quiet line, or reports the outcome of a card.
        """
        event = self.event
        if isinstance(event, Done | Failed):
            return event.kind in _CARDS
        return isinstance(event, PostEvent | ChatsToCheck | QuietToSay)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEffect:
    """An effect in the outbox that is not done.

    `key` is its idempotency key. `outcome_unknown`: an earlier attempt may have worked. `urgency` is the lowest
    priority number among the effects with its ordering key, and `weight` the length of its stored content. `api` is the
    generation of the portal's bot.
    """

    id: int
    portal: PortalId
    ordering_key: str
    kind: str
    key: str
    token_owner: str
    effect: Effect
    report: bool
    created_at: float
    attempts: int
    due_at: float
    outcome_unknown: bool
    urgency: int
    weight: int
    api: str = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of an attempt to send an effect: its `state` is "done", "later" or "dead".

    "done" has the `result`, "later" is retried at `due_at` (unix seconds). `counted`: the attempt counts towards the
    maximum number of attempts. `report` is the event that tells the handlers.
    """

    row: WaitingEffect
    state: str
    result: Any = None
    error: str = ""
    due_at: float = 0.0
    outcome_unknown: bool = False
    counted: bool = True
    report: IncomingEvent | None = None
