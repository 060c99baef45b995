"""/help and /start, and messages that are no command."""

from __future__ import annotations

import pytest

from bot import commands
from bot.i18n import catalog
from bot.model.effects import Answers, Edit, Say
from bot.model.events import CommandId, From, MessageId
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels, puts


@pytest.fixture
def chat() -> Conversation:
    """Return a group without any history."""
    return Conversation(router=commands.router())


async def the_answer(chat: Conversation, text: str) -> Say:
    """Return the only answer."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    return said


def test_every_command_is_listed() -> None:
    """Every command but /start is listed, and has its own sentences in every language."""
    table = commands.router()
    assert {*table.listed, "start"} == table.typed
    wanted = {f"{name}.{key}" for name in table.typed for key in ("title", "hint", "about", "example")}
    for language in catalog.languages():
        assert wanted - catalog.sentences(language).keys() == set()


def test_synonyms_name_one_command() -> None:
    """A synonym names one command, and hides none."""
    router = commands.router()
    synonyms = {word: name for word, name in router.names.items() if word != name}
    assert set(synonyms.values()) <= set(router.commands)
    assert not synonyms.keys() & router.commands.keys()


async def test_help_lists_every_command(chat: Conversation) -> None:
    """The list names every command, with a button for each."""
    said = await the_answer(chat, "/help")
    listed = chat.router.listed
    assert said.dialog == GROUP
    assert all(f"[B]/{name}[/B]" in said.content.text for name in listed)
    assert {f"/{name}" for name in listed if name != "help"} <= set(labels(said))


@pytest.mark.parametrize(
    "text", ["/help post", "/help /post", "help post", "/помощь post", "Hilfe post", "/help Post please"]
)
async def test_help_explains_one_command(chat: Conversation, text: str) -> None:
    """A command is explained with usage and examples, however the question is written."""
    said = await the_answer(chat, text)
    assert '/post [to:name] [title:"Two words"] [important] [tags:a,b] text' in said.content.text
    assert puts(said) == ["/post The coffee machine works again."]


async def test_a_button_edits_its_message(chat: Conversation) -> None:
    """A button edits its own message; a menu item gets a new message."""
    (turned,) = await chat.press("help", "crm")
    assert isinstance(turned, Edit)
    assert turned.message == MessageId(500)
    (said,) = await chat.press("help", "crm", source=From.MENU)
    assert isinstance(said, Say)


async def test_help_in_a_chat_without_the_bot(chat: Conversation) -> None:
    """Without the bot in the chat, the answer is the command's answer, also for a button."""
    chat.bot_absent = True
    (said,) = await chat.press("help")
    assert isinstance(said, Say)
    assert said.answers == Answers(
        command=CommandId(3), message=MessageId(500), asker=ANNA.id, dialog=chat.dialog, received_at=chat.now
    )


async def test_a_misspelled_command_is_suggested(chat: Conversation) -> None:
    """For a misspelled name the nearest one is suggested, for a strange one the list."""
    assert "Did you mean /share?" in (await the_answer(chat, "/help shaer")).content.text
    chat.language = "ru"
    assert "/подписаться?" in (await the_answer(chat, "/help подписатся")).content.text
    chat.language = "en"
    assert "Write /help" in (await the_answer(chat, "/help qqq")).content.text


async def test_a_message_without_a_command_is_answered(chat: Conversation) -> None:
    """A message that is no command always gets an answer."""
    said = await the_answer(chat, "folows")
    assert "Did you mean /follows?" in said.content.text
    assert puts(said) == ["/follows"]
    assert "“[\u200bb]hi”" in (await the_answer(chat, "/[B]hi")).content.text


async def test_words_in_private_are_not_published(chat: Conversation) -> None:
    """A sentence that begins with a command's name does nothing; the answer explains how commands begin."""
    chat.dialog = PRIVATE
    assert "Did you mean /post?" in (await the_answer(chat, "post office is closed")).content.text
    assert "begin with a slash" in (await the_answer(chat, "good morning to you")).content.text
    assert labels(await the_answer(chat, "good morning to you")) == ["Help"]


@pytest.mark.parametrize(
    ("text", "put"),
    [
        ("/pots to:sales One\n\ntwo", "/post to:sales One\n\ntwo"),
        ("/опубликовыть Привет", "/post Привет"),
        ("post to:sales Hello", "/post to:sales Hello"),
    ],
)
async def test_a_button_corrects_a_misspelled_command(chat: Conversation, text: str, put: str) -> None:
    """A button has the nearest command with the rest of the text; nothing must be typed again."""
    chat.dialog = PRIVATE
    assert puts(await the_answer(chat, text)) == [put]


@pytest.mark.parametrize("name", ["пост", "folgen", "црм"])
async def test_help_for_a_synonym(chat: Conversation, name: str) -> None:
    """/help explains a command by any of its names."""
    assert "How to write it:" in (await the_answer(chat, f"/help {name}")).content.text


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Hello"), ("de", "Hallo"), ("ru", "Здравствуйте"), ("xx", "Hello")]
)
async def test_start_greets_in_the_users_language(chat: Conversation, language: str, word: str) -> None:
    """The greeting comes in the person's language, with buttons to begin."""
    chat.language = language
    assert (await the_answer(chat, "/start")).content.text.startswith(word)
    chat.dialog = PRIVATE
    said = await the_answer(chat, "start")
    assert said.content.text.startswith(word)
    assert puts(said) == ["/post "]
