"""The composer through the whole service and the emulator: published once, kept over a restart, ended after a day."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import portal.testing
from bot.feed.composer.drafts import LIFETIME
from portal.clients.person import Person, text_of
from portal.world.feed import Post
from portal.world.messenger import Message
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, installed_on, restarted, running

LAST_SEEDED = 219
"""The last post of the portal's seed."""


@contextlib.asynccontextmanager
async def serving(folder: Path, bot_api: str = "v2") -> AsyncIterator[InProcess]:
    """Start a service that shows a preview first."""
    async with running(folder, bot_api, at_once=False) as here:
        yield here


def dialog_of(here: InProcess) -> str:
    """Return the private dialog with the bot."""
    return here.p.bot_dialog(here.app)


def written(here: InProcess, who: int) -> list[Post]:
    """Return the posts that a person has published since the start, without those of the seed."""
    return [post for post in here.p.posts(who) if post.id > LAST_SEEDED]


def newest(person: Person, dialog: str) -> Message:
    """Return the newest message of a dialog."""
    return person.reads(dialog=dialog)[-1]


async def says(here: InProcess, who: int, text: str, dialog: str = "") -> Message:
    """Let a person write, wait until the service has answered, and return the newest message."""
    person, dialog = here.p.person(who), dialog or dialog_of(here)
    await person.says(text, dialog=dialog)
    await here.quiet()
    return newest(person, dialog)


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_from_post_to_the_feed(tmp_path: Path, bot_api: str) -> None:
    """A post is shown with its audience in people, changed by buttons and a message, and published by a press."""
    async with serving(tmp_path, bot_api) as here:
        clara, dialog = here.p.person(CLARA), dialog_of(here)
        card = await says(here, CLARA, "/post to:sales title:Friday important:2030-12-01 The office closes.")
        assert "Sales, 2 people" in text_of(card)
        assert written(here, CLARA) == []
        await clara.presses("Change", dialog=dialog)
        await here.quiet()
        await clara.presses("Text", dialog=dialog)
        await here.quiet()
        card = await says(here, CLARA, "The office closes at four: http://example.org")
        assert "at four" in text_of(card)
        await clara.presses("Publish", dialog=dialog)
        await here.quiet()
        (post,) = written(here, CLARA)
        assert (post.title, post.text, post.dest) == (
            "Friday", "The office closes at four: http://example.org", ("DR3",),
        )  # fmt: skip
        assert post.important
        assert post.important_until is not None
        assert post.preview == "http://example.org"
        assert "Published as" in newest(clara, dialog).text
        assert [row.text for row in clara.reads(dialog=dialog) if "not published yet" in row.text] == []


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_two_people_in_a_group(tmp_path: Path, bot_api: str) -> None:
    """In a group only the owner's press publishes; another person gets a word in their own dialog with the bot."""
    async with serving(tmp_path, bot_api) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, BORIS, bot)
        await here.quiet()
        card = await says(here, CLARA, "/post to:all tags:cake Cake at four.", group)
        assert "everyone" in text_of(card)
        boris = here.p.person(BORIS)
        await boris.presses("Publish", dialog=group)
        await here.quiet()
        assert written(here, CLARA) == [] == written(here, BORIS)
        assert "belongs to somebody else" in newest(boris, dialog_of(here)).text
        clara = here.p.person(CLARA)
        await asyncio.gather(*(clara.presses("Publish", dialog=group) for _ in range(10)))
        await here.quiet()
        (post,) = written(here, CLARA)
        assert (post.text, post.tags) == ("Cake at four.", ("cake",))


async def test_a_draft_survives_a_restart(tmp_path: Path) -> None:
    """The buttons of a draft from before a restart still work afterwards, once."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, at_once=False) as before:
            await says(before, CLARA, "/post We won.")
        async with restarted(before) as here:
            await here.p.person(CLARA).presses("Publish", dialog=dialog_of(here))
            await here.quiet()
            (post,) = written(here, CLARA)
            assert post.text == "We won."
            assert "You have no draft" in (await says(here, CLARA, "/publish")).text


async def test_a_draft_ends_after_a_day(tmp_path: Path) -> None:
    """A day later the owner is told in their language, the card has no buttons, and nothing can be published."""
    async with serving(tmp_path) as here:
        anna, dialog = here.p.person(ANNA), dialog_of(here)
        card = await says(here, ANNA, "/post Мы победили.")
        here.p.clock.advance(LIFETIME + 1)
        await anna.sees("не меняли сутки", dialog=dialog, after=card.id)
        await here.quiet()
        (old,) = [row for row in anna.reads(dialog=dialog) if row.id == card.id]
        assert not old.keyboard
        assert written(here, ANNA) == []
        assert "нет черновика" in (await says(here, ANNA, "/publish")).text


async def test_the_people_are_counted_with_the_owner_s_rights(tmp_path: Path) -> None:
    """Everybody, a workgroup and a person are counted; an extranet user is told no number."""
    async with serving(tmp_path) as here:
        world = here.p.emulator.world
        employees = [one for one in world.people.users.values() if one.active and not one.bot and one.departments]
        card = await says(here, CLARA, "/post Hello.")
        assert f"everyone, {len(employees)} people" in text_of(card)
        group = next(one for one in world.people.groups.values() if CLARA in one.members)
        card = await says(here, CLARA, f"/draft to:SG{group.id}")
        assert f"{len(group.members)} pe" in text_of(card)
        card = await says(here, CLARA, f"/draft to:U{OLGA}")
        assert "1 person" in text_of(card)
        card = await says(here, GUSTAV, "/post Hello.")
        assert "everyone" in text_of(card)
        assert "people" not in text_of(card)


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_file_is_published_with_the_post(tmp_path: Path, bot_api: str, *, at_once: bool) -> None:
    """Files that are sent before /post and with it are in the post, with a preview and without one."""
    async with running(tmp_path, bot_api, at_once=at_once) as here:
        clara, dialog = here.p.person(CLARA), dialog_of(here)
        await clara.sends_file("photo.txt", b"A photo", dialog=dialog)
        await here.quiet()
        assert "I have 1 file" in newest(clara, dialog).text
        await clara.sends_file("plan.txt", b"The plan", dialog=dialog, text="/post See the plan")
        await here.quiet()
        if not at_once:
            assert "2 files" in text_of(newest(clara, dialog))
            await says(here, CLARA, "/publish")
        (post,) = written(here, CLARA)
        assert (post.text, [file.name for file in post.files]) == ("See the plan", ["photo.txt", "plan.txt"])
        assert "without the files" not in text_of(newest(clara, dialog))


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_the_settings_of_a_chat(tmp_path: Path, bot_api: str) -> None:
    """The owner of a chat chooses for everybody there, another member does not, and the choice holds at once."""
    async with serving(tmp_path, bot_api) as here:
        group = here.p.make_chat(CLARA, BORIS, here.p.bots(here.app)[0].id, by=CLARA)
        await here.quiet()
        assert "Only the owner" in (await says(here, BORIS, "/settings chat preview:off", group)).text
        assert "publish at once" in (await says(here, CLARA, "/settings chat preview:off", group)).text
        await says(here, BORIS, "/post Kuchen um vier.", group)
        assert [post.text for post in written(here, BORIS)] == ["Kuchen um vier."]


async def test_without_a_time_zone_the_configured_one_holds(tmp_path: Path) -> None:
    """For a person whose profile names no time zone, the day ends in that of the configuration."""
    tokyo = await asyncio.to_thread(ZoneInfo, "Asia/Tokyo")
    async with running(tmp_path, at_once=False, time_zone=tokyo.key) as here:
        users = here.p.emulator.world.people.users
        users[CLARA] = replace(users[CLARA], time_zone="")
        await says(here, CLARA, "/post important:2030-12-01 We won.")
        await says(here, CLARA, "/publish")
        (post,) = written(here, CLARA)
        assert post.important_until == datetime(2030, 12, 1, 14, 59, tzinfo=UTC).timestamp()


async def test_a_date_is_read_in_the_person_s_time_zone(tmp_path: Path) -> None:
    """The day ends where the person is: for Anna in Riga two hours before it ends in London."""
    async with serving(tmp_path) as here:
        await says(here, ANNA, "/post important:2030-12-01 Мы победили.")
        await says(here, ANNA, "/publish")
        (post,) = written(here, ANNA)
        assert post.important_until == datetime(2030, 12, 1, 21, 59, tzinfo=UTC).timestamp()
