"""/readers as a conversation: how many have read a post, who has not, and the reminder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot import commands
from bot.model.effects import Effect, Notify, Say
from bot.model.events import Person, PostId, UserId
from bot.model.records import Employee, Post, Readership
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels

POST = Post(id=PostId(217), author=ANNA.id, title="Fire drill", text="At ten.", for_all=True, important=True)
STAFF = (
    Employee(id=UserId(3), name="Boris Klein", department="Sales"),
    Employee(id=UserId(5), name="Anna Schmidt", department="Sales"),
    Employee(id=UserId(4), name="Clara Wirth", department="HR team"),
    Employee(id=UserId(9)),
)
FOUND = Readership(post=POST, read=frozenset({UserId(4), UserId(99)}), addressed=STAFF)
COLLEAGUE = Person(id=UserId(8), name="Eva")
EXTRANET = Person(id=UserId(6), name="Gustav", extranet=True)


def talk(found: Readership = FOUND, **more: Any) -> Conversation:
    """Return a conversation that remembers, on a portal with an important post."""
    portal = StandInPortal(posts={217: found.post}, read={217: found})
    return Conversation(router=commands.router(), portal=portal, keeps=True, **more)


def text(said: Effect) -> str:
    """Return the text of an answer."""
    assert isinstance(said, Say)
    return said.content.text


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            ["Have read important post 217: 1 of 4.", "Not yet, by department:", "[B]Other recipients[/B]: somebody"],
        ),
        ("de", ["Den wichtigen Beitrag 217 haben gelesen: 1 von 4.", "Noch nicht, nach Abteilung:"]),
        ("ru", ["Важную запись 217 прочитали: 1 из 4.", "Ещё не прочитали, по отделам:"]),
    ],
)
async def test_the_author_gets_the_names_by_department(language: str, lines: list[str]) -> None:
    """In private the author sees how many have read, and who has not, in the order of departments and names."""
    (said,) = await talk(dialog=PRIVATE, language=language).say("/readers 217")
    assert "[B]Sales[/B]: Anna Schmidt, Boris Klein" in text(said)
    assert "Clara" not in text(said)
    assert [line for line in lines if line not in text(said)] == []


async def test_in_a_group_only_the_number() -> None:
    """A group that may read the post gets the number; the names go to the author's own dialog."""
    here, private = await talk().say("/readers 217")
    assert isinstance(here, Say)
    assert isinstance(private, Say)
    assert (here.dialog, private.dialog) == (GROUP, PRIVATE)
    assert text(here) == "Have read important post 217: 1 of 4."
    assert "Boris" in text(private)


async def test_in_a_group_that_may_not_read_the_post() -> None:
    """There not even the number is told, because it says that there is such a post."""
    chat = talk()
    chat.portal.extranet_dialogs.add(GROUP)
    here, private = await chat.say("/readers 217")
    assert "217" not in text(here)
    assert "1 of 4" in text(private)


@pytest.mark.parametrize(
    ("who", "for_all", "names"),
    [
        pytest.param(COLLEAGUE, True, True, id="colleague"),
        pytest.param(COLLEAGUE, False, False, id="colleague, for some"),
        pytest.param(EXTRANET, True, False, id="extranet user"),
    ],
)
async def test_who_else_may_know_the_names(who: Person, for_all: bool, names: bool) -> None:  # noqa: FBT001 - columns
    """Employees may know each other; who received a post for some is known to its author."""
    chat = talk(replace(FOUND, post=replace(POST, for_all=for_all)), dialog=str(who.id), who=who)
    (said,) = await chat.say("/readers 217")
    assert ("Boris" in text(said)) is names
    assert isinstance(said, Say)
    assert labels(said) == []


@pytest.mark.parametrize(
    "found",
    [replace(FOUND, addressed=None), replace(FOUND, many=True)],
    ids=["the portal does not say to whom", "more readers than it names"],
)
async def test_without_all_people_there_is_only_a_number(found: Readership) -> None:
    """Nobody is named as late if the portal's lists are not complete."""
    (said,) = await talk(found, dialog=PRIVATE).say("/readers 217")
    assert text(said) == "Have read important post 217: 2. The portal does not tell me of how many."
    (said,) = await talk(found, dialog=PRIVATE).say("/readers 217 remind:yes")
    assert isinstance(said, Say)


async def test_many_names_are_cut() -> None:
    """A long list ends with the number of the others."""
    staff = tuple(Employee(id=UserId(number), name=f"Person {number:03}") for number in range(100, 170))
    (said,) = await talk(replace(FOUND, addressed=staff), dialog=PRIVATE).say("/readers 217")
    assert "Person 159" in text(said)
    assert "Person 160" not in text(said)
    assert "There are more people, not listed here: 10." in text(said)


async def test_a_reminder_once_a_day() -> None:
    """The author's button sends one notification to each person who has not read; the next one works after a day."""
    chat = talk(dialog=PRIVATE)
    (asked,) = await chat.say("/readers 217")
    assert isinstance(asked, Say)
    assert labels(asked) == ["Remind them"]
    params = str(asked.content.keyboard[0]["COMMAND_PARAMS"])
    said, *sent = await chat.press("readers", params)
    assert text(said).startswith("Reminded people: 3.")
    assert {one.user for one in sent if isinstance(one, Notify)} == {3, 5, 9}
    assert "/blog/217/" in repr(sent[0])
    assert "Fire drill" not in repr(sent)
    chat.now += 86_000
    assert await chat.mistake(f"/readers {params}") == "readers.reminded"
    chat.now += 1_000
    assert len(await chat.press("readers", params)) == 4


@pytest.mark.parametrize("who", [COLLEAGUE, Person(id=UserId(1), name="Olga")])
async def test_only_the_author_reminds(who: Person) -> None:
    """Nobody else sends a reminder, not even an administrator."""
    assert await talk(who=who).mistake("/readers 217 remind:yes") == "readers.not_author"


@pytest.mark.parametrize(
    ("text_", "key"),
    [("/readers", "posts.no_id"), ("/readers 999", "posts.none"), ("/readers 218", "readers.ordinary")],
)
async def test_mistakes(text_: str, key: str) -> None:
    """A post that is not important has no readers to tell of."""
    chat = talk()
    chat.portal.read[218] = replace(FOUND, post=replace(POST, important=False))
    assert await chat.mistake(text_) == key


async def test_everybody_has_read_it() -> None:
    """Then there are no names and no button."""
    (said,) = await talk(replace(FOUND, addressed=STAFF[2:3]), dialog=PRIVATE).say("/readers 217")
    assert isinstance(said, Say)
    assert (said.content.text, said.content.keyboard) == ("Have read important post 217: 1 of 1.", [])
