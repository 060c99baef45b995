"""/mine and /find as conversations: what is listed, where, and how the pages are turned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot import commands
from bot.model.effects import Edit, Effect, Say
from bot.model.events import PostId, UserId
from bot.model.records import Post
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels

DAY = "2026-11-12T10:00:00+01:00"
MINE = Post(id=PostId(217), author=ANNA.id, title="Friday", text="We close at four.", date=DAY, for_all=True)
OTHER = Post(id=PostId(218), author=UserId(8), title="", text="The coffee machine works.", date=DAY, for_all=True)


def talk(*posts: Post, **more: Any) -> Conversation:
    """Return a conversation on a portal with posts."""
    portal = StandInPortal(posts={post.id: post for post in posts or (MINE, OTHER)})
    return Conversation(router=commands.router(), portal=portal, **more)


def text(said: Effect) -> str:
    """Return the text of an answer."""
    assert isinstance(said, Say | Edit)
    return said.content.text


def params(said: Effect, label: str) -> str:
    """Return what a button sends."""
    assert isinstance(said, Say | Edit)
    return next(str(one["COMMAND_PARAMS"]) for one in said.content.keyboard if one.get("TEXT") == label)


@pytest.mark.parametrize("command", ["/mine", "meine", "/мои"])
async def test_own_posts(command: str) -> None:
    """/mine lists the posts of the person who asks, with number, day, title and a link."""
    (said,) = await talk(dialog=PRIVATE).say(command)
    assert text(said) == (
        "Your posts, latest change first:\n"
        "[url=https://north.example.com/company/personal/user/7/blog/217/]217[/url] · 2026-11-12 · Friday"
    )


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("coffee", [218]),
        ("MACHINE Coffee", [218]),
        ("friday four", [217]),
        ("coffee four", []),
        ("page: coffee", None),
        ("-- machine", [218]),
    ],
)
async def test_all_words_must_be_there(words: str, numbers: list[int] | None) -> None:
    """A post is found by title or text if it has every word, in any order and case."""
    chat = talk(dialog=PRIVATE)
    if numbers is None:
        assert await chat.mistake(f"/find {words}") == "words.no_value"
        return
    (said,) = await chat.say(f"/find {words}")
    assert [number for number in (217, 218) if f"/blog/{number}/" in text(said)] == numbers
    assert ("no post with all these words" in text(said)) is not bool(numbers)


@pytest.mark.parametrize(
    ("command", "key"), [("/find", "find.no_words"), (f"/find {'x' * 201}", "find.long"), ("/mine all", "words.extra")]
)
async def test_mistakes(command: str, key: str) -> None:
    """Without words, or with too many, nothing is searched."""
    assert await talk().mistake(command) == key


@pytest.mark.parametrize(
    ("language", "nothing"),
    [
        ("en", "I found no post with all these words here."),
        ("de", "Hier habe ich keinen Beitrag mit allen diesen Wörtern gefunden."),
        ("ru", "Записей со всеми этими словами здесь не нашлось."),
    ],
)
async def test_nothing_found(language: str, nothing: str) -> None:
    """An empty result is one sentence."""
    (said,) = await talk(dialog=PRIVATE, language=language).say("/find tea")
    assert text(said) == nothing


@pytest.mark.parametrize("command", ["/mine", "/find coffee"])
@pytest.mark.parametrize("absent", [False, True], ids=["member", "absent"])
async def test_a_group_gets_no_list(command: str, absent: bool) -> None:  # noqa: FBT001 - a column of the table
    """The words of posts in a list would stay there, so the list goes to the asker's own dialog."""
    here, list_ = await talk(bot_absent=absent).say(command)
    assert isinstance(here, Say)
    assert isinstance(list_, Say)
    assert (here.dialog, text(here)) == (GROUP, "I sent the list to you in our private chat.")
    assert (list_.dialog, list_.answers) == (PRIVATE, None)
    assert "/blog/" in text(list_)


async def test_pages_are_turned_in_place() -> None:
    """Buttons turn the pages of the list, and then the next part of the feed is read."""
    posts = [replace(MINE, id=PostId(number)) for number in range(1, 26)]
    chat = talk(*posts, dialog=PRIVATE)
    chat.portal.at_once = 20
    (first,) = await chat.say("/find four close")
    assert labels(first) == ["Older"]  # type: ignore[arg-type]  # an answer
    assert "posts 1 to 20 " in text(first)
    seen: list[int] = []
    for _ in range(4):
        seen += [number for number in range(25, 0, -1) if f"/blog/{number}/" in text(first)]
        if "Older" not in labels(first):  # type: ignore[arg-type]  # an answer
            break
        (first,) = await chat.press("find", params(first, "Older"))
        assert isinstance(first, Edit)
    assert seen == list(range(25, 0, -1))
    (back,) = await chat.press("find", params(first, "Newer"))
    assert "/blog/25/" in text(back)


@pytest.mark.parametrize("page", ["x", "1-2-3", "-1-0", "9" * 40, "٣-٠"])
async def test_a_page_that_no_button_sends_is_the_first(page: str) -> None:
    """A page that somebody invents is the first one."""
    (said,) = await talk(dialog=PRIVATE).say(f"/mine page:{page}")
    assert "/blog/217/" in text(said)
