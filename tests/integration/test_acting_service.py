"""Posts of people from whom the application has no permission: published with an administrator's token, or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.i18n import catalog
from portal.world.feed import Post
from tests.in_process import ANNA, CLARA, OLGA, InProcess, running

API = pytest.mark.parametrize("bot_api", ["v1", "v2"])


async def answers(here: InProcess, who: int, *texts: str) -> list[str]:
    """Let a person write to the bot in private; return what they were answered."""
    person, dialog = here.p.person(who), here.p.bot_dialog(here.app)
    before = max((row.id for row in person.reads(dialog=dialog)), default=0)
    for text in texts:
        await person.says(text, dialog=dialog)
        await here.quiet()
    return [row.text for row in person.reads(dialog=dialog) if row.id > before and row.author != who]


def newest(here: InProcess) -> Post:
    """Return the newest post of the portal."""
    posts = here.p.emulator.world.feed.posts
    return posts[max(posts)]


@API
async def test_a_post_without_a_token_is_published_for_its_author(tmp_path: Path, bot_api: str) -> None:
    """An administrator's token publishes the post of its author, and the confirmation says who did it for whom."""
    async with running(tmp_path, bot_api, for_people=True) as here:
        here.p.switch(tokens_in_events=False)
        said = await answers(here, ANNA, "/post The coffee machine works again.")
        made = newest(here)
        assert (made.author, made.text, made.dest) == (ANNA, "The coffee machine works again.", ("UA",))
        [call] = here.p.calls("log.blogpost.add")
        assert (call.user, str(call.params["USER_ID"])) == (OLGA, str(ANNA))
        assert any("Анна" in one or "Anna Petrova" in one for one in said), said


@API
async def test_without_the_setting_nothing_is_published_and_the_person_is_told(tmp_path: Path, bot_api: str) -> None:
    """The setting is off by default: nothing is sent with an administrator's token, and a sentence says what to do."""
    async with running(tmp_path, bot_api) as here:
        here.p.switch(tokens_in_events=False)
        before = len(here.p.emulator.world.feed.posts)
        said = await answers(here, CLARA, "/post The coffee machine works again.", "/post to:sales For you")
        assert len(here.p.emulator.world.feed.posts) == before
        assert not here.p.calls("log.blogpost.add")
        token = catalog.sentence("en", "error.token")
        assert any(token in one for one in said), said
        assert any(catalog.sentence("en", "recipients.no_eyes", name="sales") in one for one in said), said
