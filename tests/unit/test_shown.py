"""A command that a message only shows, in code or in a quotation, is not carried out."""

from __future__ import annotations

import pytest

from bot import commands
from bot.framework import command_text
from bot.model.effects import Publish, Say
from bot.model.events import Commanded, CommandId
from tests.effort import effort, hopeless_after
from tests.stand_ins import BOT, PORTAL, PRIVATE, Conversation

DASHES = "-" * 54
SHOWN = {
    "code": "How do I write it?\n[CODE]\n/post Hello\n[/CODE]",
    "code in small letters": "[code]\n/post Hello\n[/code]",
    "code with a value": "[code=text]\n/post Hello\n[/code]",
    "a quotation": "[QUOTE]\n/post Hello\n[/QUOTE] why?",
    "a quotation with a name": "[QUOTE=Boris]\n/post Hello\n[/QUOTE]",
    "a quotation in a quotation": "[QUOTE]\n[QUOTE]\nwhy\n[/QUOTE]\n/post Hello\n[/QUOTE]",
    "code in a quotation": "[QUOTE][CODE]a[/CODE]\n/post Hello\n[/QUOTE]",
    "an open tag inside": "[QUOTE]\n[CODE]\n/post Hello\n[/QUOTE]",
    "tags that overlap": "[QUOTE]\n[CODE]\n[/QUOTE]\n/post Hello\n[/CODE]",
    "a quotation of dashes": f"{DASHES}\nBoris Klein [today, 10:30]\n/post Hello\n{DASHES}\nWhat is this?",
    "the second quotation of dashes": f"{DASHES}\nA\n{DASHES}\nand\n{DASHES}\nB\n/post Hello\n{DASHES}",
    "backquotes": "Try\n```\n/post Hello\n```",
    "carriage returns": f"{DASHES}\r\nBoris\r\n/post Hello\r\n{DASHES}\r\nWhy?",
    "preformatted": "[PRE]\n/post Hello\n[/PRE]",
}
SAID = {
    "below code": "[CODE]\nx\n[/CODE]\n/post Hello",
    "below an open tag": "[CODE]\n/post Hello",
    "below one line of dashes": f"{DASHES}\n/post Hello",
    "between quotations": f"{DASHES}\nA\n{DASHES}\n/post Hello\n{DASHES}\nB\n{DASHES}",
    "a tag that only ends": "/post Hello\n[/QUOTE]",
    "shown and said": "[QUOTE]\n/post Hello\n[/QUOTE]\n/post Hello",
}


def typed(chat: Conversation, text: str) -> Commanded:
    """The portal finds the command in its line, whatever is around it."""
    return Commanded(
        portal=PORTAL, bot=BOT, dialog=chat.dialog, author=chat.who, command=CommandId(3), name="post", params="Hello",
        text=text, message=chat._where()["message"],
    )  # fmt: skip


@pytest.fixture
def chat() -> Conversation:
    """Return a group."""
    return Conversation(router=commands.router())


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN.keys())
async def test_shown(chat: Conversation, text: str) -> None:
    """In a group it is part of the talk; in private the person is told what to do."""
    assert await chat.hear(typed(chat, text)) == []
    chat.dialog = PRIVATE
    (said,) = await chat.hear(typed(chat, text))
    assert isinstance(said, Say)
    assert "is not carried out" in said.content.text


@pytest.mark.parametrize("text", SAID.values(), ids=SAID.keys())
async def test_said(chat: Conversation, text: str) -> None:
    """A command outside is carried out."""
    (effect,) = await chat.hear(typed(chat, text))
    assert isinstance(effect, Publish)


@pytest.mark.parametrize("part", ["[QUOTE]", "[CODE][/CODE]\n", "------\n", "```\n", "[/QUOTE]", "[QUOTE][CODE]"])
def test_many_tags(chat: Conversation, part: str) -> None:
    """A message full of tags is read in a moment."""
    event = typed(chat, part * (20_000 // len(part)))
    with hopeless_after(10):
        assert effort(lambda: command_text.is_shown(event)) < 200_000
