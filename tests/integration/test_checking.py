"""Cards are compared with the feed, which finds changes whose events were lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.bitrix.outbound.memberships import Kept
from bot.bitrix.outbound.reads import PortalReads
from bot.feed.relay import changes
from bot.model.effects import Priority
from bot.model.events import (
    ChatsToCheck,
    Dialog,
    EventTokens,
    MessageId,
    PortalId,
    PostDeleted,
    PostId,
    PostToCheck,
)
from bot.model.records import Post
from bot.model.state_changes import CardMade, PostSeen
from bot.pipeline import card_checks
from bot.pipeline.card_checks import OLDER, RESTRICTED, Checks
from tests.outgoing import OLGA, commit, opened


async def test_a_check_uses_no_cached_memberships(tmp_path: Path) -> None:
    """A check of a portal's cards first forgets the cached memberships of this portal, and of no other."""
    kept: Kept[Any] = Kept()
    async with opened(tmp_path, sends=False) as out:
        made = await out.p.publish("For Sales", by=OLGA, dest=("DR1",))
        seen = PostSeen(
            post=PostId(made.id), author=OLGA, version="old", title="", digest="", important=False, for_all=False
        )
        card = CardMade(post=PostId(made.id), dialog=Dialog("chat10"), version="old:full", message=MessageId(5))
        await commit(out.store, out.arrived(PostDeleted(portal=out.id, post=PostId(1)), "test"), [seen, card], [])
        kept.put(out.id, "person", 1, value="in Sales")
        kept.put(other := PortalId("another"), "person", 1, value="in Sales")
        await Checks(
            store=out.store, caller=out.caller, outages=out.worker.outages, clock=out.worker.clock, forget=kept.forget
        ).check_all()
        rows = await out.store.waiting_events(after=0, many=10)
        asked = {type(row.event) for row in rows}
    assert (kept.get(out.id, "person", 1), kept.get(other, "person", 1)) == (None, "in Sales")
    assert asked == {PostToCheck, ChatsToCheck}


def card_of(post: Post) -> CardMade:
    """Make a card with the content of a post."""
    version = f"{changes.version(post)}:full"
    return CardMade(post=post.id, dialog=Dialog("chat10"), version=version, message=MessageId(5))


async def test_every_restricted_post_is_checked_after_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a start all restricted posts are checked in portions; the next follows when no check waits any more."""
    monkeypatch.setattr(card_checks, "LOOK_AGAIN", 0.001)
    async with opened(tmp_path, sends=False) as out:
        posts = [PostId((await out.p.publish(f"Number {n}", by=OLGA, dest=("DR1",))).id) for n in range(3 * RESTRICTED)]
        reads = PortalReads(out.caller, await out.known(), EventTokens(), urgency=Priority.DIGEST)
        read = [post for n in (0, 1, 2) for post in (await reads.open_posts(posts[n * 50 : n * 50 + 50])).values()]
        known = [change for post in read for change in (changes.seen(post), card_of(post))]
        await commit(out.store, out.arrived(PostDeleted(portal=out.id, post=posts[0]), "test"), known, [])
        checks = Checks(store=out.store, caller=out.caller, outages=out.worker.outages, clock=out.worker.clock)
        checking = asyncio.create_task(checks.check_all())
        portions = []
        while not checking.done():
            rows = await out.store.waiting_events(after=0, many=1_000)
            portions.append([row.event.post for row in rows if isinstance(row.event, PostToCheck)])
            for row in rows:
                await out.store.commit_event(row, [], [], 0.0)
        await checking
    checked = [post for portion in portions for post in portion]
    assert sorted(checked) == posts
    assert RESTRICTED <= max(map(len, portions)) <= RESTRICTED + OLDER
