"""The stored data of quiet lines: times of posts, extranet users, and chats that switched the line off."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.model import state_changes
from bot.model.events import Dialog, MessageId, PostId
from bot.model.state_changes import StateChange
from bot.store import Store, StoredMemory
from tests.storing import PORTAL, installed, one_event, opened, said

CHAT, OTHER = Dialog("chat1"), Dialog("chat2")
DAY = 20260922
NOW = 1_790_053_200.0
"""Noon of that day in UTC."""
MONTHS = 400 * 86_400.0


@dataclass(slots=True, kw_only=True)
class Lines:
    """A store, and events that change what it keeps for quiet lines."""

    store: Store
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def happens(self, *state_changes: StateChange, now: float = NOW) -> None:
        """Commit an event with these state changes."""
        row = await one_event(self.store, said(next(self._numbers)))
        await self.store.commit_event(row, state_changes, [], now=now)


@pytest.fixture
async def lines(tmp_path: Path) -> AsyncIterator[Lines]:
    """Open a new store with a portal."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        yield Lines(store=store)


def post(number: int, dialog: Dialog = CHAT, *, day: int = DAY) -> state_changes.QuietPost:
    """Store a post that not everyone in a chat may read."""
    return state_changes.QuietPost(dialog=dialog, day=day, post=PostId(number), at=f"12:{number % 60:02}")


def seen(*, there: bool, dialog: Dialog = CHAT) -> state_changes.ExtranetSeen:
    """Store the portal's answer whether an extranet user is in a chat."""
    return state_changes.ExtranetSeen(dialog=dialog, seen=there)


async def test_a_chat_without_a_line_counts_nothing(lines: Lines) -> None:
    """After the line was switched off no post is counted, and earlier ones are not shown; other chats keep theirs."""
    await lines.happens(post(1), post(1, OTHER), seen(there=True), seen(there=True, dialog=OTHER))
    await lines.happens(state_changes.QuietOff(dialog=CHAT))
    await lines.happens(post(2))
    memory = StoredMemory(lines.store, PORTAL)
    assert [await memory.quiet_posts(dialog, DAY) for dialog in (CHAT, OTHER)] == [[], ["12:01"]]
    extranet = await memory.extranet()
    assert (extranet[CHAT].off, extranet[OTHER].off) == (True, False)


async def test_a_chat_that_wants_the_line_again(lines: Lines) -> None:
    """Turned on again, new posts are counted beside those of before; other chats stay as they are."""
    memory = StoredMemory(lines.store, PORTAL)
    await lines.happens(post(1), state_changes.QuietOff(dialog=CHAT), state_changes.QuietOff(dialog=OTHER))
    assert [await memory.quiet_is_off(dialog) for dialog in (CHAT, OTHER)] == [True, True]
    await lines.happens(state_changes.QuietOn(dialog=CHAT))
    await lines.happens(state_changes.QuietOn(dialog=CHAT), post(2), post(2, OTHER))
    assert [await memory.quiet_is_off(dialog) for dialog in (CHAT, OTHER)] == [False, True]
    assert [await memory.quiet_posts(dialog, DAY) for dialog in (CHAT, OTHER)] == [["12:01", "12:02"], []]


async def test_a_fact_told_by_follow_is_not_repeated(lines: Lines) -> None:
    """The line does not repeat what the answer to /follow said."""
    await lines.happens(seen(there=True), state_changes.ExtranetTold(dialog=CHAT, told=True))
    state = (await StoredMemory(lines.store, PORTAL).extranet())[CHAT]
    assert (state.seen, state.told, state.told_day) == (True, True, 0)


async def test_quiet_lines_are_deleted_like_posts(lines: Lines) -> None:
    """Times of posts, and the message of the line, are kept as long as posts."""
    made = state_changes.CardMade(post=PostId(-DAY), dialog=CHAT, version="quiet:1", message=MessageId(5))
    await lines.happens(post(1), made)
    memory = StoredMemory(lines.store, PORTAL)
    await lines.store.forget_old(NOW + 60)
    assert (await memory.quiet_posts(CHAT, DAY), len(await memory.cards(PostId(-DAY)))) == (["12:01"], 1)
    await lines.store.forget_old(NOW + MONTHS)
    assert (await memory.quiet_posts(CHAT, DAY), await memory.cards(PostId(-DAY))) == ([], [])


async def test_a_removal_with_all_data_deletes_quiet_lines(lines: Lines) -> None:
    """After a new installation no line mentions earlier posts."""
    await lines.happens(post(1), seen(there=True), state_changes.QuietOff(dialog=OTHER))
    await lines.happens(state_changes.PortalGone(clean=True))
    for table in ("quiet_posts", "quiet_off", "dialog_extranet"):
        assert list(await lines.store.db.reader.execute_fetchall(f"SELECT * FROM {table}")) == []  # noqa: S608 - ours
