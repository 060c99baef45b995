"""Questions which recipients are meant: all in one message, answered by presses, once, and only by their user."""

from __future__ import annotations

import pytest

from bot import commands
from bot.feed.publishing import choosing
from bot.model.effects import Edit, Effect, Publish, Say
from bot.model.events import Dialog, Person, UserId
from bot.model.records import Named
from tests.choosing import choices, choose
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, NOW, Conversation, puts

PEOPLE = [
    Named(code="U5", name="Tom Berg"),
    Named(code="U6", name="Tom Ahrens"),
    Named(code="U7", name="Kim Lund"),
    Named(code="U8", name="Kim Sand"),
    Named(code="SG9", name="Velvet", visible=False),
]
BORIS = Person(id=UserId(8), name="Boris Klein")


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with two people called Tom and two called Kim."""
    return Conversation(router=commands.router(), portal=StandInPortal(people=PEOPLE), keeps=True)


async def asked(chat: Conversation, text: str) -> Say:
    """Type a command with unclear names, and return the question."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    return said


def private_word(effects: list[Effect], who: Person) -> str:
    """Return the only effect, a word to a person in private."""
    (said,) = effects
    assert isinstance(said, Say)
    assert said.dialog == str(who.id)
    return said.content.text


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("en", "“tom” could be any of these. Which one do you mean?", "“tom” is Tom Ahrens (person)."),
        ("de", "„tom“ ist nicht eindeutig. Wen meinen Sie?", "„tom“ ist Tom Ahrens (Person)."),
        ("ru", "Под «tom» подходит несколько получателей. Кого вы имеете в виду?", "«tom»: Tom Ahrens (сотрудник)."),
    ],
)
async def test_all_names_are_asked_in_one_message(
    chat: Conversation, language: str, question: str, answer: str
) -> None:
    """Each unclear name has its sentence and its buttons; after each press the message shows what is still open."""
    chat.language = language
    said = await asked(chat, "/post to:tom,kim Tea at four")
    first, second = said.content.text.split("\n")
    assert first == question
    assert "kim" in second
    assert [label.split(": ")[0] for label in choices(said)] == ["tom", "tom", "kim", "kim"]
    (after,) = await choose(chat, said, 1)
    assert isinstance(after, Edit)
    assert after.content.text.split("\n") == [answer, second]
    assert [label.split(": ")[0] for label in choices(after)] == ["kim", "kim"]
    done, effect = await choose(chat, after, 0)
    assert isinstance(done, Edit)
    assert done.content.keyboard == []
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.text) == (["U6", "U7"], "Tea at four")


async def test_a_name_that_is_written_twice_is_asked_once(chat: Conversation) -> None:
    """The same unclear name has one question, and its answer holds for both places."""
    said = await asked(chat, "/post to:tom,Tom Tea at four")
    assert said.content.text.count("\n") == 0
    assert list(choices(said)) == ["Tom Berg (person)", "Tom Ahrens (person)"]
    _, effect = await choose(chat, said, 1)
    assert isinstance(effect, Publish)
    assert effect.dest == ["U6"]


async def test_the_answers_come_in_any_order(chat: Conversation) -> None:
    """The second name can be answered first."""
    said = await asked(chat, '/post to:tom,kim title:"Tea" At four')
    (after,) = await choose(chat, said, 3)
    _, effect = await choose(chat, after, 0)
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.title, effect.text) == (["U5", "U8"], "Tea", "At four")


async def test_a_press_counts_once(chat: Conversation) -> None:
    """A second press of the same or of another button of the question does nothing but say so."""
    said = await asked(chat, "/post to:tom Tea at four")
    assert any(isinstance(one, Publish) for one in await choose(chat, said, 0))
    for number in (0, 1):
        assert "answered already" in private_word(await choose(chat, said, number), ANNA)


async def test_an_old_button_of_two_questions_does_nothing(chat: Conversation) -> None:
    """A button from before the last answer does nothing."""
    said = await asked(chat, "/post to:tom,kim Tea at four")
    await choose(chat, said, 0)
    assert "answered already" in private_word(await choose(chat, said, 2), ANNA)


async def test_only_the_user_who_was_asked_may_answer(chat: Conversation) -> None:
    """The press of somebody else publishes nothing, under neither name, and they get a word in private."""
    said = await asked(chat, "/post to:tom Tea at four")
    chat.who = BORIS
    assert "Only the person who was asked" in private_word(await choose(chat, said), BORIS)
    chat.who = ANNA
    assert any(isinstance(one, Publish) for one in await choose(chat, said))


@pytest.mark.parametrize("change", ["forged", "typed", "another dialog", "too late"])
async def test_a_button_that_was_not_made_here_does_nothing(chat: Conversation, change: str) -> None:
    """A forged or typed payload, one of another dialog, and one of yesterday do nothing."""
    said = await asked(chat, "/post to:tom Tea at four")
    params = next(iter(choices(said).values()))
    match change:
        case "forged":
            params = f"{params[:-1]}{'A' if params[-1] != 'A' else 'B'}"
        case "typed":
            params = "0 U5"
        case "another dialog":
            chat.dialog = Dialog("chat43")
        case "too late":
            chat.now = NOW + choosing.OPEN_FOR + 1
    effects = await chat.press(choosing.COMMAND, params)
    assert "nothing was done" in private_word(effects, ANNA)


async def test_a_new_question_replaces_the_one_before(chat: Conversation) -> None:
    """The buttons of an earlier question of the same dialog do nothing any more."""
    before = await asked(chat, "/post to:tom The first text")
    said = await asked(chat, "/post to:kim The second text")
    assert "out of date" in private_word(await choose(chat, before), ANNA)
    _, effect = await choose(chat, said)
    assert isinstance(effect, Publish)
    assert effect.text == "The second text"


async def test_an_unknown_name_comes_first(chat: Conversation) -> None:
    """A name that nobody has cannot be chosen: the command goes back into the input field."""
    said = await asked(chat, "/post to:tom,@zoe Tea at four")
    assert "nobody called “@zoe”" in said.content.text
    assert choices(said) == {}
    assert puts(said) == ["/post to:tom,@zoe Tea at four"]


async def test_where_the_bot_is_no_member(chat: Conversation) -> None:
    """There the question is in the private dialog, and so is what the press does."""
    chat.bot_absent = True
    here, alone = await chat.say("/post to:velve Tea at four")
    assert isinstance(here, Say)
    assert isinstance(alone, Say)
    assert (here.dialog, "Velvet" in str(here)) == (GROUP, False)
    chat.bot_absent, chat.dialog = False, alone.dialog
    _, effect = await choose(chat, alone)
    assert isinstance(effect, Publish)
    assert effect.dest == ["SG9"]


async def test_many_names_share_the_buttons(chat: Conversation) -> None:
    """Many unclear names have fewer buttons each, so that the message stays within the limits of a keyboard."""
    firsts = ("Ada", "Bo", "Cy", "Dan", "Eve", "Flo")
    chat.portal.people = [
        Named(code=f"U{10 * n + m}", name=f"{first} {'x' * 200}{m}")
        for n, first in enumerate(firsts, 1)
        for m in range(8)
    ]
    said = await asked(chat, f"/post to:{','.join(firsts)} Tea at four")
    assert len(choices(said)) == choosing.MOST_BUTTONS
    assert "There are more" in said.content.text
