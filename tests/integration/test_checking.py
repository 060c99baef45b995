"""Cards are compared with the feed, which finds changes whose events were lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.bitrix.outbound.memberships import Kept
from bot.model.events import ChatsToCheck, Dialog, MessageId, PortalId, PostDeleted, PostId, PostToCheck
from bot.model.state_changes import CardMade, PostSeen
from bot.pipeline.card_checks import Checks
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
