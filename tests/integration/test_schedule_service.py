"""Scheduled posts through the whole service and the emulator: published once, in the author's name, or asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

import portal.testing
from bot.store import Timers
from portal.clients.person import text_of
from tests.in_process import BORIS, CLARA, OLGA, InProcess, installed_on, restarted, running
from tests.integration.test_composer_service import dialog_of, newest, says, written

HOUR = 3600.0


def wait(here: InProcess, seconds: float) -> None:
    """Let time pass, and wake the scheduler, which does not know that the clock was set forward."""
    here.p.clock.advance(seconds + 1)
    here.service.worker.on_timers()


async def sees(here: InProcess, who: int, text: str) -> None:
    """Wait until a person has read something in their dialog with the bot, and all is quiet."""
    await here.p.person(who).sees(text, dialog=dialog_of(here), after=0)
    await here.quiet()


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_a_post_is_published_once_after_a_restart(tmp_path: Path, bot_api: str) -> None:
    """A post is published by its author when it is due, though the service was started again and the token expired."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, bot_api) as before:
            card = await says(before, CLARA, "/schedule in 2 hours to:sales title:Friday The office closes.")
            assert "Sales" in text_of(card)
            assert written(before, CLARA) == []
        async with restarted(before) as here:
            wait(here, 2 * HOUR)
            await sees(here, CLARA, "Published as")
            (post,) = written(here, CLARA)
            assert (post.title, post.text, post.dest) == ("Friday", "The office closes.", ("DR3",))
            assert "no scheduled posts" in (await says(here, CLARA, "/schedule")).text
            await here.p.person(CLARA).presses("Undo", dialog=dialog_of(here))
            await here.quiet()
            assert written(here, CLARA) == []


async def test_without_a_refresh_token_the_author_is_asked(tmp_path: Path) -> None:
    """If the portal gives no token that lasts, nothing is published at the time; a press then publishes once."""
    async with running(tmp_path) as here:
        here.p.switch(refresh_in_events=False)
        await says(here, CLARA, "/schedule in 2 hours The office closes.")
        wait(here, 2 * HOUR)
        await sees(here, CLARA, "Publish it now?")
        assert written(here, CLARA) == []
        await here.p.person(CLARA).presses("Publish now", dialog=dialog_of(here))
        await here.quiet()
        (post,) = written(here, CLARA)
        assert post.text == "The office closes."


async def test_a_question_without_an_answer_publishes_nothing(tmp_path: Path) -> None:
    """A day after the question the post ends with a word, and a button puts the text back."""
    async with running(tmp_path) as here:
        here.p.switch(refresh_in_events=False)
        await says(here, CLARA, "/schedule in 2 hours The office closes.")
        wait(here, 2 * HOUR)
        await sees(here, CLARA, "Publish it now?")
        wait(here, 24 * HOUR)
        await sees(here, CLARA, "did not answer")
        assert written(here, CLARA) == []


async def test_a_service_that_did_not_run_then_asks(tmp_path: Path) -> None:
    """A post that was due hours before the service ran again is not published without a question."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path) as before:
            await says(before, CLARA, "/schedule in 2 hours The office closes.")
        p.clock.advance(9 * HOUR)
        async with restarted(before) as here:
            await sees(here, CLARA, "I could not publish this post")
            assert written(here, CLARA) == []


async def test_nothing_is_published_for_a_person_who_left(tmp_path: Path) -> None:
    """The portal refuses the token of a person who was dismissed, so their post does not appear."""
    async with running(tmp_path) as here:
        await says(here, CLARA, "/schedule in 2 hours The office closes.")
        here.dismiss(CLARA)
        wait(here, 2 * HOUR)
        await here.p.called("profile", times=2, within=10.0)
        await here.quiet()
        assert here.p.calls("log.blogpost.add") == []
        here.dismiss(CLARA, again=True)
        await sees(here, CLARA, "Publish it now?")


async def test_a_weekly_post_appears_every_week(tmp_path: Path) -> None:
    """A weekly post is published each week by a token that is refreshed, until it is cancelled with a button."""
    async with running(tmp_path) as here:
        card = await says(here, CLARA, "/schedule every Monday 9:00 Please send your report.")
        assert "every Monday" in card.text
        for many in (1, 2):
            due = await Timers(here.store.db).next_due()
            assert due is not None
            wait(here, due - here.p.clock.now())
            await here.p.called("log.blogpost.add", times=many, within=10.0)
            await here.quiet()
            assert [post.text for post in written(here, CLARA)] == ["Please send your report."] * many
        assert "every Monday" in (await says(here, CLARA, "/schedule")).text
        await here.p.person(CLARA).presses("1: Cancel", dialog=dialog_of(here))
        await here.quiet()
        wait(here, 7 * 24 * HOUR)
        await here.quiet()
        assert "no scheduled posts" in (await says(here, CLARA, "/schedule")).text
        assert len(written(here, CLARA)) == 2


async def test_two_people_in_a_group(tmp_path: Path) -> None:
    """In a group a post is scheduled after a mention too, and only its owner's press cancels it."""
    async with running(tmp_path) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, BORIS, bot)
        await here.quiet()
        card = await says(here, CLARA, f"[USER={bot}]Feedbridge[/USER] schedule in 2 hours Cake at four.", group)
        assert "Cake at four." in text_of(card)
        boris = here.p.person(BORIS)
        await boris.presses("Cancel", dialog=group)
        await here.quiet()
        wait(here, 2 * HOUR)
        await here.p.called("log.blogpost.add", times=1, within=10.0)
        await here.quiet()
        (post,) = written(here, CLARA)
        assert post.text == "Cake at four."
        assert "Published as" in newest(boris, group).text


async def test_a_draft_is_published_later_by_a_button(tmp_path: Path) -> None:
    """Later, In an hour: the draft ends, its card shows the time, and the post appears then."""
    async with running(tmp_path, at_once=False) as here:
        clara, dialog = here.p.person(CLARA), dialog_of(here)
        await says(here, CLARA, "/post We won.")
        for label in ("Later", "In an hour"):
            await clara.presses(label, dialog=dialog)
            await here.quiet()
        assert "I will publish this" in newest(clara, dialog).text
        assert "You have no draft" in (await says(here, CLARA, "/preview")).text
        wait(here, HOUR)
        await sees(here, CLARA, "Published as")
        (post,) = written(here, CLARA)
        assert post.text == "We won."
