"""Nobody does through the bot what they cannot by hand: roles by actions, with their own token and without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TypeAlias

import pytest
import pytest_asyncio

from portal.rules import rights
from portal.world.feed import Post
from portal.world.people import User
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, running
from tests.rounds import some

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROLES = {"author": ANNA, "member": BORIS, "employee outside": CLARA, "extranet user": GUSTAV, "administrator": OLGA}
"""Anna, Boris and the extranet user are in group 7, Clara and the administrator in group 8, and Boris in group 9."""
HIDDEN = 9
TO = {
    "everyone": "UA", "department": "DR3", "group of some": "SG7", "group of others": "SG8", "hidden group": "SG9",
    "employee": f"U{CLARA}", "extranet user": f"U{GUSTAV}", "somebody who left": "U5", "nothing": "SG99",
}  # fmt: skip
TEXT = "Numbers of the quarter"
MODES = [(api, mode) for api in ("v2", "v1") for mode in ("acting", "own token")]
Mode: TypeAlias = tuple[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=some(MODES, last=1), ids=" ".join)
async def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InProcess]:
    """Start a service that may act for people; in the mode "acting", its portal gives no tokens of them.

    The portal then checks the rights of the administrator only, so that our own check has to do it.
    """
    bot_api, mode = request.param
    folder = tmp_path_factory.mktemp(f"{bot_api}-{mode[:3]}")
    async with running(folder, bot_api, for_people=True) as made:
        people = made.p.emulator.world.people
        people.groups[HIDDEN] = replace(
            people.groups[7], id=HIDDEN, name="Board", visible=False, extranet=False, members=(BORIS,), owner=BORIS
        )
        people.users[5] = replace(people.users[5], active=False)
        if mode == "acting":
            made.p.switch(tokens_in_events=False, posts_for_others="caller")
        for who in ROLES.values():
            await made.p.person(who).opens(made.p.bot_dialog(made.app))
        await made.quiet()
        yield made


def acts(here: InProcess) -> bool:
    """Check whether the portal gives no tokens of people."""
    return not here.p.emulator.switches.tokens_in_events


def user(here: InProcess, who: int) -> User:
    """Return a user of the portal."""
    return here.p.emulator.world.people.users[who]


def may_write(here: InProcess, who: int, code: str) -> bool:
    """Check whether a person may write to a recipient by hand.

    An administrator may write to all workgroups by hand; for themselves without a token, only to their own.
    """
    world, by = here.p.emulator.world, user(here, who)
    return rights.may_address(world, code, replace(by, admin=by.admin and not acts(here)))


async def saying(here: InProcess, who: int, *texts: str) -> str:
    """Let a person write to the bot in private; return everything that they are answered."""
    person, dialog = here.p.person(who), here.p.bot_dialog(here.app)
    before = max((row.id for row in person.reads(dialog=dialog)), default=0)
    for text in texts:
        await person.says(text, dialog=dialog)
        await here.quiet()
    said = [row for row in person.reads(dialog=dialog) if row.id > before and row.author != who]
    return "\n".join(f"{row.text} {row.attach} {row.keyboard}" for row in said)


async def posted(here: InProcess, *dest: str) -> Post:
    """Let Anna publish a post by hand."""
    number = await here.p.person(ANNA).posts(f"{TEXT}: 42.", title="Quarter", dest=dest)
    await here.quiet()
    return here.p.emulator.world.feed.posts[number]


def wrote_as(here: InProcess, method: str, before: int) -> set[int | None]:
    """Return whose tokens were used for calls of a method since there were `before` of them."""
    return {call.user for call in here.p.calls(method, ok=True)[before:]}


@pytest.mark.parametrize("to", TO)
@pytest.mark.parametrize("role", ROLES)
async def test_publishing(here: InProcess, role: str, to: str) -> None:
    """A post appears exactly if its author may write to the recipient by hand, under their name, and they are told."""
    who, code, feed = ROLES[role], TO[to], here.p.emulator.world.feed
    before, calls = set(feed.posts), len(here.p.calls("log.blogpost.add", ok=True))
    said = await saying(here, who, f"/post to:{code} Written by {role}")
    made = [feed.posts[number] for number in set(feed.posts) - before]
    may = may_write(here, who, code)
    assert [(post.author, post.dest) for post in made] == ([(who, (code,))] if may else []), said
    assert said
    if may:
        assert wrote_as(here, "log.blogpost.add", calls) == {OLGA if acts(here) else who}


@pytest.mark.parametrize("to", some(list(dict.fromkeys(("hidden group", "group of others", "everyone", *TO))), last=3))
@pytest.mark.parametrize("role", ROLES)
async def test_the_preview_tells_nothing_that_is_hidden(here: InProcess, role: str, to: str) -> None:
    """A draft for a recipient who is closed to its owner shows no number of people, and Publish publishes nothing."""
    who, code, feed = ROLES[role], TO[to], here.p.emulator.world.feed
    before = set(feed.posts)
    await saying(here, who, "/settings preview:on", f"/draft to:{code} Written by {role}")
    shown = await saying(here, who, "/preview")
    if code.startswith("SG") and not may_write(here, who, code) and acts(here):
        assert "people" not in shown
        assert "Menschen" not in shown
    await saying(here, who, "/publish", "/settings preview:off")
    made = [feed.posts[number].dest for number in set(feed.posts) - before]
    assert made == ([(code,)] if may_write(here, who, code) else []), shown


@pytest.mark.parametrize("dest", ["SG7", "UA"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ["edit", "append", "title"])
async def test_changing(here: InProcess, action: str, role: str, dest: str) -> None:
    """The author changes a post; an administrator does it with their own token only."""
    who, post = ROLES[role], await posted(here, dest)
    said = await saying(here, who, f"/{action} {post.id} New words")
    now = here.p.emulator.world.feed.posts[post.id]
    may = role == "author" or (role == "administrator" and not acts(here))
    assert ((now.title, now.text) != (post.title, post.text)) is may, said
    assert (now.dest, now.author) == (post.dest, ANNA)
    assert (TEXT in said) is False


@pytest.mark.parametrize("dest", ["SG7", "UA"])
@pytest.mark.parametrize("role", ROLES)
async def test_deleting(here: InProcess, role: str, dest: str) -> None:
    """Only the author deletes a post, after a question; an answer to a question that nobody asked deletes nothing."""
    who, post, feed = ROLES[role], await posted(here, dest), here.p.emulator.world.feed
    said = await saying(here, who, f"/delete {post.id} answer:yes", f"/undo {post.id}")
    assert post.id in feed.posts, said
    said = await saying(here, who, f"/delete {post.id}", f"/delete {post.id} answer:yes")
    assert (post.id not in feed.posts) is (role == "author"), said


@pytest.mark.parametrize("to", TO)
@pytest.mark.parametrize("role", ROLES)
async def test_sharing(here: InProcess, role: str, to: str) -> None:
    """More people get a post exactly if the person may change its recipients and write to the new ones by hand."""
    who, code, post = ROLES[role], TO[to], await posted(here, "DR2")
    said = await saying(here, who, f"/share {post.id} to:{code}")
    may = role == "author" or (role == "administrator" and not acts(here))
    may = may and may_write(here, who, code)
    now = here.p.emulator.world.feed.posts[post.id]
    assert set(now.dest) == ({"DR2", code} if may else {"DR2"}), said
    assert {one.author for one in here.p.emulator.world.feed.comments_of(post.id)} <= {who}


@pytest.mark.parametrize("dest", ["UA", "SG7", "DR3"])
@pytest.mark.parametrize("role", ROLES)
async def test_commenting(here: InProcess, role: str, dest: str) -> None:
    """Who may read a post comments on it; without a token, only where we know that they may read it."""
    who, post = ROLES[role], await posted(here, dest)
    said = await saying(here, who, f"/comment {post.id} Seen by {role}")
    by_hand = rights.may_read_post(here.p.emulator.world, post, user(here, who))
    known = role == "author" or (dest == "UA" and role != "extranet user")
    may = by_hand and (known or not acts(here))
    comments = here.p.emulator.world.feed.comments_of(post.id)
    assert [one.author for one in comments] == ([who] if may else []), said


@pytest.mark.parametrize("dest", ["UA", "SG7", "DR3"])
@pytest.mark.parametrize("role", ROLES)
async def test_reading(here: InProcess, role: str, dest: str) -> None:
    """/show has the words of a post only for those who may read it by hand."""
    who, post = ROLES[role], await posted(here, dest)
    said = await saying(here, who, f"/show {post.id}", "/find quarter", "/mine")
    if TEXT in said:
        assert rights.is_in_feed(here.p.emulator.world, post, user(here, who))
    elif not acts(here):
        assert not rights.is_in_feed(here.p.emulator.world, post, user(here, who))
