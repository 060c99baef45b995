"""Two people with two languages and one message in a group."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.i18n import catalog
from tests.in_process import ANNA, BORIS, running


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_a_press_does_not_translate_the_message(tmp_path: Path, bot_api: str) -> None:
    """Anna reads Russian and asks for help; Boris reads German and turns its pages: they stay Russian."""
    async with running(tmp_path, bot_api) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(ANNA, BORIS, bot, by=ANNA)
        await here.quiet()
        anna, boris = here.p.person(ANNA), here.p.person(BORIS)
        for person, language in ((anna, "ru"), (boris, "de")):
            await person.says(f"/lang {language}", dialog=here.p.bot_dialog(here.app))
        await here.quiet()
        await anna.says("/help", dialog=group)
        await here.quiet()
        await boris.presses("/post", dialog=group)
        await here.quiet()
        shown = boris.reads(dialog=group)[-1].text
        assert catalog.sentence("ru", "help.how") in shown
        await boris.presses(catalog.sentence("ru", "button.all"), dialog=group)
        await here.quiet()
        assert catalog.sentence("ru", "help.intro") in boris.reads(dialog=group)[-1].text
