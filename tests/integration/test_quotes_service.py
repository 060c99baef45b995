"""Chat messages in posts, through the whole service and the emulator: answered with /post, or forwarded to the bot."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.clients.person import text_of
from portal.world.feed import Post
from portal.world.messenger import Message
from tests.in_process import BORIS, CLARA, InProcess, running

LAST_SEEDED = 219
"""The last post of the portal's seed."""
API = pytest.mark.parametrize("bot_api", ["v1", "v2"])


@contextlib.asynccontextmanager
async def serving(folder: Path, bot_api: str = "v2", *, at_once: bool = False) -> AsyncIterator[InProcess]:
    """Start a service that shows a preview first, if it is not told to publish at once."""
    async with running(folder, bot_api, at_once=at_once) as here:
        yield here


def posts(here: InProcess, who: int) -> list[Post]:
    """Return what a person has published since the start."""
    return [post for post in here.p.posts(who) if post.id > LAST_SEEDED]


def group_of(here: InProcess, *, bot: bool = True) -> str:
    """Make a group of Clara and Boris, with the bot or without it."""
    return here.p.make_chat(BORIS, *([here.p.bots(here.app)[0].id] if bot else []), by=CLARA)


async def answers(here: InProcess, text: str, *, to: int, dialog: str, by: int = CLARA) -> Message:
    """Let a person answer a message, wait for the service, and return the newest message there."""
    await here.p.person(by).says(text, dialog=dialog, reply_to=to)
    await here.quiet()
    return here.p.person(by).reads(dialog=dialog)[-1]


@API
async def test_an_answer_with_a_command_quotes_the_message(tmp_path: Path, bot_api: str) -> None:
    """The preview shows the quote; the post has the author's name, the text without markup, and a link to the chat."""
    async with serving(tmp_path, bot_api) as here:
        group = group_of(here)
        said = await here.p.person(BORIS).says("[b]We won[/b] the [USER=2]Anna[/USER] case [1]", dialog=group)
        card = await answers(here, "/post to:sales Great news", to=said, dialog=group)
        assert "Great news" in text_of(card)
        assert "We won the Anna case" in text_of(card)
        assert card.text == "Your draft, not published yet: Great news"
        await here.p.person(CLARA).presses("Publish", dialog=group)
        await here.quiet()
        (post,) = posts(here, CLARA)
        own, quote = post.text.split("\n\n")
        assert own == "Great news"
        boris = here.p.person(BORIS).user.name
        assert quote.startswith(f"[QUOTE][B]{boris}[/B], ")
        assert f"/online/?IM_DIALOG={group}&IM_MESSAGE={said}]in the chat[/URL]\nWe won the Anna case" in quote
        assert "[USER" not in quote
        assert quote.endswith("[/QUOTE]")


@API
@pytest.mark.parametrize("how", ["command", "mention"])
async def test_an_answer_without_a_text_publishes_the_quote(tmp_path: Path, bot_api: str, how: str) -> None:
    """A command alone is enough, typed or after a mention; its files go along, and a press can remove the quote."""
    async with serving(tmp_path, bot_api) as here:
        group, clara = group_of(here), here.p.person(CLARA)
        said = await here.p.person(BORIS).sends_file("plan.txt", b"the plan", dialog=group, text="Our plan")
        bot = here.p.bots(here.app)[0].id
        word = "/post" if how == "command" else f"[USER={bot}]Feedbridge[/USER] post"
        card = await answers(here, word, to=said, dialog=group)
        assert "Our plan" in text_of(card)
        assert "1 file" in text_of(card)
        await clara.presses("Publish", dialog=group)
        await here.quiet()
        (post,) = posts(here, CLARA)
        assert [file.name for file in post.files] == ["plan.txt"]
        card = await answers(here, "/post My own words", to=said, dialog=group)
        await clara.presses("Change", dialog=group)
        await here.quiet()
        await clara.presses("Without the quote", dialog=group)
        await here.quiet()
        assert "Our plan" not in text_of(clara.reads(dialog=group)[-1])


@API
async def test_a_forwarded_message_becomes_a_post(tmp_path: Path, bot_api: str) -> None:
    """A message that is forwarded to the bot is offered as a post that names its author and links to its chat."""
    async with serving(tmp_path, bot_api) as here:
        group, clara, dialog = group_of(here, bot=False), here.p.person(CLARA), here.p.bot_dialog(here.app)
        said = await here.p.person(BORIS).says("/post Lunch is ready.", dialog=group)
        await clara.forwards(said, dialog=dialog)
        await here.quiet()
        offer = clara.reads(dialog=dialog)[-1]
        assert "quotes this message" in offer.text
        assert posts(here, CLARA) == []
        await clara.presses("Post this", dialog=dialog)
        await here.quiet()
        assert "/post Lunch is ready." in text_of(clara.reads(dialog=dialog)[-1])
        await clara.presses("Publish", dialog=dialog)
        await here.quiet()
        (post,) = posts(here, CLARA)
        assert f"[B]{here.p.person(BORIS).user.name}[/B]" in post.text
        assert f"IM_DIALOG={group}&IM_MESSAGE={said}]" in post.text


async def test_a_message_forwarded_after_the_command_fills_the_draft(tmp_path: Path) -> None:
    """A draft that asks for its text takes a forwarded message as the quote; one of a private dialog has no link."""
    async with serving(tmp_path) as here:
        clara, dialog = here.p.person(CLARA), here.p.bot_dialog(here.app)
        said = await here.p.person(BORIS).says("Between us: we won.", dialog=str(CLARA))
        await clara.says("/post", dialog=dialog)
        await here.quiet()
        await clara.forwards(said, dialog=dialog)
        await here.quiet()
        await clara.presses("Publish", dialog=dialog)
        await here.quiet()
        (post,) = posts(here, CLARA)
        assert "we won" in post.text
        assert "[URL" not in post.text


async def test_a_quote_survives_a_question_about_names(tmp_path: Path) -> None:
    """Where a name is unclear, the press that answers carries the command out with its quote."""
    async with serving(tmp_path, at_once=True) as here:
        group, clara = group_of(here), here.p.person(CLARA)
        said = await here.p.person(BORIS).says("We won.", dialog=group)
        asked = await answers(here, "/post to:anna Look", to=said, dialog=group)
        label = next(one["TEXT"] for one in asked.keyboard or [] if "TEXT" in one)
        await clara.presses(str(label), dialog=group)
        await here.quiet()
        (post,) = posts(here, CLARA)
        assert "Look\n\n[QUOTE]" in post.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "could not read the message"), ("de", "nicht lesen"), ("ru", "Не получилось прочитать")],
)
async def test_a_deleted_message_is_not_quoted(tmp_path: Path, language: str, said: str) -> None:
    """If the answered message is deleted, nothing is published, and the person is told in their language."""
    async with serving(tmp_path, at_once=True) as here:
        group, clara = group_of(here), here.p.person(CLARA)
        await clara.says(f"/lang {language}", dialog=group)
        await here.quiet()
        gone = await here.p.person(BORIS).says("Secret", dialog=group)
        await here.p.person(BORIS).deletes(gone)
        answer = await answers(here, "/post Look", to=gone, dialog=group)
        assert said in answer.text
        (back,) = [one for one in answer.keyboard or [] if one.get("ACTION") == "PUT"]
        assert back["ACTION_VALUE"] == "/post Look"
        assert posts(here, CLARA) == []


async def test_the_bots_own_messages_are_not_quoted(tmp_path: Path) -> None:
    """A command that answers a message of the bot publishes its own text only."""
    async with serving(tmp_path, at_once=True) as here:
        clara, dialog = here.p.person(CLARA), here.p.bot_dialog(here.app)
        await clara.says("/help", dialog=dialog)
        await here.quiet()
        await answers(here, "/post Hello", to=clara.reads(dialog=dialog)[-1].id, dialog=dialog)
        (post,) = posts(here, CLARA)
        assert post.text == "Hello"
