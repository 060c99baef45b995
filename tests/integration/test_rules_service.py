"""Subscriptions with several conditions, through the whole service and the emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.clients.person import text_of
from tests.in_process import ANNA, BORIS, CLARA, InProcess, running

SALES = "DR3"


async def follows(here: InProcess, rule: str, dialog: str, *, by: int = BORIS) -> str:
    """Let a person subscribe a dialog, and return the answer."""
    person = here.p.person(by)
    asked = await person.says(f"/follow {rule}", dialog=dialog)
    await here.quiet()
    return "\n".join(text_of(row) for row in person.reads(dialog=dialog) if row.id > asked)


def cards(here: InProcess, dialog: str, *, by: int = BORIS) -> str:
    """Return all that stands in a dialog."""
    return "\n".join(text_of(row) for row in here.p.person(by).reads(dialog=dialog))


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_a_private_subscription_to_a_department(tmp_path: Path, bot_api: str) -> None:
    """Posts for the department come, posts for everybody else do not; what is excluded does not come either."""
    async with running(tmp_path, bot_api) as here:
        dialog, clara = here.p.bot_dialog(here.app), here.p.person(CLARA)
        assert "posts for Sales without “draft”" in await follows(here, "in:sales -word:draft", dialog)
        for text, dest in (("mk1", [SALES]), ("mk2", ["UA"]), ("mk3 draft", [SALES]), ("mk4", [SALES, f"U{ANNA}"])):
            await clara.posts(text, dest=dest)
        await here.quiet()
        shown = cards(here, dialog)
        assert [word for word in ("mk1", "mk2", "mk3", "mk4") if word in shown] == ["mk1", "mk4"]


async def test_tags_and_authors_in_a_group(tmp_path: Path) -> None:
    """A tag in the text counts, and one that the bot gave a post; another author's post does not come."""
    async with running(tmp_path) as here:
        clara, bot = here.p.person(CLARA), here.p.bots(here.app)[0].id
        group = here.p.make_chat(BORIS, bot, by=CLARA)
        assert "posts by Clara Wirth tagged #cake" in await follows(here, "from:clara tag:cake", group)
        await clara.posts("mk1 #cake at four")
        await here.p.person(BORIS).posts("mk2 #cake at five")
        await clara.posts("mk3 tea at six")
        await clara.says("/post tags:cake mk4 at seven", dialog=here.p.bot_dialog(here.app))
        await here.quiet()
        shown = cards(here, group)
        assert [word for word in ("mk1", "mk2", "mk3", "mk4") if word in shown] == ["mk1", "mk4"]


async def test_a_subscription_is_changed_and_ended_by_its_number(tmp_path: Path) -> None:
    """After a change the new rule counts; the list names each rule with its owner; its number ends it."""
    async with running(tmp_path) as here:
        boris, clara, bot = here.p.person(BORIS), here.p.person(CLARA), here.p.bots(here.app)[0].id
        group = here.p.make_chat(CLARA, bot, by=BORIS)
        await follows(here, "important", group)
        await follows(here, "word:lunch", group, by=CLARA)
        assert "it was important posts, and now it is posts with “tea”" in await follows(here, "1 word:tea", group)
        await clara.posts("mk1 tea is ready")
        await clara.posts("mk2 fire", important=True)
        await here.quiet()
        assert "mk1" in cards(here, group)
        assert "mk2" not in cards(here, group)
        await boris.says("/follows", dialog=group)
        await here.quiet()
        listed = boris.reads(dialog=group)[-1].text
        assert "1. posts with “tea” (by Boris Klein)\n2. posts with “lunch” (by Clara Wirth)" in listed
        await clara.says("/unfollow 1", dialog=group)
        await here.quiet()
        assert "Only Boris Klein, and those who manage this chat" in cards(here, group)
        await boris.says("/unfollow 2", dialog=group)  # Boris owns the chat
        await here.quiet()
        assert "no longer follows posts with “lunch”. Ended by Boris Klein." in cards(here, group)
