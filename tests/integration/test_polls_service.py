"""Polls and thanks through the whole service and the emulator: typed, pressed and by mention."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.clients.person import text_of
from portal.world.feed import Question
from tests.in_process import ANNA, BORIS, CLARA, InProcess, running
from tests.integration.test_composer_service import dialog_of, newest, says, serving, written


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_from_poll_to_the_votes(tmp_path: Path, bot_api: str) -> None:
    """A poll is shown, changed by a button and published; people vote in it, and its card says what it is."""
    async with serving(tmp_path, bot_api) as here:
        clara, dialog = here.p.person(CLARA), dialog_of(here)
        card = await says(here, CLARA, '/poll to:sales title:Cake "Which cake?" apple | cherry | none')
        assert "○ apple" in text_of(card)
        assert written(here, CLARA) == []
        for label in ("Change", "Several answers", "Back", "Publish"):
            await clara.presses(label, dialog=dialog)
            await here.quiet()
        (post,) = written(here, CLARA)
        assert (post.text, post.title, post.dest) == ("Which cake?", "Cake", ("DR3",))
        assert post.poll
        assert post.poll.questions == (Question(text="Which cake?", answers=("apple", "cherry", "none"), many=True),)
        assert (post.poll.anonymous, post.poll.options) == (False, 1)
        await here.p.person(BORIS).votes(post.id, {0: [0, 2]})
        (post,) = written(here, CLARA)
        assert post.poll
        assert len(post.poll.votes) == 2


async def test_thanks_give_a_medal(tmp_path: Path) -> None:
    """Thanks to two people reach the portal with the medal; the answer of a portal to a group is the same."""
    async with serving(tmp_path) as here:
        clara, dialog = here.p.person(CLARA), dialog_of(here)
        card = await says(here, CLARA, "/thanks Anna Petrova, Boris Klein cup Great work at the fair")
        assert "cup for" in text_of(card)
        await clara.presses("Publish", dialog=dialog)
        await here.quiet()
        (post,) = written(here, CLARA)
        assert post.gratitude
        assert (post.gratitude.medal, post.gratitude.people) == ("cup", (ANNA, BORIS))
        assert post.text == "Great work at the fair"
        assert "Published as" in newest(clara, dialog).text


@pytest.mark.parametrize(
    ("language", "poll", "thanks"),
    [
        ("en", "poll Which cake? apple | cherry", "thanks @boris cup Great work"),
        ("de", "Umfrage Welcher Kuchen? Apfel | Kirsche", "danke @boris Pokal Tolle Arbeit"),
        ("ru", "опрос Какой торт? яблочный | вишнёвый", "спасибо @boris кубок Отличная работа"),
    ],
)
async def test_in_a_group_by_mention(tmp_path: Path, language: str, poll: str, thanks: str) -> None:
    """In a group a mention with a poll or with thanks publishes them, if the person chose that."""
    async with running(tmp_path, language=language) as here:
        group = here.p.make_chat(here.p.bots(here.app)[0].id, CLARA, ANNA)
        await _mentions(here, CLARA, group, poll)
        await _mentions(here, CLARA, group, thanks)
        polled, thanked = written(here, CLARA)
        assert polled.poll
        assert len(polled.poll.questions[0].answers) == 2
        assert thanked.gratitude
        assert (thanked.gratitude.medal, thanked.gratitude.people) == ("cup", (BORIS,))


async def _mentions(here: InProcess, who: int, dialog: str, text: str) -> None:
    bot = here.p.bots(here.app)[0].id
    await here.p.person(who).says(f"[USER={bot}]Feedbridge[/USER] {text}", dialog=dialog)
    await here.quiet()


@pytest.mark.parametrize("switch", ["DEST", "SPERM"])
async def test_a_portal_too_old_for_dest_keeps_the_recipients(tmp_path: Path, switch: str) -> None:
    """A portal that does not know DEST would publish for everybody; it gets the recipients as it knows them."""
    async with running(tmp_path) as here:
        here.p.switch(recipients_in=switch)
        await says(here, CLARA, "/post to:sales,@boris The numbers are here.")
        (post,) = written(here, CLARA)
        assert post.dest == ("DR3", f"U{BORIS}")


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "The office closes at four", "is an e-mail address"),
        ("de", "Das Büro schließt um vier", "ist eine E-Mail-Adresse"),
        ("ru", "Офис закроется в четыре", "это адрес почты"),
    ],
)
async def test_an_address_outside_is_told(tmp_path: Path, language: str, text: str, said: str) -> None:
    """A post is not sent to an e-mail address, and nobody is invited to the portal by a command."""
    async with running(tmp_path, language=language) as here:
        people = len(here.p.emulator.world.people.users)
        answer = await says(here, CLARA, f"/post to:someone@example.org {text}")
        assert said in answer.text
        assert (written(here, CLARA), len(here.p.emulator.world.people.users)) == ([], people)


@pytest.mark.parametrize(
    ("name", "code"), [("борис", f"U{BORIS}"), ("Борис Клейн", f"U{BORIS}"), ("Клара", f"U{CLARA}")]
)
async def test_a_name_in_the_other_alphabet(tmp_path: Path, name: str, code: str) -> None:
    """A name in Cyrillic letters finds the person whom the portal knows in Latin ones, with one more request."""
    async with running(tmp_path) as here:
        await says(here, ANNA, f'/post to:"{name}" The office closes at four.')
        assert [post.dest for post in written(here, ANNA)] == [(code,)]


async def test_default_recipients_of_a_chat(tmp_path: Path) -> None:
    """What its owner chooses for a group holds for the posts of others there; a member may not change it."""
    async with serving(tmp_path) as here:
        group = here.p.make_chat(here.p.bots(here.app)[0].id, CLARA, ANNA, by=ANNA)
        said = await says(here, CLARA, "/settings chat to:sales", group)
        assert "Only the owner and the managers" in said.text
        assert "Sales" in (await says(here, ANNA, "/settings chat to:sales", group)).text
        assert "Sales, 2 people" in text_of(await says(here, CLARA, "/post The numbers are here.", group))
        await here.p.person(CLARA).presses("Publish", dialog=group)
        await here.quiet()
        assert [post.dest for post in written(here, CLARA)] == [("DR3",)]
