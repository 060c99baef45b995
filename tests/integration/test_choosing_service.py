"""Questions which recipients are meant, through the whole service and the emulator."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import portal.testing
from portal.clients.person import text_of
from tests.in_process import BORIS, CLARA, installed_on, restarted, running
from tests.integration.test_composer_service import dialog_of, newest, says, written

ANNA_TOO = 5


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_a_press_goes_on_with_the_command(tmp_path: Path, bot_api: str) -> None:
    """In a group, a press shows the preview of the post as it was written; the question keeps only its answer."""
    async with running(tmp_path, bot_api, at_once=False) as here:
        clara = here.p.person(CLARA)
        group = here.p.make_chat(CLARA, BORIS, here.p.bots(here.app)[0].id, by=CLARA)
        question = await says(here, CLARA, '/post to:anna,sales title:"Tea" At four\n\nin the kitchen', group)
        assert "could be any of these" in question.text
        await here.p.person(BORIS).presses("Anna Schmidt", dialog=group)
        await here.quiet()
        assert "Only the person who was asked" in newest(here.p.person(BORIS), dialog_of(here)).text
        await clara.presses("Anna Schmidt", dialog=group)
        await here.quiet()
        (edited,) = [row for row in clara.reads(dialog=group) if row.id == question.id]
        assert (edited.text, bool(edited.keyboard)) == ("“anna” is Anna Schmidt (person).", False)
        card = newest(clara, group)
        assert "Your draft, not published yet: Tea" in card.text
        assert "Anna Schmidt, Sales" in text_of(card)
        await clara.presses("Publish", dialog=group)
        await here.quiet()
        (post,) = written(here, CLARA)
        assert (post.title, post.text) == ("Tea", "At four\n\nin the kitchen")
        assert set(post.dest) == {f"U{ANNA_TOO}", "DR3"}


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_ten_presses_at_once_publish_one_post(tmp_path: Path, bot_api: str) -> None:
    """Where posts are published at once, ten presses of the two buttons make one post, after a restart too."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, bot_api) as before:
            await says(before, CLARA, "/post to:anna Happy birthday")
        async with restarted(before) as here:
            clara, dialog = here.p.person(CLARA), dialog_of(here)
            names = ("Anna Schmidt", "Anna Petrova")
            await asyncio.gather(*(clara.presses(names[n % 2], dialog=dialog) for n in range(10)))
            await here.quiet()
            (post,) = written(here, CLARA)
            assert (post.text, len(post.dest)) == ("Happy birthday", 1)
