"""The end of attempts: dropped cards, outcomes that the database refuses, and failed refreshes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StoreError
from bot.model import effects, events, state_changes
from bot.model.effects import Content
from bot.model.queued import WaitingEffect
from bot.model.records import TokenPair
from tests.holding import barrier
from tests.outgoing import ANNA, QUICK, WITHIN, Out, Terms, commit, opened, publish, say


class Overtaken:
    """A store in which a card is dropped just before it is marked as being sent."""

    def __init__(self, out: Out, card: effects.ShowCard) -> None:
        self._out, self._card = out, card

    async def mark_sending(self, rows: Sequence[WaitingEffect]) -> Any:
        card = self._card
        gone = state_changes.CardInstead(post=card.post, dialog=card.dialog, version="b", content={}, drop=True)
        again = events.PostDeleted(portal=self._out.id, post=card.post)
        await commit(self._out.store, self._out.arrived(again, "x"), [gone], [])
        return await self._out.store.mark_sending(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out.store, name)


@pytest.mark.parametrize("others", [0, 1, 3])
async def test_a_card_that_is_dropped_before_marking(tmp_path: Path, others: int) -> None:
    """If a card is dropped between read and marking, the other effects are sent, and it is no portal failure."""
    never = replace(QUICK, first=1000.0, most=1000.0)
    async with opened(tmp_path, Terms(retry_policy=never), sends=False) as out:
        mine, chats = out.group(), [out.group() for _ in range(others)]
        card = effects.ShowCard(dialog=mine, post=events.PostId(217), version="a", content=Content(text="the card"))
        out.sender.delivery = replace(out.sender.delivery, store=Overtaken(out, card))  # type: ignore[arg-type]
        await out.decide(card, *(say(chat, "hello") for chat in chats))
        out.send()
        await out.sent()
        assert (out.texts(mine), [out.texts(chat) for chat in chats]) == ([], [["hello"]] * others)
        assert await out.rows("SELECT kind, state, attempts FROM outbox") == [("Say", 2, 0)] * others
        assert [portal_queue.failures for portal_queue in out.sender._portal_queues.values()] == [0]


async def test_an_outcome_is_stored_after_a_full_disk(tmp_path: Path, lines: list[Any]) -> None:
    """An outcome that cannot be stored now is stored later; the log has the outage and its end once."""
    async with opened(tmp_path) as out:
        chat, writer = out.group(), out.store.db._writer
        held = barrier(out.p, "imbot.v2.Chat.Message.send")
        await out.want(say(chat, "hello"))
        await held.holds()
        await writer.execute("PRAGMA query_only = ON")
        await held.open()
        await out.until(lambda: any(line["event"] == "store.failed" for line in lines))
        await writer.execute("PRAGMA query_only = OFF")
        await out.sent()
        told = [line for line in lines if line.get("loop") == "outcomes"]
        assert [line["event"] for line in told] == ["store.failed", "store.recovered"]
        assert "readonly database" in told[0]["error"]
        assert out.texts(chat) == ["hello"]


REFUSES = """
CREATE TRIGGER refuses BEFORE UPDATE OF state ON outbox
WHEN NEW.ordering_key = 'dialog:{dialog}' AND NEW.state IN {states}
BEGIN SELECT RAISE(ABORT, 'never that'); END
"""


async def test_an_outcome_that_cannot_be_stored_becomes_a_dead_letter(out: Out, lines: list[Any]) -> None:
    """Its effect becomes a dead letter with the reason and is not retried; the others of its request are done."""
    odd, plain = out.group(), out.group()
    await out.store.db._writer.execute(REFUSES.format(dialog=odd, states="(2)"))
    await out.want(say(odd, "odd", report=True), say(plain, "plain"))
    await out.sent()
    assert await out.rows("SELECT ordering_key, state FROM outbox") == [(f"dialog:{odd}", 3), (f"dialog:{plain}", 2)]
    [(error,)] = await out.rows("SELECT error FROM outbox WHERE state = 3")
    assert "never that" in error
    [failed] = await out.results()
    assert isinstance(failed, events.Failed)
    assert failed.outcome_unknown
    assert [line["log_level"] for line in lines if line["event"] == "outcome.not_stored"] == ["error"]


async def test_a_dead_letter_that_cannot_be_stored_ends_the_sender(tmp_path: Path) -> None:
    """If the database refuses the dead letter too, the sender ends with the error."""
    async with opened(tmp_path, sends=False) as out:
        odd = out.group()
        await out.store.db._writer.execute(REFUSES.format(dialog=odd, states="(2, 3)"))
        await out.decide(say(odd, "odd"))
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(out.sender.serve(), WITHIN)
        assert caught.group_contains(StoreError, match="never that", depth=1)


async def test_a_failed_refresh_does_not_pause_the_portal(tmp_path: Path) -> None:
    """However long the token of one person cannot be refreshed, requests to the portal are not paused."""
    slow = replace(QUICK, first=1000.0, most=1000.0)
    async with opened(tmp_path, Terms(retry_policy=slow)) as out:
        await out.store.put_token_pair(
            out.id, f"user:{ANNA}", TokenPair(access_token="spent", refresh_token="r", expires=0)
        )
        out.p.faults(
            {"method": "log.blogpost.add", "kind": "expired", "times": None},
            {"method": "oauth.token", "kind": "500", "times": None},
        )
        await out.want(publish("Anna's"))
        await out.until(lambda: out.p.calls("oauth.token"))
        chats = [out.group() for _ in range(3)]
        await out.want(*(say(chat, "hello") for chat in chats))
        await out.until(lambda: all(out.texts(chat) for chat in chats))
