"""/poll, as people write it: shown first, changed by buttons and messages, published once."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.bitrix.outbound.posts import writing
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.model.effects import Edit, Publish, Say, ShowDraft
from bot.model.events import From, MessageId
from bot.model.post_parts import Poll
from tests.composing import conversation, draft_of, press, rows, shown
from tests.stand_ins import GROUP, PRIVATE, Conversation, labels, puts

CAKE = Poll(question="Which cake?", answers=("apple", "cherry"))


def attached(card: ShowDraft | Edit) -> str:
    """Return the attachment of a card as text."""
    return str(card.content.attach)


@pytest.mark.parametrize("dialog", [PRIVATE, GROUP], ids=["private", "group"])
@pytest.mark.parametrize(
    ("language", "one", "pressed"),
    [
        ("en", "one answer each", ["Change", "Several answers", "Back", "Publish"]),
        ("de", "eine Antwort pro Person", ["Ändern", "Mehrere Antworten", "Zurück", "Veröffentlichen"]),
        ("ru", "один ответ от каждого", ["Изменить", "Несколько ответов", "Назад", "Опубликовать"]),
    ],
)
async def test_a_poll_is_shown_and_published(dialog: Any, language: str, one: str, pressed: list[str]) -> None:
    """The card shows the question and the answers as they will look; a press publishes exactly that."""
    chat = conversation(dialog, language=language)
    card: ShowDraft | Edit = await shown(chat, '/poll "Which cake?" apple | cherry')
    assert "○ apple[BR]○ cherry" in attached(card)
    assert attached(card).count("Which cake?") == 1
    assert one in rows(card).values()
    for label in pressed[:-1]:
        (card,) = [one for one in await press(chat, card, label) if isinstance(one, Edit)]
    assert "☐ apple" in attached(card)
    made = [effect for effect in await press(chat, card, pressed[-1]) if isinstance(effect, Publish)]
    assert [(effect.text, effect.poll) for effect in made] == [
        ("Which cake?", Poll(question="Which cake?", answers=("apple", "cherry"), several=True))
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", 'poll several "Which cake?" apple | cherry'),
        ("de", 'umfrage mehrere "Which cake?" apple | cherry'),
        ("ru", 'опрос несколько "Which cake?" apple | cherry'),
    ],
)
async def test_a_poll_by_mention(language: str, text: str) -> None:
    """After a mention the command and its switch are understood in each language."""
    chat = conversation(GROUP, language=language)
    (card,) = await chat.say(text)
    assert isinstance(card, ShowDraft)
    assert "☐ apple" in attached(card)


async def test_the_options_of_a_post() -> None:
    """Recipients, title, tags and importance stand before the question, as for /post."""
    chat = conversation()
    await shown(chat, '/poll to:sales title:Cake tags:fun important several "Which cake?" apple | cherry')
    draft = draft_of(chat)
    assert draft
    assert ([one.code for one in draft.to], draft.title, draft.tags, draft.important, draft.several) == (
        ["DR3"], "Cake", ("fun",), True, True,
    )  # fmt: skip


async def test_lines_are_answers() -> None:
    """The answers may stand in lines of their own, below the command."""
    chat = conversation()
    await shown(chat, "/poll Which cake?\napple\ncherry")
    draft = draft_of(chat)
    assert draft
    assert draft.poll == CAKE


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "needs two answers or more"), ("de", "mindestens zwei Antworten"), ("ru", "хотя бы два ответа")],
)
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP], ids=["private", "group"])
async def test_a_mistake_keeps_what_was_written(dialog: Any, language: str, said: str) -> None:
    """A mistake is told in one sentence with an example, and a button puts the command back."""
    chat = conversation(dialog, language=language)
    with pytest.raises(UserMistake) as caught:
        await chat.say('/poll to:sales several "Which cake?" apple')
    content = error_messages.answer(language, caught.value)
    assert said in content.text
    assert "|" in content.text
    assert puts(Say(dialog=dialog, content=content)) == ['/poll to:sales several:yes "Which cake?" apple']
    assert draft_of(chat) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/poll", "poll.no_question"),
        ("/poll several", "poll.no_question"),
        ("/poll several:maybe Which? a | b", "words.switch"),
        ("/poll Which? a | a", "poll.doubled"),
        ("/draft poll:soon", "poll.option"),
        ("/draft poll:“Which? a”", "poll.option"),
    ],
)
async def test_mistakes(text: str, key: str) -> None:
    """What is no poll changes nothing and has a sentence of its own."""
    assert await conversation().mistake(text) == key


async def test_a_draft_gets_a_poll_changes_and_loses_it() -> None:
    """/draft sets and removes the poll; the text follows the question only while it is the question."""
    chat = conversation()
    await shown(chat, "/post We have a party.")
    await chat.say("/draft poll:“Which cake? apple | cherry”")
    draft = draft_of(chat)
    assert draft
    assert (draft.text, draft.poll) == ("We have a party.", CAKE)
    await chat.say("/draft poll:-")
    draft = draft_of(chat)
    assert draft
    assert (draft.text, draft.poll) == ("We have a party.", None)
    await shown(chat, "/poll Which cake? apple | cherry")
    await chat.say("/draft poll:Which tea? green | black")
    draft = draft_of(chat)
    assert draft
    assert (draft.text, draft.question) == ("Which tea?", "Which tea?")


async def test_the_composer_asks_for_a_poll() -> None:
    """In private the button Poll asks, and the next message is the poll; a mistake there leaves the draft as it is."""
    chat = conversation()
    card = await shown(chat, "/post We have a party.")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    (asked,) = await press(chat, menu, "Poll")
    assert isinstance(asked, Say)
    assert "question in quotes" in asked.content.text
    assert await chat.mistake("Which cake? apple") == "poll.few"
    found = await chat.say("Which cake? apple | cherry")
    (again,) = [one for one in found if isinstance(one, ShowDraft)]
    assert "[B]Which cake?[/B][BR]○ apple" in attached(again)
    await chat.done(again, MessageId(501))
    (menu,) = await press(chat, again, "Change")
    assert isinstance(menu, Edit)
    assert {"Poll", "Several answers", "Without the poll"} <= set(labels(menu))
    await press(chat, menu, "Without the poll")
    draft = draft_of(chat)
    assert draft
    assert (draft.text, draft.poll) == ("We have a party.", None)


async def test_in_a_group_the_button_writes_the_poll_into_the_input_field() -> None:
    """The button Poll of a group begins a command with the poll as it is, which can be sent again."""
    chat = conversation(GROUP)
    card = await shown(chat, "/poll Which cake? apple | cherry")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    (again,) = [command for command in puts(Say(dialog=GROUP, content=menu.content)) if "poll:" in command]
    await chat.say(again)
    draft = draft_of(chat)
    assert draft
    assert draft.poll == CAKE


async def test_a_refused_poll_is_kept_whole() -> None:
    """The command that a refusal puts back makes the same poll again."""
    chat = Conversation(router=commands.router())
    (effect,) = await chat.say('/poll to:U5 several title:Cake "Which cake? Really?" apple pie | "cherry"')
    assert isinstance(effect, Publish)
    (said,) = await chat.failed(effect, code="X")
    assert isinstance(said, Say)
    (again,) = await chat.say(puts(said)[0])
    assert again == effect


async def test_a_draft_that_was_put_away_keeps_its_poll() -> None:
    """The button that puts the text back contains the poll."""
    chat = conversation()
    card = await shown(chat, "/poll several Which cake? apple | cherry")
    (closed,) = await press(chat, card, "Cancel")
    assert isinstance(closed, Edit)
    (command,) = puts(Say(dialog=PRIVATE, content=closed.content))
    await chat.say(command)
    draft = draft_of(chat)
    assert draft
    assert (draft.poll, draft.text) == (
        Poll(question="Which cake?", answers=("apple", "cherry"), several=True),
        "Which cake?",
    )


async def test_the_parameters_of_a_poll() -> None:
    """The portal gets the poll in the documented form; the question is the text, which must not be empty."""
    chat = Conversation(router=commands.router())
    (effect,) = await chat.say("/poll several Which cake? apple | cherry")
    assert isinstance(effect, Publish)
    question = {"QUESTION": "Which cake?", "FIELD_TYPE": 1, "ANSWERS": [{"MESSAGE": "apple"}, {"MESSAGE": "cherry"}]}
    assert writing.parameters(effect) == {
        "POST_MESSAGE": "Which cake?",
        "DEST": ["UA"],
        "UF_BLOG_POST_VOTE": "n0",
        "UF_BLOG_POST_VOTE_n0_DATA": {"QUESTIONS": [question], "ANONYMITY": 0, "OPTIONS": 1},
    }


async def test_a_pressed_poll_command_is_the_same() -> None:
    """A button with the command does what the typed command does."""
    chat = conversation()
    (card,) = await chat.press("poll", "Which cake? apple | cherry", source=From.BUTTON)
    assert isinstance(card, ShowDraft)
    assert "○ apple" in attached(card)
