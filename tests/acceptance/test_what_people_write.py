"""What people write is read as they mean it, in both generations; the service is a process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.line import ANNA, BORIS, CLARA, OLGA, Line, laid

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["v1", "v2"])
async def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    """Return one started service per bot generation for this file."""
    async with laid(tmp_path_factory.mktemp(request.param), request.param) as made:
        for who in (OLGA, ANNA, BORIS, CLARA):
            await made.portal.person(who).opens()
        await made.quiet()
        yield made


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/post to=sales secret", "Did you mean to:?"),
        ("/post —to:sales secret", "Did you mean to:?"),
        ("/post urgent:yes secret", "I do not know “urgent:” here"),
        ("How?\n[CODE]\n/post secret\n[/CODE]", "is not carried out"),
        ("[QUOTE]\n/post secret\n[/QUOTE] why?", "is not carried out"),
        (f"{'-' * 54}\nBoris Klein\n/post secret\n{'-' * 54}\nwhy?", "is not carried out"),
        (f"/post {'y' * 20_500}", "the end of your text is missing"),
        ("/post [B][/B]", "The text of the post is missing"),
        ("/post \u200b", "The text of the post is missing"),
        ("/post --", "The text of the post is missing"),
        ("/share https://south.example.com/company/personal/user/2/blog/1/ to:all", "leads to another portal"),
    ],
)
async def test_nothing_is_published(line: Line, text: str, answer: str) -> None:
    """The person is told what is the matter, and the feed has no new post."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts())
    asked = await clara.says(text)
    await clara.sees(answer, after=asked)
    await line.quiet()
    assert len(line.portal.posts()) == posts


async def test_a_mistyped_command_that_is_corrected(line: Line) -> None:
    """A corrected message is heard: what publishes nothing is done, what publishes is asked about first."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts())
    asked = await clara.says("/hlep share")
    await clara.sees("Did you mean /help?", after=asked)
    await clara.edits(asked, "/help share")
    await clara.sees("Share a post with more people", after=asked)
    asked = await clara.says("/pots Hello")
    await clara.sees("I do not know the command", after=asked)
    await clara.edits(asked, "/post Hello")
    await clara.sees("was changed after I had read it", after=asked)
    await line.quiet()
    assert len(line.portal.posts()) == posts


async def test_a_corrected_message_in_a_group(line: Line) -> None:
    """The same in a group, with a mention."""
    group = line.group(OLGA, CLARA, bot=True)
    clara = line.portal.person(CLARA)
    asked = await clara.mentions(line.bot, "hlep share", dialog=group)
    await clara.sees("Did you mean /help?", dialog=group, after=asked)
    await clara.edits(asked, f"[USER={line.bot}]Feedbridge[/USER]: help share")
    await clara.sees("Share a post with more people", dialog=group, after=asked)


async def test_a_published_message_that_is_edited(line: Line) -> None:
    """Editing the message of a post publishes no second one; a press changes the post."""
    clara = line.portal.person(CLARA)
    asked = await clara.says("/post The first version")
    await clara.sees("Published as", after=asked)
    posts = len(line.portal.posts())
    await clara.edits(asked, "/post The second version")
    await clara.sees("Shall I change the post too?", after=asked)
    await clara.presses("Change post")
    await clara.sees("has the new text", after=asked)
    await line.quiet()
    assert len(line.portal.posts()) == posts
    assert line.portal.posts(CLARA)[-1].text == "The second version"


@pytest.mark.parametrize(
    "text", ["[USER={}]Feedbridge[/USER]: help share", "Hi [USER={}]Feedbridge[/USER]! help share"]
)
async def test_mentioned(line: Line, text: str) -> None:
    """A mention is understood with other signs than a comma, and in the middle of a sentence."""
    group = line.group(OLGA, CLARA, bot=True)
    clara = line.portal.person(CLARA)
    asked = await clara.says(text.format(line.bot), dialog=group)
    await clara.sees("Share a post with more people", dialog=group, after=asked)


async def test_a_file_with_a_command(line: Line) -> None:
    """The post and the text in the timeline have the file; a command that attaches nothing says so."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts())
    asked = await clara.sends_file("plan.txt", b"The plan", text="/post See the plan")
    await clara.sees("Published as", after=asked)
    post = line.portal.posts()[posts]
    assert (post.text, [file.name for file in post.files]) == ("See the plan", ["plan.txt"])
    asked = await clara.sends_file("plan.txt", b"The plan", text="/crm deal 42 See the plan")
    await clara.sees("Written to the timeline", after=asked)
    (entry,) = [one for one in line.portal.emulator.world.crm.entries.values() if one.text == "See the plan"]
    assert [file.name for file in entry.files] == ["plan.txt"]
    asked = await clara.sends_file("plan.txt", b"The plan", text=f"/comment {post.id} See the plan")
    await clara.sees("without the files", after=asked)


async def test_a_file_alone(line: Line) -> None:
    """A file without a text waits for the next post, and the person is told so."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts())
    asked = await clara.sends_file("plan.txt", b"The plan")
    await clara.sees("I have 1 file from you", after=asked)
    await clara.says("/post Here it is")
    await clara.sees("Published as", after=asked)
    assert [file.name for file in line.portal.posts()[posts].files] == ["plan.txt"]


async def test_a_word_in_other_letters(line: Line) -> None:
    """A word is found in its other spellings: one card for each post."""
    clara, boris = line.portal.person(CLARA), line.portal.person(BORIS)
    for word, text in (
        ("café", "The cafe\u0301 is open"),
        ('"new year"', "A new\u00a0year"),
        ("budget", "The bud\u00adget"),
    ):
        asked = await clara.says(f"/follow word:{word}")
        await clara.sees("now follows", after=asked)
        await boris.posts(text)
        await clara.sees(text[:3], after=asked)
        asked = await clara.says("/unfollow")
        await clara.sees("no longer follows", after=asked)
