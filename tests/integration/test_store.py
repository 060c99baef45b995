"""The store on a real SQLite file."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from bot.errors import StoreError
from bot.model import effects, events, state_changes
from bot.model.effects import Priority
from bot.model.events import BotId, Dialog, EventTokens, MessageId, PostId, UserId
from bot.model.queued import Outcome
from bot.model.records import Named, TokenPair
from bot.store import Store, StoredMemory
from bot.store.sqlite import MOST_IN_A_COMMIT
from tests.storing import PORTAL, approval, installed, known, one_event, opened, said, say, scheduled


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


async def test_an_event_is_read_as_it_was_stored(store: Store) -> None:
    """The worker gets an event as the webhook stored it: type, values and tokens."""
    event_tokens = EventTokens(access_token="a-token", user=UserId(2), expires=1_790_003_600)
    row = await one_event(store, said(7, event_tokens=event_tokens))
    assert row.event == said(7).event
    assert row.event_tokens == event_tokens


async def test_tokens_are_not_readable_in_the_file(tmp_path: Path) -> None:
    """Neither an event's token nor a portal's is in the database file as plain text."""
    path = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        row = await one_event(store, said(1, event_tokens=EventTokens(access_token="plain-token-1", user=UserId(2))))
        await store.commit_event(row, [known()], [], now=2.0)
    raw = await asyncio.to_thread(path.read_bytes)
    assert b"one.example" in raw
    for token in (b"plain-token-1", b"installer-token", b"app-token", b"refresh-me"):
        assert token not in raw


async def test_a_duplicate_event_is_dropped_even_after_a_restart(tmp_path: Path) -> None:
    """A repeated key is dropped in the same commit, in a later one, and after the database was opened again."""
    path = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        await store.receive([said(1), said(1)], now=1.0)
        await store.receive([said(1)], now=1.0)
        [row] = await store.waiting_events(after=0, many=10)
        await store.commit_event(row, [], [], now=2.0)
    async with opened(path) as store:
        await store.receive([said(1)], now=3.0)
        assert await store.waiting_events(after=0, many=10) == []


async def test_many_requests_share_few_commits(store: Store) -> None:
    """A hundred requests at once need far fewer commits than a hundred, and all of them are on disk."""
    sizes: list[int] = []
    store.db.on_commit = sizes.append
    await asyncio.gather(*(store.receive([said(number)], now=1.0) for number in range(100)))
    assert sum(sizes) == 100
    assert len(sizes) < 10
    assert len(await store.waiting_events(after=0, many=200)) == 100


async def test_a_locked_file_delays_each_transaction_once(store: Store, tmp_path: Path) -> None:
    """Transactions wait for a lock of another program once, and then fail together."""
    writer = store.db._writer
    assert [tuple(row) for row in await writer.execute_fetchall("PRAGMA busy_timeout")] == [(20_000,)]
    await writer.execute("PRAGMA busy_timeout = 20")
    tried: list[str] = []
    await writer.set_trace_callback(tried.append)
    async with aiosqlite.connect(tmp_path / "feedbridge.db", isolation_level=None) as other:
        await other.execute("BEGIN IMMEDIATE")
        asked = (store.receive([said(number)], now=1.0) for number in range(3 * MOST_IN_A_COMMIT))
        results = await asyncio.gather(*asked, return_exceptions=True)
        await other.execute("ROLLBACK")
    assert {type(result) for result in results} == {StoreError}
    assert len([sql for sql in tried if sql.startswith(("INSERT", "BEGIN"))]) == 1
    await store.receive([said(1)], now=1.0)


async def test_state_changes_effects_and_done_are_one_transaction(store: Store) -> None:
    """If one state change cannot be stored, the effects are not stored either, and the event still waits."""
    row = await one_event(store, said(1))
    broken = state_changes.Following(dialog=None, topic="all", owner=UserId(2), language="en")  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        await store.commit_event(row, [state_changes.ChatJoined(dialog=Dialog("chat1")), broken], [say("hi")], now=2.0)
    memory = StoredMemory(store, PORTAL)
    assert not await memory.is_member(Dialog("chat1"))
    assert await store.portals_with_work() == []
    assert [one.id for one in await store.waiting_events(after=0, many=10)] == [row.id]


async def test_a_failing_transaction_does_not_affect_others(store: Store) -> None:
    """Of two transactions in one commit, the valid one is kept when the other fails."""
    good, bad = await one_event(store, said(1)), await one_event(store, said(2, dialog="chat2"))
    broken = state_changes.Following(dialog=None, topic="all", owner=UserId(2), language="en")  # type: ignore[arg-type]
    results = await asyncio.gather(
        store.commit_event(bad, [broken], [], now=2.0),
        store.commit_event(good, [], [say("hi")], now=2.0),
        return_exceptions=True,
    )
    assert isinstance(results[0], StoreError)
    assert [one.kind for one in await store.ready_effects(PORTAL, now=3.0, many=10)] == ["Say"]


async def test_keys_keep_order_and_urgent_ones_come_first(store: Store) -> None:
    """A dialog with an answer comes before relays, but keeps its order."""
    row = await one_event(store, said(1))
    out = [
        say("relay to 5", dialog="5", priority=Priority.RELAY),
        say("relay to 6", dialog="6", priority=Priority.RELAY),
        say("answer to 6", dialog="6"),
    ]
    await store.commit_event(row, [], out, now=2.0)
    texts = [one.effect.content.text for one in await store.ready_effects(PORTAL, now=3.0, many=10)]  # type: ignore[attr-defined]
    assert texts == ["relay to 6", "answer to 6", "relay to 5"]


async def test_a_key_waits_for_its_first_effect(store: Store) -> None:
    """While the first effect of a dialog waits for its next attempt, the effects behind it wait."""
    row = await one_event(store, said(1))
    await store.commit_event(row, [], [say("first"), say("second"), say("other", dialog="9")], now=2.0)
    first = next(
        one for one in await store.ready_effects(PORTAL, now=3.0, many=10) if one.ordering_key == "dialog:chat1"
    )
    await store.settle([Outcome(row=first, state="later", due_at=50.0)], now=3.0)
    assert [one.ordering_key for one in await store.ready_effects(PORTAL, now=4.0, many=10)] == ["dialog:9"]
    assert await store.next_due(PORTAL, 4.0) == 50.0
    assert len(await store.ready_effects(PORTAL, now=51.0, many=10)) == 3


async def test_interrupted_effects_have_an_unknown_outcome(tmp_path: Path) -> None:
    """After a crash during a request its effects wait again, with an unknown outcome."""
    path = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        await installed(store)
        await store.commit_event(await one_event(store, said(1)), [], [say("hi"), say("ho")], now=2.0)
        first, _ = await store.ready_effects(PORTAL, now=3.0, many=10)
        await store.mark_sending([first])
    async with opened(path) as store:
        assert await store.recover() == 1
        assert [one.outcome_unknown for one in await store.ready_effects(PORTAL, now=4.0, many=10)] == [True, False]


async def test_a_restored_database_repeats_no_key(tmp_path: Path) -> None:
    """A waiting effect keeps its key over restarts; after a backup was restored, new effects have other keys."""
    path, backup = tmp_path / "feedbridge.db", tmp_path / "backup.db"
    keys: list[list[str]] = []
    async with opened(path) as store:
        await installed(store)
        await store.receive([said(1)], now=1.0)
    await asyncio.to_thread(shutil.copy, path, backup)
    for _ in range(2):
        async with opened(path) as store:
            for row in await store.waiting_events(after=0, many=10):
                await store.commit_event(row, [], [say("hi"), say("ho")], now=2.0)
            keys.append([one.key for one in await store.ready_effects(PORTAL, now=3.0, many=10)])
    async with opened(backup) as restored:
        [row] = await restored.waiting_events(after=0, many=10)
        await restored.commit_event(row, [], [say("hi"), say("ho")], now=2.0)
        keys.append([one.key for one in await restored.ready_effects(PORTAL, now=3.0, many=10)])
    assert keys[0] == keys[1]
    assert len({*keys[0], *keys[2]}) == 4


async def test_only_waiting_effects_are_marked_as_being_sent(store: Store) -> None:
    """Effects that are being sent, or were dropped, are not marked; the others of the request are."""
    await store.commit_event(await one_event(store, said(1)), [], [say("hi"), say("ho", dialog="9")], now=2.0)
    first, second = await store.ready_effects(PORTAL, now=3.0, many=10)
    assert await store.mark_sending([first]) == [first]
    assert await store.mark_sending([second, first]) == [second]
    assert await store.ready_effects(PORTAL, now=3.0, many=10) == []


async def test_the_users_token_is_kept_for_their_actions(store: Store) -> None:
    """The token of an event is stored with its commit; an event without a refresh token deletes no stored one."""
    await store.put_token_pair(PORTAL, "user:2", TokenPair(access_token="old", refresh_token="keep", expires=1))
    row = await one_event(store, said(1, event_tokens=EventTokens(access_token="new", user=UserId(2), expires=9)))
    await store.commit_event(row, [], [], now=2.0)
    assert await store.token_pair(PORTAL, "user:2") == TokenPair(access_token="new", refresh_token="keep", expires=9)


async def test_removal_with_clean_deletes_everything_of_the_portal(store: Store) -> None:
    """After ONAPPUNINSTALL with CLEAN only the event of the removal is left."""
    row = await one_event(store, said(1))
    follow = state_changes.Following(dialog=Dialog("chat1"), topic="all", owner=UserId(2), language="en")
    await store.commit_event(row, [known(), follow], [say("hi")], now=2.0)
    removal = await one_event(store, said(2))
    await store.commit_event(removal, [state_changes.PortalGone(clean=True)], [], now=3.0)
    memory = StoredMemory(store, PORTAL)
    assert await memory.portal() is None
    assert await memory.followers() == []
    assert await store.token_pair(PORTAL, "install") is None
    assert await store.portals_with_work() == []
    assert await store.application_token(PORTAL) is None


async def test_posts_and_cards_are_stored(store: Store) -> None:
    """The fingerprint of a post and its cards are read as stored; the newest version wins."""
    seen = state_changes.PostSeen(
        post=PostId(217), author=UserId(2), version="v1", title="T", digest="d", important=True, for_all=True
    )
    card = state_changes.CardMade(post=PostId(217), dialog=Dialog("chat1"), version="v1")
    row = await one_event(store, said(1))
    await store.commit_event(row, [seen, card], [], now=2.0)
    memory = StoredMemory(store, PORTAL)
    assert await memory.post(PostId(217)) == seen
    [pending] = await memory.cards(PostId(217))
    assert (pending.message, pending.version, pending.lost) == (None, "v1", False)
    made = state_changes.CardMade(post=PostId(217), dialog=Dialog("chat1"), version="v2", message=MessageId(5))
    await store.commit_event(await one_event(store, said(2)), [made], [], now=9.0)
    [shown] = await memory.cards(PostId(217))
    assert (shown.message, shown.version, shown.made_at) == (5, "v2", 9.0)


async def test_every_state_change_can_be_stored(store: Store) -> None:
    """Each kind of state change has a statement that works."""
    every = [
        known(),
        state_changes.BotKnown(bot=BotId(90)),
        state_changes.CrmFeedKnown(exists=False),
        state_changes.ChatJoined(dialog=Dialog("chat1"), title="Team"),
        state_changes.ChatLeft(dialog=Dialog("chat1")),
        state_changes.QuietPost(dialog=Dialog("chat1"), day=20261128, post=PostId(1), at="12:40"),
        state_changes.QuietOff(dialog=Dialog("chat1")),
        state_changes.QuietOn(dialog=Dialog("chat1")),
        state_changes.ReadersAsked(dialog=Dialog("chat1")),
        state_changes.ExtranetSeen(dialog=Dialog("chat1"), seen=True),
        state_changes.ExtranetTold(dialog=Dialog("chat1"), told=True, day=20261128),
        state_changes.Following(dialog=Dialog("chat1"), topic="all", owner=UserId(2), language="en"),
        state_changes.Unfollowing(dialog=Dialog("chat1"), topic="all"),
        state_changes.Unfollowing(dialog=Dialog("chat1"), topic=None),
        state_changes.LanguageChosen(user=UserId(2), language="de"),
        state_changes.LanguageRecognised(user=UserId(2), language="ru"),
        state_changes.PostSeen(
            post=PostId(1), author=UserId(2), version="v", title="", digest="", important=False, for_all=True
        ),
        state_changes.PostMarkedDeleted(post=PostId(1)),
        state_changes.CardMade(post=PostId(1), dialog=Dialog("chat1"), version="v"),
        state_changes.CardInstead(post=PostId(1), dialog=Dialog("chat1"), version="v", content={"text": "hi"}),
        state_changes.CardLost(post=PostId(1), dialog=Dialog("chat1")),
        state_changes.TimerSet(
            key="check", at=5.0, event=events.ChatsToCheck(portal=PORTAL), ordering_key="check", keep_earlier=True
        ),
        state_changes.TimerCancelled(key="check"),
        state_changes.ConversationState(dialog=Dialog("chat1"), user=UserId(2), state=said(1).event, expires_at=9.0),
        state_changes.ConversationEnded(dialog=Dialog("chat1"), user=UserId(2), kind=events.Said),
        state_changes.AtOnceChosen(user=UserId(2), at_once=True),
        state_changes.PostScheduled(post=scheduled(user=2)),
        state_changes.PostUnscheduled(user=UserId(2), number=2, over=1),
        state_changes.ApprovalKept(approval=approval(user=2)),
        state_changes.TemplateSaved(user=UserId(2), key="weekly", name="Weekly", text="Report"),
        state_changes.TemplateDropped(dialog=Dialog("chat1"), key="weekly"),
        state_changes.Audited(user=UserId(2), name="Anna", action="published", dialog=Dialog("chat1")),
        state_changes.DefaultRecipientsChosen(user=UserId(2), to=(Named(code="DR3", name="Sales"),)),
        state_changes.PortalGone(clean=False),
    ]
    assert {type(state_change).__name__ for state_change in every} == {
        state_change.__name__ for state_change in state_changes.StateChange.__subclasses__()
    }
    before = state_changes.PostScheduled(post=scheduled(user=2, number=2))
    await store.commit_event(await one_event(store, said(1)), [before], [], now=1.0)
    await store.commit_event(await one_event(store, said(2)), every, [], now=2.0)


async def test_housekeeping_keeps_what_is_needed(store: Store) -> None:
    """Old finished rows and expired tokens are deleted; waiting effects, and their tokens, stay."""
    row = await one_event(store, said(1, event_tokens=EventTokens(access_token="t", user=UserId(2), expires=5)))
    publish = effects.Publish(dialog=Dialog("2"), user=UserId(2), text="x", dest=["UA"], since=1)
    await store.commit_event(row, [], [publish], now=2.0)
    await store.put_token_pair(PORTAL, "user:3", TokenPair(access_token="t", refresh_token="", expires=5))
    await store.forget_old(now=1e9)
    assert await store.token_pair(PORTAL, "user:2") is not None
    assert await store.token_pair(PORTAL, "user:3") is None
    assert len(await store.ready_effects(PORTAL, now=1e9, many=10)) == 1


async def test_housekeeping_runs_in_small_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are deleted in transactions of limited size, so a new event waits for one of them at most."""
    await store.receive([said(number) for number in range(20)], now=1.0)
    for row in await store.waiting_events(after=0, many=20):
        await store.commit_event(row, [], [], now=2.0)
    monkeypatch.setattr("bot.store.store.SLICE", 2)
    tidying = asyncio.create_task(store.forget_old(now=1e9))
    await store.receive([said(99)], now=3.0)
    assert not tidying.done()
    await tidying
    assert [tuple(row) for row in await store.db.reader.execute_fetchall("SELECT state FROM inbox")] == [(0,)]
