"""A post in which nobody sees anything is refused, and control characters are removed."""

from __future__ import annotations

import pytest

from bot import commands
from bot.model.effects import CrmPost, Publish
from bot.model.records import Named
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import Conversation

EMPTY = [
    "[B][/B]",
    "[b] [/b]",
    "[B][I]\u200b[/I][/B]",
    "\u200b",
    "\u2060\ufeff",
    "\u00ad",
    "\u3164",
    "\u2800",
    "\ufe0f",
    "\u200d",
    "\U000e0041",
    "--",
    "-- ",
    "-- --",
    "-- \u200b",
    "[URL][/URL]",
    "[URL=https://e.com][/URL]",
    "[COLOR=red] [/COLOR]",
    "[LIST][*][/LIST]",
    "[TABLE][TR][TD][/TD][/TR][/TABLE]",
    "[QUOTE][/QUOTE]",
    "[CODE]\n[/CODE]",
    "[BR]",
    "#BR#",
    "\x01\x02",
    "\x00",
    "\x86",
    "[SPOILER]\u00a0[/SPOILER]",
    "[SIZE=20]\u200f[/SIZE]",
    "\u0301",
    "[P][/P]",
]
SEEN = [
    "a",
    ".",
    "👍",
    "[B]a[/B]",
    "---",
    "-",
    "[IMG]https://e.com/a.png[/IMG]",
    "[DISK FILE ID=n5]",
    "5",
    "٤",
    "[VIDEO]https://e.com/a.mp4[/VIDEO]",
    "[LIST][*]a[/LIST]",
    "©",
    "न",
    "[TIMESTAMP=1 FORMAT=LONG_DATE_FORMAT]",
]


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with a department."""
    return Conversation(router=commands.router(), portal=StandInPortal(people=[Named(code="DR3", name="Sales")]))


@pytest.mark.parametrize("text", EMPTY)
@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("/post ", "post.no_text"),
        ("/post to:sales ", "post.no_text"),
        ('/post title:"A title" ', "post.no_text"),
        ("post ", "post.no_text"),
        ("/crm deal 42 ", "crm.no_text"),
    ],
)
async def test_nothing_to_see(chat: Conversation, command: str, key: str, text: str) -> None:
    """Nothing is published or written, as without a text."""
    assert await chat.mistake(f"{command}{text}") == key


@pytest.mark.parametrize("text", SEEN)
async def test_something_to_see(chat: Conversation, text: str) -> None:
    """One visible sign, picture or file is enough."""
    (effect,) = await chat.say(f"/post {text}")
    assert isinstance(effect, Publish)
    assert effect.text == text


async def test_control_characters(chat: Conversation) -> None:
    """They are removed from texts and titles; line breaks, tabs and joiners stay."""
    (effect,) = await chat.say('/post title:"A\x07B" One\x00\x1b\n\tTwo\x7f\x9f 👨\u200d👩\ud800')
    assert isinstance(effect, Publish)
    assert (effect.title, effect.text) == ("AB", "One\n\tTwo 👨\u200d👩?")
    (effect,) = await chat.say("/crm deal 42 One\x00Two")
    assert isinstance(effect, CrmPost)
    assert effect.text == "OneTwo"


async def test_a_title_without_anything_to_see(chat: Conversation) -> None:
    """Such a title is none."""
    (effect,) = await chat.say('/post title:"\u200b" Hello')
    assert isinstance(effect, Publish)
    assert effect.title == ""
