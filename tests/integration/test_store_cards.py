"""Cards in the outbox: a waiting card is sent with its current content."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bot.feed.relay import changes
from bot.model import state_changes
from bot.model.effects import Content, EditCard, Effect, SentCard, ShowCard
from bot.model.events import Dialog, MessageId, PostId
from bot.model.queued import Outcome, WaitingEffect
from bot.store import Store, StoredMemory
from tests.storing import PORTAL, installed, one_event, opened, said

CARD = ShowCard(
    dialog=Dialog("chat1"), post=PostId(217), version="a", content=Content(text="as it was", attach={"a": 1})
)
OTHERS = [dataclasses.replace(CARD, post=PostId(218)), dataclasses.replace(CARD, dialog=Dialog("chat2"))]
INSTEAD = state_changes.CardInstead(
    post=PostId(217), dialog=Dialog("chat1"), version="b", content={"text": "as it is"}, drop=True
)


async def decide(
    store: Store, state_change: state_changes.StateChange | None, *wanted: Effect, number: int = 1
) -> None:
    """Handle an event with a state change and effects."""
    row = await one_event(store, said(number))
    await store.commit_event(row, [state_change] if state_change else [], wanted, now=2.0)


async def waiting(store: Store) -> list[WaitingEffect]:
    """Return the effects that may be sent."""
    return await store.ready_effects(PORTAL, now=9e9, many=10)


@pytest.mark.parametrize("how", ["never sent", "postponed", "being sent"])
async def test_a_card_in_the_outbox_is_replaced_or_dropped(tmp_path: Path, how: str) -> None:
    """A card that was certainly not sent is dropped; of one that may have been sent the content is replaced."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        await decide(store, None, CARD, *OTHERS)
        card = next(row for row in await waiting(store) if row.effect == CARD)
        if how != "never sent":
            await store.mark_sending([card])
        if how == "postponed":
            await store.settle([Outcome(row=card, state="later", due_at=2.0, outcome_unknown=True)], now=2.0)
        await decide(store, INSTEAD, number=2)
        if how == "being sent":
            await store.settle([Outcome(row=card, state="later", due_at=2.0, outcome_unknown=True)], now=2.0)
        marked = await store.mark_sending([card])
        if how == "never sent":
            assert marked == []
        else:
            [now] = marked
            sent = SentCard(text="as it was", version="a")
            assert now.effect == dataclasses.replace(CARD, version="b", content=Content(text="as it is"), sent=sent)
            assert now.key == card.key
        assert [row.effect for row in await waiting(store) if row.effect in OTHERS] == OTHERS


async def test_an_outdated_edit_is_not_sent(tmp_path: Path) -> None:
    """An edit is sent only if its version is still the current one of the card."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        edit = EditCard(
            dialog=Dialog("chat1"),
            post=PostId(217),
            version="a",
            message=MessageId(5),
            content=Content(text="as it was"),
        )
        made = state_changes.CardMade(post=PostId(217), dialog=Dialog("chat1"), version="a", message=MessageId(5))
        await decide(store, made, edit)
        (row,) = await waiting(store)
        assert await store.mark_sending([row]) == [row]
        await store.settle([Outcome(row=row, state="later", due_at=2.0)], now=2.0)
        await decide(store, dataclasses.replace(made, version="b"), number=2)
        assert await store.mark_sending([row]) == []


async def test_a_deleted_post_differs_from_an_unknown_one(tmp_path: Path) -> None:
    """A deleted post is marked as deleted, and its last version is not returned any more."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        memory, post = StoredMemory(store, PORTAL), PostId(217)
        assert not await memory.is_deleted(post)
        await decide(store, changes.never_seen(post))
        assert not await memory.is_deleted(post)
        await decide(store, state_changes.PostMarkedDeleted(post=post), number=2)
        assert await memory.is_deleted(post)
        assert await memory.post(post) is None


async def test_cards_of_a_version(tmp_path: Path) -> None:
    """The cards of one dialog are found by their version, the newest post first, lost or not."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        made = [(217, "chat1", "left"), (219, "chat1", "left"), (218, "chat1", "a"), (217, "chat2", "left")]
        for number, (post, dialog, version) in enumerate(made, 1):
            change = state_changes.CardMade(
                post=PostId(post), dialog=Dialog(dialog), version=version, message=MessageId(900 + post)
            )
            await decide(store, change, number=number)
        await decide(store, state_changes.CardLost(post=PostId(217), dialog=Dialog("chat1")), number=9)
        found = await StoredMemory(store, PORTAL).cards_of_version(Dialog("chat1"), "left")
        assert [(card.post, card.message, card.lost) for card in found] == [(219, 1119, False), (217, 1117, True)]
