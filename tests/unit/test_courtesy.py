"""Thanks, greetings and bare mentions get a few words in the person's language, and no lecture about commands."""

from __future__ import annotations

import pytest

from bot import commands
from bot.i18n import catalog
from bot.model.effects import Edit, Publish, Say
from tests.stand_ins import GROUP, PRIVATE, Conversation, labels, puts

WELCOME = [
    "thanks", "Thank you very much.", "thx!", "@anna thanks", "Danke schön", "vielen Dank", "Merci", "спасибо большое",
    "Большое спасибо!", "спс", "THANKS", "than\N{SOFT HYPHEN}ks", "\N{FULLWIDTH LATIN SMALL LETTER T}hanks",
    "\N{THUMBS UP SIGN}", "\N{PERSON WITH FOLDED HANDS} \N{PARTY POPPER}",
]  # fmt: skip
HERE = ["hi", "Hello", "hey you", "Hallo zusammen", "Moin!", "привет", "Здравствуйте, коллеги"]
BARE = ["", " ", "?", "...", ",", "\N{ZERO WIDTH SPACE}", "!!"]
OTHER = [
    "thanks for the cake, it was the best I had",
    "What a day",
    "hi 5 of them please",
    "5",
    "no thanks 2",
]


def talk(language: str = "en", *, group: bool = True) -> Conversation:
    """Return a group that mentions the bot, or a private dialog."""
    return Conversation(router=commands.router(), dialog=GROUP if group else PRIVATE, language=language)


async def answer(chat: Conversation, text: str) -> Say:
    """Return the only answer."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    return said


@pytest.mark.parametrize("language", catalog.languages())
@pytest.mark.parametrize("group", [True, False], ids=["group", "private"])
async def test_thanks_are_returned(language: str, *, group: bool) -> None:
    """Thanks in any language are answered in the person's own, without buttons."""
    for text in WELCOME:
        said = await answer(talk(language, group=group), text)
        assert said.content.text == catalog.sentence(language, "unknown.welcome"), text
        assert labels(said) == []


@pytest.mark.parametrize("language", catalog.languages())
async def test_a_bare_mention_is_one_line(language: str) -> None:
    """A mention without words, or with a greeting, says in one line where to look."""
    for text in (*BARE, *HERE):
        said = await answer(talk(language), text)
        assert said.content.text == catalog.sentence(language, "unknown.here"), repr(text)
        assert labels(said) == []


@pytest.mark.parametrize("text", OTHER)
async def test_other_words_are_answered_as_before(text: str) -> None:
    """A sentence that says something else is told how commands begin."""
    assert "begin with a slash" in (await answer(talk(), text)).content.text


@pytest.mark.parametrize("text", ["", "?", "\N{ZERO WIDTH SPACE}"])
async def test_a_message_without_text_in_private(text: str) -> None:
    """In private it may have been a file, so the answer speaks of files and commands."""
    said = await answer(talk(group=False), text)
    assert said.content.text.startswith(("That message had no text", "I only understand commands"))


async def test_thanks_inside_of_a_command_are_its_text() -> None:
    """A command is not taken for thanks."""
    (made,) = await talk().say("post thanks everyone")
    assert isinstance(made, Publish)
    assert made.text == "thanks everyone"
    assert puts(await answer(talk(group=False), "post thanks everyone")) == ["/post thanks everyone"]


async def test_the_buttons_of_help_explain() -> None:
    """The list has one button for each command, and each explains; what acts is on the page of its command."""
    listed = await answer(talk(), "/help")
    assert all(label.startswith("/") for label in labels(listed))
    assert {button["COMMAND"] for button in listed.content.keyboard if "COMMAND" in button} == {"help"}
    chat = talk()
    for name in chat.router.listed:
        (page,) = await chat.press("help", name)
        assert isinstance(page, Edit)
        assert len(labels(page)) == 2
        assert not [label for label in labels(page) if label.startswith("/")]


async def test_the_page_of_a_command_offers_to_use_it() -> None:
    """A command that needs no arguments is carried out by its button, any other is put into the input field."""
    chat = talk()
    acts = {}
    for name in chat.router.listed:
        (page,) = await chat.press("help", name)
        assert isinstance(page, Edit)
        acts[name] = (page.content.keyboard[0].get("COMMAND"), page.content.keyboard[0].get("ACTION"))
    assert acts["follow"] == ("follow", None)
    assert acts["follows"] == ("follows", None)
    assert acts["post"] == (None, "PUT")
