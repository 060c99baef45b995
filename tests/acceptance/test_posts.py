"""The commands on posts, through the whole service in both generations: typed, pressed and by mention."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from portal.clients.person import text_of
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


async def test_a_post_is_published_changed_and_taken_back(line: Line) -> None:
    """In a group: /post, then an edit that updates its card in place, then the button Undo, which closes the card."""
    clara, dialog = line.portal.person(CLARA), line.portal.make_chat(OLGA, CLARA, line.bot)
    asked = await clara.says("/post Soup at noon", dialog=dialog)
    card = await clara.sees("Published as", dialog=dialog, after=asked)
    post = line.portal.posts(CLARA)[-1]
    asked = await clara.mentions(line.bot, f"append {post.id} And cake.", dialog=dialog)
    await clara.sees(f"Your text is at the end of post {post.id} now", dialog=dialog, after=asked)
    await line.quiet()
    (now,) = [row for row in clara.reads(dialog=dialog) if row.id == card.id]
    assert "And cake." in text_of(now)
    await clara.presses("Undo", dialog=dialog)
    await clara.sees(f"Post {post.id} is taken back.", dialog=dialog, after=asked)
    await line.quiet()
    (now,) = [row for row in clara.reads(dialog=dialog) if row.id == card.id]
    assert now.text == "This post was deleted from the News Feed."
    assert post.id not in line.portal.emulator.world.feed.posts


async def test_a_post_is_deleted_after_a_question(line: Line) -> None:
    """In private and in German: the question has two buttons, and its message then has the result."""
    boris = line.portal.person(BORIS)
    await boris.says("/lang de")
    number = await boris.posts("Falsche Zahlen")
    asked = await boris.says(f"/delete {number}")
    question = await boris.sees("löschen?", after=asked)
    assert line.portal.emulator.world.feed.posts.get(number)
    await boris.presses(f"Beitrag {number} löschen")
    done = await boris.sees(f"Beitrag {number} ist gelöscht.", after=asked)
    assert done.id == question.id
    assert number not in line.portal.emulator.world.feed.posts


async def test_posts_are_found_shown_and_commented_on(line: Line) -> None:
    """In Russian: a search, the card of one post, a comment on it, and own posts."""
    anna = line.portal.person(ANNA)
    await anna.says("/lang ru")
    number = await line.portal.person(OLGA).posts("The printer is repaired")
    asked = await anna.says("/find printer")
    assert f"/blog/{number}/" in (await anna.sees("Вот что нашлось", after=asked)).text
    asked = await anna.says(f"/show {number}")
    assert "printer" in text_of(await anna.sees("Лента новостей", after=asked))
    asked = await anna.says(f"/comment {number} Спасибо")
    await anna.sees(f"Ваш комментарий добавлен к записи {number}", after=asked)
    assert [one.text for one in line.portal.emulator.world.feed.comments_of(number)] == ["Спасибо"]


async def test_readers_are_counted_and_reminded(line: Line) -> None:
    """The author sees who has not read an important post; the button notifies them once."""
    olga = line.portal.person(OLGA)
    number = await olga.posts("Fire drill at ten", important=True)
    await line.portal.person(BORIS).confirms(number)
    asked = await olga.says(f"/readers {number}")
    said = await olga.sees(f"Have read important post {number}: 1 of 4.", after=asked)
    assert "[B]Sales[/B]: Anna Schmidt" in said.text
    assert "Boris" not in said.text
    after = line.mark()
    await olga.presses("Remind them")
    await olga.sees("Reminded people: 3.", after=asked)
    await olga.says(f"/readers {number} remind:yes")  # typed, because two presses in one second are one
    await olga.sees("within the last day", after=asked)
    await line.quiet()
    assert len(line.calls("im.notify.system.add", after=after)) == 3
