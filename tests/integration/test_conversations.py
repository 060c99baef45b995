"""The state of a conversation of several steps: kept by portal, dialog and user until it ends or expires."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Overtaken
from bot.model.events import Dialog, PortalId, UserId
from bot.model.records import AtOnce, DefaultRecipients, Named
from bot.model.state_changes import (
    AtOnceChosen,
    ConversationEnded,
    ConversationState,
    DefaultRecipientsChosen,
    PortalGone,
    StateChange,
)
from bot.store import Store, StoredMemory
from tests.storing import PORTAL, installed, known, one_event, opened, said
from tests.timing import Stage

ANNA, BORIS = UserId(2), UserId(3)
GROUP, OTHER = Dialog("chat1"), Dialog("chat2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text that is not published yet."""

    text: str
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A question that is not answered yet."""

    names: list[str]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield store


async def handle(store: Store, number: int, *wanted: StateChange) -> None:
    """Commit what a handler stored, together with its event."""
    await store.commit_event(await one_event(store, said(number)), wanted, [], now=2.0)


def kept(state: object, *, dialog: Dialog = GROUP, user: UserId = ANNA, until: float = 100.0) -> ConversationState:
    """Make the state change that stores a state of a conversation."""
    return ConversationState(dialog=dialog, user=user, state=state, expires_at=until)


async def found(store: Store, *of: tuple[Dialog, UserId], now: float = 50.0) -> list[Draft | None]:
    """Return the drafts of some people in some dialogs."""
    memory = StoredMemory(store, PORTAL)
    return [await memory.conversation(dialog, user, Draft, now=now) for dialog, user in of]


async def rows(store: Store) -> list[Any]:
    """Return kind and user of every stored conversation."""
    sql = "SELECT kind, user_id FROM conversations ORDER BY kind, user_id"
    return [tuple(row) for row in await store.db.reader.execute_fetchall(sql)]


async def test_each_user_in_each_dialog_has_a_conversation(store: Store) -> None:
    """Two people in one chat, and one person in two chats, have separate drafts."""
    drafts = [Draft(text="Anna here", to=("U3", "SG7")), Draft(text="Boris here"), Draft(text="Anna there")]
    places = [(GROUP, ANNA), (GROUP, BORIS), (OTHER, ANNA)]
    for number, (draft, (dialog, user)) in enumerate(zip(drafts, places, strict=True)):
        await handle(store, number, kept(draft, dialog=dialog, user=user))
    assert await found(store, *places, (OTHER, BORIS)) == [*drafts, None]


async def test_a_new_state_replaces_the_previous_one(store: Store) -> None:
    """Only the last state of a conversation is read, with its own expiry."""
    await handle(store, 1, kept(Draft(text="first"), until=100.0))
    await handle(store, 2, kept(Draft(text="second"), until=200.0))
    assert await found(store, (GROUP, ANNA), now=150.0) == [Draft(text="second")]
    assert len(await rows(store)) == 1


async def test_conversations_of_two_kinds_do_not_affect_each_other(store: Store) -> None:
    """A question about one command does not end a draft that was begun before."""
    await handle(store, 1, kept(Draft(text="x")), kept(Choice(names=["HR", "HR team"])))
    memory = StoredMemory(store, PORTAL)
    assert await memory.conversation(GROUP, ANNA, Choice, now=50.0) == Choice(names=["HR", "HR team"])
    await handle(store, 2, ConversationEnded(dialog=GROUP, user=ANNA, kind=Choice))
    assert await memory.conversation(GROUP, ANNA, Choice, now=50.0) is None
    assert await found(store, (GROUP, ANNA)) == [Draft(text="x")]


@pytest.mark.parametrize(("now", "draft"), [(99.9, Draft(text="x")), (100.0, None), (101.0, None)])
async def test_an_expired_conversation_is_not_returned(store: Store, now: float, draft: Draft | None) -> None:
    """After its expiry a conversation is not returned, even while its row still exists."""
    await handle(store, 1, kept(Draft(text="x"), until=100.0))
    assert await found(store, (GROUP, ANNA), now=now) == [draft]


async def test_housekeeping_deletes_expired_conversations(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """All expired conversations are deleted, however many there are; the others stay."""
    monkeypatch.setattr("bot.store.store.SLICE", 2)
    expired = [kept(Draft(text="x"), user=UserId(user), until=100.0) for user in range(2, 9)]
    await handle(store, 1, *expired, kept(Draft(text="y"), user=UserId(9), until=200.0))
    await store.forget_old(150.0)
    assert await rows(store) == [("Draft", 9)]


async def test_a_conversation_survives_a_restart(tmp_path: Path) -> None:
    """The state is on disk, so the person can continue after a restart."""
    path = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        await installed(store)
        await handle(store, 1, kept(Draft(text="x", to=("UA",))))
    async with opened(path) as store:
        assert await found(store, (GROUP, ANNA)) == [Draft(text="x", to=("UA",))]


@pytest.mark.parametrize(
    "payload", ["{", '{"text": 5}', '{"to": []}', "[]"], ids=["cut", "another type", "a field less", "a list"]
)
async def test_an_unreadable_state_counts_as_none(store: Store, lines: list[Any], payload: str) -> None:
    """A state that cannot be decoded reads as None, with a log line, and the next state replaces it."""
    await handle(store, 1, kept(Draft(text="x")))
    await store.db._writer.execute("UPDATE conversations SET payload = ?", (payload,))
    assert await found(store, (GROUP, ANNA)) == [None]
    assert [(line["event"], line["kind"]) for line in lines] == [("conversation.unreadable", "Draft")]
    await handle(store, 2, kept(Draft(text="again")))
    assert await found(store, (GROUP, ANNA)) == [Draft(text="again")]


async def test_portals_do_not_share_conversations(store: Store) -> None:
    """The same dialog and user ids on another portal have no state; a removal of the portal deletes its own."""
    stage, other = Stage(store=store), PortalId("m-two")
    await stage.handle(known(), kept(Draft(text="theirs")), portal=other)
    await handle(store, 100, kept(Draft(text="ours")))
    assert await StoredMemory(store, other).conversation(GROUP, ANNA, Draft, now=50.0) == Draft(text="theirs")
    await stage.handle(PortalGone(clean=True), portal=other)
    assert await StoredMemory(store, other).conversation(GROUP, ANNA, Draft, now=50.0) is None
    assert await found(store, (GROUP, ANNA)) == [Draft(text="ours")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A state that names its revision."""

    revision: str


@pytest.mark.parametrize("change", ["another state", "an end"])
async def test_a_state_that_changed_meanwhile_is_not_replaced(store: Store, change: str) -> None:
    """Two events that read one state do not both change it: the later one is refused as a whole."""
    await handle(store, 1, kept(Step(revision="a.1")))
    first = replace(kept(Step(revision="a.2")), over="a.1")
    ended = ConversationEnded(dialog=GROUP, user=ANNA, kind=Step, over="a.1")
    await handle(store, 2, first if change == "another state" else ended)
    for number, second in ((3, ended), (4, replace(kept(Step(revision="a.9")), over="a.1"))):
        with pytest.raises(Overtaken):
            await handle(store, number, kept(Choice(names=["x"])), second)
    memory = StoredMemory(store, PORTAL)
    left = Step(revision="a.2") if change == "another state" else None
    assert await memory.conversation(GROUP, ANNA, Step, now=50.0) == left
    assert await memory.conversation(GROUP, ANNA, Choice, now=50.0) is None


async def test_choices_are_kept_for_people_and_chats(store: Store) -> None:
    """The choice of a person and that of a chat are separate; the last choice counts; a removal deletes them."""
    memory = StoredMemory(store, PORTAL)
    assert await memory.at_once(user=ANNA, dialog=GROUP) == AtOnce()
    await handle(store, 1, AtOnceChosen(user=ANNA, at_once=True), AtOnceChosen(dialog=GROUP, at_once=False))
    assert await memory.at_once(user=ANNA, dialog=GROUP) == AtOnce(person=True, chat=False)
    assert await memory.at_once(user=BORIS, dialog=OTHER) == AtOnce()
    await handle(store, 2, AtOnceChosen(user=ANNA, at_once=False))
    assert await memory.at_once(user=ANNA, dialog=OTHER) == AtOnce(person=False)
    sales = (Named(code="DR3", name="Sales"), Named(code="SG9", name="Velvet", visible=False))
    chosen = (DefaultRecipientsChosen(user=ANNA, to=sales), DefaultRecipientsChosen(dialog=GROUP, to=sales[:1]))
    await handle(store, 3, *chosen)
    kept = await memory.default_recipients(user=ANNA, dialog=GROUP)
    assert (kept, kept.person[1].visible) == (DefaultRecipients(person=sales, chat=sales[:1]), False)
    await handle(store, 4, DefaultRecipientsChosen(user=ANNA, to=()))
    assert (await memory.default_recipients(user=ANNA, dialog=GROUP)).decided == sales[:1]
    await handle(store, 5, PortalGone(clean=True))
    assert await memory.at_once(user=ANNA, dialog=GROUP) == AtOnce()
    assert await memory.default_recipients(user=ANNA, dialog=GROUP) == DefaultRecipients()
