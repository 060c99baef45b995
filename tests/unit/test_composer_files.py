"""Files of a draft: sent with it, added to it, taken away, and never lost without a word."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model.effects import Edit, Publish, Say, ShowDraft
from bot.model.events import Commanded, CommandId, MessageId, Said
from tests.composing import CARD, conversation, draft_of, press, rows, shown
from tests.stand_ins import ANNA, BOT, PORTAL, PRIVATE, SETTINGS, Conversation


@pytest.fixture
def chat() -> Conversation:
    """Return Anna's own dialog with the bot."""
    return conversation()


def message(language: str = "en") -> dict[str, Any]:
    """Return the fields of a message of Anna."""
    where = {"portal": PORTAL, "bot": BOT, "dialog": PRIVATE, "author": ANNA}
    return where | {"message": MessageId(600), "language": language}


async def test_files_are_never_lost_without_a_word(chat: Conversation) -> None:
    """A draft says that it goes without the files of the message, whether typed or as an answer."""
    await shown(chat, "/post")
    where = message() | {"files": 2}
    *_, said = await chat.hear(Said(**where, text="We won."))
    assert isinstance(said, Say)
    assert "without the files" in said.content.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["1 file", "3 files"]), ("de", ["1 Datei", "3 Dateien"]), ("ru", ["1 файл", "3 файла"])],
)
async def test_files_go_with_the_post(language: str, said: list[str]) -> None:
    """Files with /post, or alone while there is a draft, are counted in its card and published with it."""
    chat = conversation(language=language)
    where = message(language)
    typed = Commanded(
        **where, command=CommandId(3), name="post", params="We won.", text="/post We won.", files=1, file_ids=(12,)
    )
    (card,) = await chat.hear(typed)
    assert isinstance(card, ShowDraft)
    assert said[0] in rows(card).values()
    await chat.done(card, CARD)
    _, card = await chat.hear(Said(**where, text="", files=2, file_ids=(13, 14)))
    assert isinstance(card, ShowDraft)
    assert said[1] in rows(card).values()
    (publish,) = await chat.say("/publish")
    assert isinstance(publish, Publish)
    assert publish.files == (12, 13, 14)


async def test_files_can_be_taken_away(chat: Conversation) -> None:
    """A button removes the files from the draft, and the text stays."""
    where = message()
    await shown(chat, "/post We won.")
    _, card = await chat.hear(Said(**where, text="", files=1, file_ids=(13,)))
    assert isinstance(card, ShowDraft)
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    await press(chat, menu, "Without the files")
    draft = draft_of(chat)
    assert draft
    assert (draft.files, draft.text) == ((), "We won.")


@pytest.mark.parametrize("minutes", [5, 15])
async def test_files_sent_before_the_post_go_with_it(chat: Conversation, minutes: int) -> None:
    """Files that were sent alone go with the post that is written within ten minutes, once; later they do not."""
    first = await chat.hear(Said(**message(), text="", files=1, file_ids=(13,)))
    (said,) = await chat.hear(Said(**message(), text="", files=1, file_ids=(14,)))
    assert isinstance(first[0], Say)
    assert first[0].content.text.startswith("I have 1 file from you")
    assert isinstance(said, Say)
    assert said.content.text.startswith("I have 2 files from you")
    chat.now += 60 * minutes
    chat.settings = SETTINGS
    (publish,) = await chat.say("/post We won.")
    assert isinstance(publish, Publish)
    assert publish.files == ((13, 14) if minutes == 5 else ())
    (again,) = await chat.say("/post We lost.")
    assert isinstance(again, Publish)
    assert again.files == ()
