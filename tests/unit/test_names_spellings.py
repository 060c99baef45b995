"""Recipients that are written in another alphabet or spelling than the portal has them in."""

from __future__ import annotations

import pytest

from bot import commands
from bot.model.effects import Publish, Say
from bot.model.records import Named
from tests.choosing import choices
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import GROUP, PRIVATE, Conversation

PEOPLE = [
    Named(code="U5", name="Anna Lind"), Named(code="U6", name="Юлия Орлова"), Named(code="U7", name="Jörg Müller"),
    Named(code="DR3", name="Отдел продаж"), Named(code="U8", name="Yulia Berg"), Named(code="U9", name="Sergei Kron"),
    Named(code="U10", name="Sergej Wolf"),
]  # fmt: skip


def chat(*people: Named, **more: str) -> Conversation:
    """Return a dialog on a portal with these people."""
    portal = StandInPortal(people=list(people or PEOPLE))
    return Conversation(router=commands.router(), portal=portal, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("dialog", [PRIVATE, GROUP], ids=["private", "group"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/post to:анна Hello", "U5"),
        ("/post to:Анна Линд Hello", "U5"),
        ('/post to:"анна линд" Hello', "U5"),
        ("/post to:orlova Hello", "U6"),
        ("/post to:mueller Hello", "U7"),
        ("/post to:Joerg Mueller Hello", "U7"),
        ("/post to:мюллер Hello", "U7"),
        ('/post to:"otdel prodazh" Hello', "DR3"),
        ("/post to:yulia Hello", "U8"),
    ],
)
async def test_a_name_in_another_spelling_is_found(text: str, code: str, dialog: str) -> None:
    """A name that sounds like one name only is that recipient; a name as it is written goes before all others."""
    (made,) = await chat(dialog=dialog).say(text)
    assert isinstance(made, Publish)
    assert (made.dest, made.text) == ([code], "Hello")


@pytest.mark.parametrize("language", ["en", "de", "ru"])
async def test_two_names_of_one_sound_are_asked_about(language: str) -> None:
    """If several names sound like what was written, each is a button."""
    (asked,) = await chat(language=language).say("/post to:сергей Hello")
    assert isinstance(asked, Say)
    assert [label.split(" (")[0] for label in choices(asked)] == ["Sergei Kron", "Sergej Wolf"]


async def test_a_thanked_colleague_is_found_too() -> None:
    """The people of /thanks are found in every spelling."""
    (made,) = await chat().say("/thanks сергей крон cup Great work")
    assert isinstance(made, Publish)
    assert made.thanks
    assert made.thanks.people == (9,)


async def test_nobody_is_guessed() -> None:
    """A name that sounds like none is not found."""
    (asked,) = await chat().say("/post to:константин Hello")
    assert isinstance(asked, Say)
    assert "nobody called" in asked.content.text
