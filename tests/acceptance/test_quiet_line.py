"""The quiet line and the buttons below cards, as people use them; a judge checks all messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.clients.person import Person, text_of
from portal.rules import rights
from portal.world.people import Department
from tests.acceptance.test_following import follows, unfollows
from tests.acceptance.test_following_privacy import joins
from tests.judging import FIRST_POST, Judge
from tests.line import ANNA, BORIS, CLARA, GUSTAV, OLGA, Line

pytestmark = pytest.mark.asyncio(loop_scope="module")
CAME, LEFT = "An extranet user is in this chat now", "There is no extranet user in this chat any more"
OFF = "Turn this line off"
SALES = 77
"""The department of Clara and Boris, and of nobody else."""


@pytest.fixture
def judge(line: Line) -> Iterator[Judge]:
    """Let a judge read every message of the bot, and fail with what anybody read that they may not; Sales is made."""
    publish, world = line.portal.emulator.hub.publish, line.portal.emulator.world
    world.taken("post", max(FIRST_POST, *world.feed.posts))
    world.people.departments[SALES] = Department(id=SALES, name="Sales", parent=1)
    for one in (BORIS, CLARA):
        world.people.users[one] = replace(world.people.users[one], departments=(SALES,))
    judge = Judge(emulator=line.portal.emulator, bot=line.bot)
    yield judge
    line.portal.emulator.hub.publish = publish  # type: ignore[method-assign]
    judge.settled()
    assert judge.reads
    assert list(judge.findings.values()) == []


def lines_of(person: Person, group: str) -> list[str]:
    """Return the quiet lines that a person reads."""
    texts = [text_of(row) for row in person.reads(dialog=group)]
    return [one for one in texts if CAME in one or LEFT in one or "not everyone here may read" in one]


async def group_that_follows(line: Line, *members: int) -> str:
    """Make a group that follows all posts; Clara subscribed it."""
    group = line.portal.make_chat(line.bot, *members, by=CLARA)
    await follows(line, CLARA, group)
    return group


async def test_the_line_says_that_an_extranet_user_joined_and_left(line: Line, judge: Judge) -> None:
    """One message says why cards lose their content, and when posts are shown again; it names nobody."""
    group = await group_that_follows(line, BORIS)
    clara, olga = line.portal.person(CLARA), line.portal.person(OLGA)
    await olga.posts("The mk1x lift works.")
    card = await clara.sees("mk1x", dialog=group)
    joins(line, group, GUSTAV)
    await clara.says("/follows", dialog=group)
    came = await clara.sees(CAME, dialog=group)
    await line.quiet()
    assert "mk1x" not in text_of(next(row for row in clara.reads(dialog=group) if row.id == card.id))
    assert not [name for name in ("Gustav", "Olga", "/user/") if name in text_of(came)]
    judge.settled()

    assert await clara.removes(GUSTAV, dialog=group)
    await olga.posts("The mk2x stairs are open.")
    await clara.sees("mk2x", dialog=group)
    left = await clara.sees(LEFT, dialog=group)
    assert left.id == came.id
    await line.quiet()
    assert len(lines_of(clara, group)) == 1
    await unfollows(line, clara, group)


@pytest.mark.parametrize("who", [GUSTAV, ANNA], ids=["an extranet user", "an employee from elsewhere"])
async def test_a_new_member_who_may_not_read_a_card_presses_its_button(line: Line, judge: Judge, who: int) -> None:
    """The press of a member whose joining was not reported empties the card; the answer shows no content."""
    group = await group_that_follows(line, BORIS)
    clara, reader = line.portal.person(CLARA), line.portal.person(who)
    post = await clara.posts("The mk3x salaries rise.", dest=[f"DR{SALES}"])
    card = await clara.sees("mk3x", dialog=group)
    joins(line, group, who)
    opened = await reader.presses("Open", dialog=group)
    assert opened
    assert opened["value"].endswith(f"/user/{CLARA}/blog/{post}/")
    assert not may_open(line, who, post)
    await reader.presses("Unfollow", dialog=group)
    await line.quiet()
    assert "mk3x" not in text_of(next(row for row in reader.reads(dialog=group) if row.id == card.id))
    answer = reader.reads(dialog=group)[-1]
    assert answer.id > card.id
    assert not [word for word in ("mk3x", str(post)) if word in text_of(answer)]
    assert "Only Clara Wirth" in text_of(answer)
    judge.settled(checked=True)
    with pytest.raises(AssertionError, match="cannot see a button"):
        await reader.presses("Open", dialog=group, within=0.1)


async def test_a_member_who_may_read_a_card_presses_its_buttons(line: Line, judge: Judge) -> None:
    """A colleague of the same department opens the post; only its owner ends a subscription; the card keeps it all."""
    group = await group_that_follows(line, BORIS)
    clara, boris = line.portal.person(CLARA), line.portal.person(BORIS)
    post = await clara.posts("The mk4x salaries rise.", dest=[f"DR{SALES}"])
    card = await boris.sees("mk4x", dialog=group)
    opened = await boris.presses("Open", dialog=group)
    assert opened
    assert opened["value"].endswith(f"/user/{CLARA}/blog/{post}/")
    assert may_open(line, BORIS, post)
    await boris.presses("Unfollow", dialog=group)
    await boris.sees("Only Clara Wirth", dialog=group)
    await clara.presses("Unfollow", dialog=group)
    await clara.sees("Ended by Clara Wirth", dialog=group)
    await line.quiet()
    assert "mk4x" in text_of(next(row for row in boris.reads(dialog=group) if row.id == card.id))
    await clara.posts("The mk5x canteen is closed.")
    await line.quiet()
    assert not [row for row in boris.reads(dialog=group) if "mk5x" in text_of(row)]
    judge.settled(checked=True)


@pytest.mark.parametrize("who", [OLGA, CLARA], ids=["may read what is counted", "may not"])
async def test_a_button_switches_the_line_off(line: Line, judge: Judge, who: int) -> None:
    """Any user may press the button: the answer names no post, counting ends, and a second press changes nothing."""
    group = await group_that_follows(line, OLGA)
    clara, olga, presser = (line.portal.person(one) for one in (CLARA, OLGA, who))
    post = await olga.posts("The mk6x offer is 40000.", dest=["DR3"])
    assert [may_open(line, one, post) for one in (OLGA, CLARA)] == [True, False]
    await presser.sees("not everyone here may read: 1", dialog=group)
    for _ in range(2):
        await presser.presses(OFF, dialog=group)
        await line.quiet()
        answer = presser.reads(dialog=group)[-1]
        assert not [word for word in ("mk6x", str(post), "40000", "/user/") if word in text_of(answer)]
    before = len(lines_of(clara, group))
    await olga.posts("The mk7x offer is 39000.", dest=["DR3"])
    joins(line, group, GUSTAV)
    await olga.posts("The mk8x weather is fine.")
    await line.quiet()
    assert len(lines_of(clara, group)) == before
    judge.settled(checked=True)
    await unfollows(line, clara, group)


def may_open(line: Line, person: int, post: int) -> bool:
    """Ask the portal's own rights."""
    world = line.portal.emulator.world
    return rights.may_read_post(world, world.feed.posts[post], world.people.users[person])
