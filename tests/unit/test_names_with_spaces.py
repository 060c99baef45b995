"""Recipients whose names have spaces: the longest name that exists is taken, or the bot asks."""

from __future__ import annotations

import pytest

from bot import commands
from bot.model.effects import Publish, Say, Share, ShowDraft
from bot.model.records import Named
from keyboards import BadButton, Link, Menu, Put
from keyboards import Command as Press
from tests.choosing import choose
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import Conversation, labels

PEOPLE = [
    Named(code="DR3", name="Sales"),
    Named(code="DR5", name="Sales Germany"),
    Named(code="SG9", name="HR team"),
    Named(code="SG10", name="HR team North"),
    Named(code="SG7", name="Смена №7"),
    Named(code="SG8", name="All hands"),
    Named(code="SG11", name="@home crew"),
    Named(code="SG12", name="Research, Development"),
    Named(code="U5", name="Anna Klein", detail="Designer"),
    Named(code="U6", name="Anna Klein"),
    Named(code="U7", name="Tom Berg"),
    Named(code="U8", name="Iwan Petrow"),
]


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with such names."""
    return Conversation(router=commands.router(), portal=StandInPortal(people=PEOPLE), keeps=True)


FOUND = {
    "a name of two words": ("to:HR team hi all", ["SG9"], "hi all"),
    "in another case": ("to:hr TEAM hi all", ["SG9"], "hi all"),
    "with more spaces": ("to:HR  team   hi all", ["SG9"], "hi all"),
    "with a no-break space": ("to:HR\u00a0team hi all", ["SG9"], "hi all"),
    "the longest": ("to:HR team North hi all", ["SG10"], "hi all"),
    "the longer department": ("to:Sales Germany hi all", ["DR5"], "hi all"),
    "the shorter department": ("to:Sales hi all", ["DR3"], "hi all"),
    "and one after a comma": ("to:HR team, Sales Only for you", ["SG9", "DR3"], "Only for you"),
    "without a space after it": ("to:HR team,Sales Only for you", ["SG9", "DR3"], "Only for you"),
    "after a semicolon": ("to:Sales; HR team Only for you", ["DR3", "SG9"], "Only for you"),
    "two of two words": ("to:HR team, Sales Germany Only for you", ["SG9", "DR5"], "Only for you"),
    "with quotes behind it": ('to:HR team,"Sales Germany" Only for you', ["SG9", "DR5"], "Only for you"),
    "before a colon": ("to:HR team: hi all", ["SG9"], "hi all"),
    "before a line": ("to:HR team\nhi all", ["SG9"], "hi all"),
    "a number": ("to:Смена №7 привет", ["SG7"], "привет"),
    "a word that means everybody": ("to:all hands hi", ["SG8"], "hi"),
    "everybody": ("to:all hi hands", ["UA"], "hi hands"),
    "a mark": ("to:@Tom Berg hi", ["U7"], "hi"),
    "a name with a mark": ("to:@home crew hi", ["SG11"], "hi"),
    "a name with a comma": ("to:Research, Development hi", ["SG12"], "hi"),
    "a surname first": ("to:Berg Tom hi", ["U7"], "hi"),
    "a part of a name": ("to:berg hi", ["U7"], "hi"),
    "a part of a name and a sentence": ("to:tom Hello there", ["U7"], "Hello there"),
    "a code": ("to:SG9 team hi", ["SG9"], "team hi"),
    "a title before it": ("title:x to:HR team hi", ["SG9"], "hi"),
    "several lines": ("to:HR team hi\n\nall", ["SG9"], "hi\n\nall"),
}


@pytest.mark.parametrize(("text", "dest", "left"), FOUND.values(), ids=FOUND.keys())
async def test_found(chat: Conversation, text: str, dest: list[str], left: str) -> None:
    """The words of the name decide who reads, and no rest of it is published."""
    (effect,) = await chat.say(f"/post {text}")
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.text) == (dest, left)


ASKED = {
    "a number that does not exist": ("to:Смена №5 text", "Смена №5", ["Смена №7 (group)"], ["text"]),
    "a misspelt word": ("to:HR taem hi", "HR taem", ["HR team (group)", "HR team North (group)"], ["hi", "hi"]),
    "a misspelt longer name": (
        "to:Sales Germani hi",
        "Sales Germani",
        ["Sales Germany (department)", "Sales (department)"],
        ["hi", "Germani hi"],
    ),
    "another surname": ("to:Tom Schmidt hi", "Tom", ["Tom Berg (person)"], ["Schmidt hi"]),
    "two people of one name": (
        "to:Anna Klein hi",
        "Anna Klein",
        ["Anna Klein (person, Designer)", "Anna Klein (person)"],
        ["hi", "hi"],
    ),
    "two names with a word between": ("to:Sales and HR hi", "Sales", ["Sales (department)"], ["and HR hi"]),
    "a misspelt name and one more": (
        "to:HR taem, Sales hi",
        "HR taem",
        ["HR team (group)", "HR team North (group)"],
        ["hi"] * 2,
    ),
}


@pytest.mark.parametrize(("text", "name", "buttons", "left"), ASKED.values(), ids=ASKED.keys())
async def test_asked(chat: Conversation, text: str, name: str, buttons: list[str], left: list[str]) -> None:
    """Where another name may be meant, nothing is published; a press leaves no rest of the name in the text."""
    (said,) = await chat.say(f"/post {text}")
    assert isinstance(said, Say)
    assert f"“{name}”" in said.content.text
    assert labels(said) == buttons
    texts = []
    for number in range(len(buttons)):
        (asked,) = await chat.say(f"/post {text}")
        _, effect = await choose(chat, asked, number)
        assert isinstance(effect, Publish)
        texts.append(effect.text)
    assert texts == left


async def test_a_press_keeps_the_other_names(chat: Conversation) -> None:
    """The names behind the unclear one stay recipients."""
    (said,) = await chat.say("/post to:HR taem, Sales hi")
    assert isinstance(said, Say)
    _, effect = await choose(chat, said)
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.text) == (["SG9", "DR3"], "hi")


async def test_a_name_alone_is_no_text(chat: Conversation) -> None:
    """If the name uses all words, there is nothing to publish: the composer asks for the text."""
    (card,) = await chat.say("/post to:HR team")
    assert isinstance(card, ShowDraft)
    assert "HR team" in str(card.content.attach)


async def test_an_option_behind_a_name(chat: Conversation) -> None:
    """An option after the name is asked about, and the name stays whole."""
    assert await chat.mistake("/post to:HR team title:x hi") == "words.late"


@pytest.mark.parametrize(
    ("text", "dest"),
    [
        ("/share 217 to:HR team", ["SG9"]),
        ("/share 217 to:HR team, Sales Germany", ["SG9", "DR5"]),
        ('/share 217 to:HR team,"Sales Germany"', ["SG9", "DR5"]),
        ("/share 217 to:HR team to:Sales", ["SG9", "DR3"]),
        ("/share to:sales 217", ["DR3"]),
    ],
)
async def test_shared(chat: Conversation, text: str, dest: list[str]) -> None:
    """/share has no text, so that every word behind to: belongs to a name."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, Share)
    assert effect.dest == dest


@pytest.mark.parametrize("text", ["/follow from:Tom Berg", "/follow from:@tom berg", '/follow from:"Tom Berg"'])
async def test_followed(chat: Conversation, text: str) -> None:
    """/follow has no text either."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    assert "posts by Tom Berg" in said.content.text


async def test_words_of_a_filter(chat: Conversation) -> None:
    """A filter may have several words without quotes."""
    (said,) = await chat.say("/follow word:new year")
    assert isinstance(said, Say)
    assert "posts with “new year”" in said.content.text


@pytest.mark.parametrize(
    ("details", "shown"),
    [
        (("Designer", "Driver"), ["Anna Klein (person, Designer)", "Anna Klein (person, Driver)"]),
        (("Designer", "Designer"), ["Anna Klein (person, Designer, U15)", "Anna Klein (person, Designer, U16)"]),
        (("", ""), ["Anna Klein (person, U15)", "Anna Klein (person, U16)"]),
        (("Designer", ""), ["Anna Klein (person, Designer)", "Anna Klein (person)"]),
        (("\u200b", "De\u00adsigner"), ["Anna Klein (person)", "Anna Klein (person, Designer)"]),
    ],
)
async def test_people_of_one_name(details: tuple[str, str], shown: list[str]) -> None:
    """Each button says which of them it is; the text has no rest of the name."""
    people = [
        Named(code=f"U{15 + n}", name=("Anna Klein", "anna klein")[0], detail=one) for n, one in enumerate(details)
    ]
    chat = Conversation(router=commands.router(), portal=StandInPortal(people=people), keeps=True)
    (said,) = await chat.say("/post to:Anna Klein hi")
    assert isinstance(said, Say)
    assert labels(said) == shown
    _, effect = await choose(chat, said, 1)
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.text) == (["U16"], "hi")


async def test_departments_of_one_name() -> None:
    """Two departments of one name differ by those above them."""
    people = [
        Named(code=f"DR{n}", name="Support", detail=f"Company / {where} / Support")
        for n, where in ((8, "North"), (9, "South"))
    ]
    chat = Conversation(router=commands.router(), portal=StandInPortal(people=people))
    (said,) = await chat.say("/post to:support hi")
    assert isinstance(said, Say)
    assert labels(said)[1] == "Support (department, Company / South / Support)"


@pytest.mark.parametrize("text", ["to:@home crew hi", 'to:"@home crew" hi', "to:@Home Crew: hi"])
async def test_a_group_with_a_mark_in_its_name(chat: Conversation, text: str) -> None:
    """A group whose name begins with @ can be named."""
    (effect,) = await chat.say(f"/post {text}")
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.text) == (["SG11"], "hi")


@pytest.mark.parametrize(
    "label", ["\u200b", "\u3164", "\u2800", "\u0301", "\u200f", "\ufe0f", "\u00a0", "\U000e0041", "\ue000", "\u115f"]
)
def test_labels_that_nobody_sees(label: str) -> None:
    """A button or an item of a menu without anything to see is refused."""
    for make in (
        lambda: Put(label, "x"),
        lambda: Link(label, "/x"),
        lambda: Press(label, "help"),
        lambda: Menu.of([Link(label, "/x")]),
    ):
        with pytest.raises(BadButton):
            make()
