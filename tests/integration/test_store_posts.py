"""What the store knows of posts that people published, changed and deleted through the bot."""

from __future__ import annotations

from pathlib import Path

from bot.model import effects
from bot.model.effects import ChangePost, DeletePost, Effect
from bot.model.events import Dialog, Done, PostId, UserId
from bot.model.queued import IncomingEvent, Outcome
from bot.store import Store, StoredMemory
from tests.storing import PORTAL, installed, one_event, opened, said

ANNA, BORIS = UserId(2), UserId(3)
STORED, SENT = 5_000.0, 90_000.0
"""When the effects are stored, and when the portal carries them out at last: almost a day later."""


def publish(text: str, user: UserId) -> effects.Publish:
    """Make a publication."""
    return effects.Publish(dialog=Dialog("chat1"), user=user, text=text, dest=["UA"], since=1, report=True)


def delete(post: int) -> DeletePost:
    """Make a deletion."""
    return DeletePost(dialog=Dialog("2"), user=ANNA, post=PostId(post))


async def stored(store: Store, number: int, *wanted: Effect, now: float = STORED) -> None:
    """Let an event want effects."""
    await store.commit_event(await one_event(store, said(number)), [], wanted, now=now)


async def carried_out(store: Store, results: dict[str, int], *, now: float) -> None:
    """Let the waiting publications be done, each with its own result, and report them."""
    for row in await store.ready_effects(PORTAL, now=9e9, many=50):
        if isinstance(row.effect, effects.Publish) and row.effect.text in results:
            result = results[row.effect.text]
            event = Done(portal=PORTAL, effect_id=row.id, kind=row.kind, effect={}, result=result)
            report = IncomingEvent(event=event, key=f"end:{row.id}", ordering_key="post")
            await store.settle([Outcome(row=row, state="done", result=result, report=report)], now)


async def test_what_a_person_published_lately(tmp_path: Path) -> None:
    """A publication counts from when it was done, however long it waited; others' and unfinished ones do not."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        memory = StoredMemory(store, PORTAL)
        await stored(store, 1, publish("one", ANNA), publish("two", ANNA), publish("his", BORIS), publish("not", ANNA))
        await carried_out(store, {"one": 217}, now=SENT)
        await carried_out(store, {"two": 218, "his": 219}, now=SENT + 60)
        found = await memory.published_by(ANNA, SENT)
        assert [(one.post, one.effect.text, one.at) for one in found] == [(218, "two", SENT + 60), (217, "one", SENT)]
        assert [one.post for one in await memory.published_by(ANNA, SENT + 30)] == [218]
        assert [one.post for one in await memory.published_by(BORIS, SENT)] == [219]
        assert await memory.published_by(ANNA, SENT + 61) == []


async def test_effects_on_a_post(tmp_path: Path) -> None:
    """The effects of one kind on one post are found, with those that still wait; given up ones are not."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        memory = StoredMemory(store, PORTAL)
        await stored(store, 1, delete(217), delete(218), delete(217), delete(217))
        rows = [row for row in await store.ready_effects(PORTAL, now=9e9, many=50) if row.effect == delete(217)]
        await store.settle([Outcome(row=rows[0], state="done", result=True), Outcome(row=rows[1], state="dead")], 2.0)
        assert await memory.effects_on(PostId(217), DeletePost, STORED) == [(delete(217), False), (delete(217), True)]
        assert await memory.effects_on(PostId(217), DeletePost, STORED + 1) == []
        assert await memory.effects_on(PostId(217), ChangePost, 0.0) == []
        assert await memory.made("DeletePost", 0.0) == set()
