"""Templates in the store: whose they are, and when they are removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import events, state_changes
from bot.model.events import Dialog, UserId
from bot.model.queued import IncomingEvent
from bot.model.records import Template
from bot.model.state_changes import TemplateDropped, TemplateSaved
from bot.store import Store, StoredMemory
from tests.storing import PORTAL, installed, one_event, opened, said

ANNA, CHAT = UserId(2), Dialog("chat1")
OWN = TemplateSaved(user=ANNA, key="weekly", name="Weekly", text="Mine")
SHARED = TemplateSaved(dialog=CHAT, key="weekly", name="weekly", text="Ours")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file, with a portal and two templates."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        await commit(store, OWN, SHARED)
        yield store


async def commit(store: Store, *changes: state_changes.StateChange, number: int = 1) -> None:
    """Commit state changes as the handlers of an event do."""
    await store.commit_event(await one_event(store, said(number)), changes, [], now=2.0)


async def of(store: Store, user: UserId = ANNA, dialog: Dialog = CHAT) -> list[Template]:
    """Return what a person can use in a chat."""
    return await StoredMemory(store, PORTAL).templates(user=user, dialog=dialog)


async def test_whose_templates_are_read(store: Store) -> None:
    """A person reads their own templates and those of the chat, and neither those of others nor of other chats."""
    own = Template(name="Weekly", text="Mine")
    shared = Template(name="weekly", text="Ours", chat=True)
    assert await of(store) == [own, shared]
    assert await of(store, dialog=Dialog("2")) == [own]
    assert await of(store, user=UserId(3)) == [shared]
    assert await of(store, user=UserId(3), dialog=Dialog("chat2")) == []


async def test_one_template_for_each_name(store: Store) -> None:
    """Saving a name again replaces the text, and dropping one leaves that of the other owner."""
    await commit(store, TemplateSaved(user=ANNA, key="weekly", name="WEEKLY", text="New"), number=2)
    assert (await of(store))[0] == Template(name="WEEKLY", text="New")
    await commit(store, TemplateDropped(user=ANNA, key="weekly"), number=3)
    assert [one.chat for one in await of(store)] == [True]


async def test_templates_go_with_their_chat(store: Store) -> None:
    """When the bot is out of a chat, the chat's templates are deleted, and those of people stay."""
    await commit(store, state_changes.ChatLeft(dialog=CHAT), number=2)
    assert [one.chat for one in await of(store)] == [False]


@pytest.mark.parametrize(("clean", "left"), [(True, 0), (False, 2)])
async def test_templates_and_a_removed_application(store: Store, *, clean: bool, left: int) -> None:
    """A removal deletes them only if the user chose so; afterwards nothing is stored or dropped any more."""
    late = await one_event(store, said(2))
    arrived = IncomingEvent(event=events.Uninstalled(portal=PORTAL, clean=clean), key="bye", ordering_key="portal")
    await store.commit_event(await one_event(store, arrived), [state_changes.PortalGone(clean=clean)], [], now=3.0)
    changes = [TemplateSaved(user=ANNA, key="x", name="x", text="Late"), TemplateDropped(user=ANNA, key="weekly")]
    await store.commit_event(late, changes, [], now=4.0)
    assert len(await of(store)) == left
