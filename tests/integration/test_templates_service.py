"""Templates through the whole service and the emulator: kept over a restart, published once, shared in a group."""

from __future__ import annotations

from pathlib import Path

import pytest

import portal.testing
from portal.clients.person import text_of
from portal.world.messenger import Message
from tests.in_process import BORIS, CLARA, OLGA, InProcess, installed_on, restarted, running

LAST_SEEDED = 219
"""The last post of the portal's seed."""


async def says(here: InProcess, who: int, text: str, dialog: str = "") -> Message:
    """Let a person write, wait until the service has answered, and return the newest message."""
    person, dialog = here.p.person(who), dialog or here.p.bot_dialog(here.app)
    await person.says(text, dialog=dialog)
    await here.quiet()
    return person.reads(dialog=dialog)[-1]


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_from_a_template_to_the_feed(tmp_path: Path, bot_api: str) -> None:
    """A template of several lines is used after a restart, and a press publishes what it became, once."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, bot_api, at_once=False) as before:
            said = await says(
                before, CLARA, '/template save weekly to:sales title:"Week {number}" Done:\n{text}\n{author}'
            )
            assert "Saved for you" in said.text
        async with restarted(before) as here:
            card = await says(here, CLARA, "/template use weekly number:49 Nothing new.")
            assert "Sales, 2 people" in text_of(card)
            await here.p.person(CLARA).presses("Publish", dialog=here.p.bot_dialog(here.app))
            await here.quiet()
            (post,) = [one for one in p.posts(CLARA) if one.id > LAST_SEEDED]
            name = p.emulator.world.people.users[CLARA].name
            assert (post.title, post.text, post.dest) == ("Week 49", f"Done:\nNothing new.\n{name}", ("DR3",))


async def test_a_template_of_a_group(tmp_path: Path) -> None:
    """The owner of a group saves a template for it, others may not, and use it after a mention."""
    async with running(tmp_path, at_once=False) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, BORIS, bot)
        await here.quiet()
        assert "for this chat" in (await says(here, OLGA, "/template save chat hello Hello {chat}: {text}", group)).text
        assert "may change its templates" in (await says(here, CLARA, "/template save chat hello Mine", group)).text
        card = await says(here, CLARA, f"[USER={bot}]Feedbridge[/USER] template use hello Cake", group)
        assert ": Cake" in text_of(card)
