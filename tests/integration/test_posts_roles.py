"""Nobody changes, deletes or reads through the bot what they cannot by hand: roles by actions, in both generations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from portal.rules import rights
from portal.world.feed import Post
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, running
from tests.rounds import some

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROLES = {"author": ANNA, "colleague who may read": BORIS, "colleague who may not": CLARA, "extranet user": GUSTAV,
         "administrator": OLGA}  # fmt: skip
DEST = {"for a group with an extranet user": ("SG7",), "for a department": ("DR3",)}
"""Anna, Boris and the extranet user are in group 7; Boris is in department 3, and Clara in neither."""
SECRET = "Numbers of the quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an action left: the answers, and the post (None: it is deleted)."""

    answers: str
    post: Post | None


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=some(["v1", "v2"], last=1))
async def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InProcess]:
    """Start a service; of both generations in the long run."""
    async with running(tmp_path_factory.mktemp(request.param), request.param) as made:
        for who in ROLES.values():
            await made.p.person(who).opens()
        await made.quiet()
        yield made


async def posted(here: InProcess, dest: tuple[str, ...]) -> Post:
    """Let Anna publish an important post by hand."""
    number = await here.p.person(ANNA).posts(f"{SECRET}: 42.", title="Quarter", dest=dest, important=True)
    await here.quiet()
    return here.p.emulator.world.feed.posts[number]


async def acting(here: InProcess, who: int, post: Post, *texts: str) -> Seen:
    """Let a person write to the bot in private; return what they were answered, and the post afterwards."""
    person, dialog = here.p.person(who), here.p.bot_dialog(here.app)
    before = max((row.id for row in person.reads(dialog=dialog)), default=0)
    for text in texts:
        await person.says(text, dialog=dialog)
        await here.quiet()
    said = [row for row in person.reads(dialog=dialog) if row.id > before and row.author != who]
    return Seen(
        answers="\n".join(f"{row.text} {row.attach} {row.keyboard}" for row in said),
        post=here.p.emulator.world.feed.posts.get(post.id),
    )


@pytest.mark.parametrize("dest", DEST)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ["edit", "append", "title"])
async def test_changing(here: InProcess, action: str, role: str, dest: str) -> None:
    """The author and the administrator change a post, nobody else does, and everything not named is kept."""
    who, post = ROLES[role], await posted(here, DEST[dest])
    seen = await acting(here, who, post, f"/{action} {post.id} New words")
    may = rights.may_change_post(post, here.p.emulator.world.people.users[who])
    assert may is (role in ("author", "administrator"))
    assert seen.post
    changed = (seen.post.title, seen.post.text) != (post.title, post.text)
    assert changed is may, seen.answers
    assert (seen.post.dest, seen.post.important, seen.post.author) == (post.dest, True, ANNA)
    assert SECRET not in seen.answers


@pytest.mark.parametrize("dest", DEST)
@pytest.mark.parametrize("role", ROLES)
async def test_deleting(here: InProcess, role: str, dest: str) -> None:
    """Only the author deletes a post through the bot; a forged answer to a question deletes nothing."""
    who, post = ROLES[role], await posted(here, DEST[dest])
    seen = await acting(here, who, post, f"/delete {post.id} answer:yes", f"/undo {post.id}", f"/delete {post.id}")
    assert seen.post == post
    seen = await acting(here, who, post, f"/delete {post.id} answer:yes")
    assert (seen.post is None) is (role == "author"), seen.answers


@pytest.mark.parametrize("dest", DEST)
@pytest.mark.parametrize("role", ROLES)
async def test_reading(here: InProcess, role: str, dest: str) -> None:
    """/show, /find and /mine show a post to exactly those who may read it by hand."""
    who, post = ROLES[role], await posted(here, DEST[dest])
    world = here.p.emulator.world
    may, in_feed = (one(world, post, world.people.users[who]) for one in (rights.may_read_post, rights.is_in_feed))
    shown = await acting(here, who, post, f"/show {post.id}")
    assert (SECRET in shown.answers) is in_feed, shown.answers
    assert (f"/blog/{post.id}/" in shown.answers) is may, shown.answers
    found = await acting(here, who, post, "/find quarter")
    assert (f"/blog/{post.id}/" in found.answers) is in_feed, found.answers
    own = await acting(here, who, post, "/mine")
    assert (f"/blog/{post.id}/" in own.answers) is (role == "author")
    readers = await acting(here, who, post, f"/readers {post.id}")
    assert (f"important post {post.id}" in readers.answers or "важную запись" in readers.answers.casefold()
            or "wichtigen Beitrag" in readers.answers) is may, readers.answers  # fmt: skip
    assert ("remind:yes" in readers.answers) is (role == "author" and "Boris" in readers.answers)


@pytest.mark.parametrize("dest", DEST)
@pytest.mark.parametrize("role", ROLES)
async def test_commenting_and_reminding(here: InProcess, role: str, dest: str) -> None:
    """Who may read a post comments on it; only its author reminds people."""
    who, post = ROLES[role], await posted(here, DEST[dest])
    world = here.p.emulator.world
    may = rights.may_read_post(world, post, world.people.users[who])
    await acting(here, who, post, f"/comment {post.id} Seen by {role}")
    assert bool(world.feed.comments_of(post.id)) is may
    before = len(here.p.calls("im.notify.system.add"))
    await acting(here, who, post, f"/readers {post.id} remind:yes")
    assert (len(here.p.calls("im.notify.system.add")) > before) is (role == "author")


@pytest.mark.parametrize("role", ROLES)
async def test_in_a_group_nobody_reads_what_they_may_not(here: InProcess, role: str) -> None:
    """Asked in a group where Clara reads, no answer there has the words of a post that is not for her."""
    who, post = ROLES[role], await posted(here, DEST["for a department"])
    [bot] = here.p.bots(here.app)
    dialog = here.p.make_chat(OLGA, ANNA, BORIS, CLARA, GUSTAV, bot.id)
    person, clara = here.p.person(who), here.p.person(CLARA)
    await here.quiet()
    before = max(row.id for row in clara.reads(dialog=dialog))
    for text in (f"/show {post.id}", "/find quarter", "/mine", f"/readers {post.id}", f"/delete {post.id}"):
        await person.says(text, dialog=dialog)
        await here.quiet()
    said = [row for row in clara.reads(dialog=dialog) if row.author == bot.id and row.id > before]
    assert len(said) == 5
    whole = repr([(row.text, row.attach, row.keyboard) for row in said])
    assert SECRET not in whole
    assert "Quarter" not in whole
    assert "Boris" not in whole


async def test_the_buttons_of_one_person_do_nothing_for_another(here: InProcess) -> None:
    """In a group, presses of Undo and Delete by others leave the posts; those of the author delete them once."""
    [bot] = here.p.bots(here.app)
    dialog, posts = here.p.make_chat(OLGA, ANNA, BORIS, CLARA, bot.id), here.p.emulator.world.feed.posts
    boris = here.p.person(BORIS)
    await boris.says("/post Cake at four", dialog=dialog)
    await here.quiet()
    undo = max(posts)
    for who in (OLGA, ANNA, CLARA):
        await here.p.person(who).presses("Undo", dialog=dialog)
    await here.quiet()
    assert undo in posts
    for _ in range(3):
        await boris.presses("Undo", dialog=dialog)
    await here.quiet()
    assert undo not in posts
    gone = await boris.posts("Wrong numbers")
    await boris.says(f"/delete {gone}", dialog=dialog)
    await here.quiet()
    for who in (OLGA, ANNA, CLARA):
        await here.p.person(who).presses(f"Delete post {gone}", dialog=dialog)
    await here.quiet()
    assert gone in posts
    for _ in range(3):
        await boris.presses(f"Delete post {gone}", dialog=dialog)
    await here.quiet()
    assert gone not in posts
    assert len(here.p.calls("log.blogpost.delete", ok=False)) == 0
    said = [row.text for row in boris.reads(dialog=dialog) if row.author == bot.id]
    assert f"Post {gone} is deleted." in said


RECIPIENTS = ("UA", "DR3", "SG7", "SG9", f"U{BORIS}", f"U{GUSTAV}")
"""Everybody, a department, a workgroup with an extranet user, one that is not there, an employee, the extranet user."""


@pytest.mark.parametrize("code", RECIPIENTS)
@pytest.mark.parametrize("role", ROLES)
async def test_publishing(here: InProcess, role: str, code: str) -> None:
    """A post comes into the feed through the bot exactly if the person may write to the recipients by hand."""
    who, world = ROLES[role], here.p.emulator.world
    may = rights.may_address(world, code, world.people.users[who])
    before = set(world.feed.posts)
    person, dialog = here.p.person(who), here.p.bot_dialog(here.app)
    asked = await person.says(f"/post to:{code} Written by {role}", dialog=dialog)
    await here.quiet()
    made = [world.feed.posts[number] for number in set(world.feed.posts) - before]
    said = [row.text for row in person.reads(dialog=dialog) if row.id > asked]
    assert [(post.author, post.dest) for post in made] == ([(who, (code,))] if may else []), said
    assert said


@pytest.mark.parametrize("dest", DEST)
@pytest.mark.parametrize("code", ["DR3", f"U{CLARA}"])
@pytest.mark.parametrize("role", ROLES)
async def test_sharing(here: InProcess, role: str, code: str, dest: str) -> None:
    """More people get a post through the bot exactly if the person may change its recipients by hand."""
    who, post = ROLES[role], await posted(here, DEST[dest])
    world = here.p.emulator.world
    author = world.people.users[who]
    may = rights.may_change_post(post, author) and rights.may_address(world, code, author)
    seen = await acting(here, who, post, f"/share {post.id} to:{code}")
    assert seen.post
    assert set(seen.post.dest) == ({*post.dest, code} if may else set(post.dest)), seen.answers
    assert SECRET not in seen.answers
