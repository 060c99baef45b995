"""New posts whose event was lost: the next check finds and relays them once, and relays nothing old."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

import portal.testing
from bot.pipeline import missed_posts
from portal.clients.person import text_of
from tests.in_process import ANNA, BORIS, CLARA, InProcess, installed_on, restarted

SALES = "DR3"
API = pytest.mark.parametrize("bot_api", ["v1", "v2"])


async def follows(here: InProcess, dialog: str, rule: str = "", *, by: int = BORIS) -> None:
    """Subscribe a dialog."""
    await here.p.person(by).says(f"/follow {rule}".strip(), dialog=dialog)
    await here.quiet()


def words(here: InProcess, dialog: str, *, by: int = BORIS) -> list[str]:
    """Return the marks (mk1, mk2, ...) in a dialog, in their order."""
    shown = [text_of(row) for row in here.p.person(by).reads(dialog=dialog)]
    return [mark for text in shown for mark in ("mk1", "mk2", "mk3", "mk4") if mark in text]


async def caught_up(here: InProcess, dialog: str, many: int, *, by: int = BORIS) -> list[str]:
    """Wait until this many marks are in a dialog and nothing is left to do, and return them."""
    async with asyncio.timeout(30):
        while len(words(here, dialog, by=by)) < many:  # noqa: ASYNC110 - the check has no event
            await asyncio.sleep(0.05)
    await here.quiet()
    return words(here, dialog, by=by)


@API
async def test_what_happened_while_the_service_was_away(tmp_path: Path, bot_api: str) -> None:
    """After a restart, posts for everybody and for a department come once, into chats whose members may read them."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, bot_api) as before:
            group = p.make_chat(BORIS, before.p.bots(before.app)[0].id, by=CLARA)
            own = p.bot_dialog(before.app)
            await follows(before, group)
            await follows(before, own)
        clara = p.person(CLARA)
        await clara.posts("mk1 for all")
        await clara.posts("mk2 for sales", dest=[SALES])
        await clara.posts("mk3 for Anna only", dest=[f"U{ANNA}"])
        await p.idle()  # their events are lost before the service comes back
        async with restarted(before) as here:
            assert await caught_up(here, group, 2) == ["mk1", "mk2"]
            assert await caught_up(here, own, 2) == ["mk1", "mk2"]
            await clara.posts("mk4 with its event")
            assert await caught_up(here, group, 3) == ["mk1", "mk2", "mk4"]
        async with restarted(before) as here:
            await clara.edits_post(p.posts(CLARA)[-1].id, text="mk4 changed")
            await here.quiet()
            assert words(here, group) == ["mk1", "mk2", "mk4"]


async def test_nothing_old_is_relayed(tmp_path: Path) -> None:
    """Posts from before the subscription, and those older than a day, do not come after a restart."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path) as before:
            await before.p.person(CLARA).posts("mk1 before the subscription")
            await before.quiet()
            p.clock.advance(3600)
            await follows(before, p.bot_dialog(before.app))
        await p.person(CLARA).posts("mk2 two days old")
        p.clock.advance(2 * 86_400)
        await p.person(CLARA).posts("mk3 new")
        await p.idle()
        async with restarted(before) as here:
            assert await caught_up(here, p.bot_dialog(here.app), 1) == ["mk3"]


async def test_a_crowd_of_missed_posts_comes_in_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One check relays a limited number of posts, the oldest first."""
    monkeypatch.setattr(missed_posts, "MOST", 2)
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path) as before:
            await follows(before, p.bot_dialog(before.app))
        for mark in ("mk1", "mk2", "mk3"):
            await p.person(CLARA).posts(f"{mark} new")
        await p.idle()
        async with restarted(before) as here:
            assert await caught_up(here, p.bot_dialog(here.app), 2) == ["mk1", "mk2"]


async def test_more_posts_than_a_page_come_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Posts that stand behind a page of known ones come too, the oldest first, also after another restart."""
    monkeypatch.setattr(missed_posts, "MOST", 60)
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path) as before:
            own = p.bot_dialog(before.app)
            await follows(before, own)
        for number in range(75):
            await p.person(CLARA).posts(f"number {number} new")
        await p.idle()
        async with restarted(before) as here:
            await numbers(here, own, 60)
            for number in range(75, 130):  # with their events, so that the newest page is known
                await p.person(CLARA).posts(f"number {number} new")
            assert await numbers(here, own, 115) == [*range(60), *range(75, 130)]
        async with restarted(before) as here:
            assert await numbers(here, own, 130) == [*range(60), *range(75, 130), *range(60, 75)]


async def numbers(here: InProcess, dialog: str, many: int) -> list[int]:
    """Wait until this many numbered posts are in a dialog, and return their numbers in the order of their cards."""

    def look() -> list[int]:
        shown = [text_of(row) for row in here.p.person(BORIS).reads(dialog=dialog)]
        return [int(found[1]) for text in shown if (found := re.search(r"number (\d+) new", text))]

    async with asyncio.timeout(60):
        while len(look()) < many:  # noqa: ASYNC110 - the check has no event
            await asyncio.sleep(0.05)
    await here.quiet()
    return look()
