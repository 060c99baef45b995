"""`ctx.schedule` and `ctx.cancel`: what they store, and what they refuse."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from bot.framework.context import Context
from bot.framework.router import Router
from bot.model.events import ChatsToCheck, Event, PortalId, PostId, PostToCheck, Said
from bot.model.state_changes import StateChange, TimerCancelled, TimerSet
from tests.stand_ins import NOW, PORTAL, Conversation

CHECK = PostToCheck(portal=PORTAL, post=PostId(217))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted(Event):
    """An event that no list of events has."""


async def asked(at: float, event: Event) -> list[StateChange]:
    """Return what is committed when a handler schedules an event."""
    router = Router()

    @router.on(Said)
    async def said(ctx: Context, _event: Said) -> None:
        ctx.schedule(at, event, key="check", ordering_key="post:217", keep_earlier=True)

    chat = Conversation(router=router)
    router.unknown(_nothing)
    await chat.say("hello")
    return chat.state_changes


async def _nothing(_ctx: Context, _event: object) -> None:
    """Answer nothing."""


async def test_a_timer_is_a_state_change() -> None:
    """A timer is collected like any other state change, and committed with the handler's event."""
    timer = TimerSet(key="check", at=NOW + 5, event=CHECK, ordering_key="post:217", keep_earlier=True)
    assert await asked(NOW + 5, CHECK) == [timer]


@pytest.mark.parametrize(
    ("at", "event", "why"),
    [
        (NOW, ChatsToCheck(portal=PortalId("another")), "not another"),
        (NOW, Unlisted(portal=PORTAL), "Unlisted is in no list"),
        (math.inf, CHECK, "not at inf"),
        (math.nan, CHECK, "not at nan"),
    ],
    ids=["another portal", "unknown kind", "never", "no time"],
)
async def test_an_impossible_timer_is_refused_at_once(at: float, event: Event, why: str) -> None:
    """The author of the handler gets an error at once, not a dead letter when the timer is due."""
    with pytest.raises(ValueError, match=why):
        await asked(at, event)


async def test_a_timer_without_an_ordering_key_waits_for_no_other() -> None:
    """Its own key becomes its ordering key; to cancel it, only the key is needed."""
    router = Router()

    @router.on(ChatsToCheck)
    async def check(ctx: Context, event: ChatsToCheck) -> None:
        ctx.schedule(NOW, event, key="again")
        ctx.cancel("again")

    chat = Conversation(router=router)
    event = ChatsToCheck(portal=PORTAL)
    await chat.hear(event)
    timer = TimerSet(key="again", at=NOW, event=event, ordering_key="timer:again")
    assert chat.state_changes == [timer, TimerCancelled(key="again")]
