"""Files in messages: what is not attached is said, never lost without a word."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.model.effects import ByUser, Say
from bot.model.events import Commanded, CommandId, Said
from bot.model.records import Named, Post
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, PRIVATE, Conversation


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with a post."""
    post = Post(id=217, author=ANNA.id, title="", text="x", for_all=True)  # type: ignore[arg-type]  # a number is enough
    people = [Named(code="U5", name="Tom Berg"), Named(code="U6", name="Tom Ahrens")]
    return Conversation(router=commands.router(), portal=StandInPortal(posts={217: post}, people=people))


def typed(chat: Conversation, name: str, params: str, **more: Any) -> Commanded:
    """Make the event of a typed command in a message with files."""
    where = chat._where()
    return Commanded(**where, command=CommandId(3), name=name, params=params, text=f"/{name} {params}", files=1, **more)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("post", "See the plan"),
        ("post", "to:U5 See it"),
        ("crm", "deal 42 The offer"),
        ("share", "217 to:all"),
        ("пост", "Вот"),
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "ru"])
async def test_what_goes_without_its_files(chat: Conversation, name: str, params: str, language: str) -> None:
    """The text goes out, and the person is told that the files do not."""
    chat.language = language
    made = await chat.hear(typed(chat, name, params))
    assert any(isinstance(one, ByUser) for one in made)
    said = [one.content.text for one in made if isinstance(one, Say)]
    assert len(said) == 1
    assert any(word in said[0] for word in ("without the files", "ohne die Dateien", "без файлов"))


@pytest.mark.parametrize(("name", "params"), [("help", ""), ("post", "to:tom See it"), ("follow", "all")])
async def test_nothing_is_said_where_nothing_goes_out(chat: Conversation, name: str, params: str) -> None:
    """A question or an answer says nothing of files."""
    made = await chat.hear(typed(chat, name, params))
    assert "without the files" not in str(made)


@pytest.mark.parametrize("files", [1, 3])
async def test_files_alone(chat: Conversation, files: int) -> None:
    """Files without a text get an answer about files, in a group and in private; an empty message another one."""
    (said,) = await chat.hear(Said(**chat._where(), text="", files=files))
    assert "cannot use a file alone" in str(said)
    chat.dialog = PRIVATE
    (said,) = await chat.hear(Said(**chat._where(), text="", files=files))
    assert "cannot use a file alone" in str(said)
    (said,) = await chat.hear(Said(**chat._where(), text=""))
    assert "had no text" in str(said)
