"""The judge of who reads what finds each kind of planted fault, and reports nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from portal.engine.core import Actor
from portal.rules.feed import posts
from portal.rules.messenger import chats, messages
from portal.testing import RunningPortal, set_up
from portal.world.feed import Post
from tests.company import ADMIN, DEPARTMENTS, EMPLOYEES, EXTRANET_USERS, company
from tests.judging import FIRST_POST, Judge
from tests.memberships import RESTRICTED

ANN, BEN = EMPLOYEES[2], EMPLOYEES[8]
"""Ann owns the hidden group 32; Ben is not in it."""
HIDDEN = 32
TYPED = 10**9
"""The number of a typed message after which nobody else wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A portal with a silent bot, a judge, and a chat of Ann and Ben with the bot."""

    p: RunningPortal
    judge: Judge
    bot: int
    group: int

    def posted(self, *dest: str, words: str = "mk1x", by: int = ANN) -> Post:
        """Publish words."""
        emulator = self.p.emulator
        return posts.publish(
            emulator, emulator.world.people.users[by], posts.PostDraft(text=words, dest=dest), Actor(user=by)
        )

    def own(self, person: int) -> int:
        """Return the dialog of a person with the bot."""
        return chats.private_dialog(self.p.emulator, person, self.bot, Actor(user=person)).id

    async def says(self, text: str, *, chat: int = 0, by: int = 0) -> int:
        """Write a message as the bot or a person, and let the judge read it."""
        draft = messages.MessageDraft(author=by or self.bot, chat=chat or self.group, text=text, uninvited=True)
        made = messages.write(self.p.emulator, draft, Actor(user=by or self.bot))
        await asyncio.sleep(0)  # the judge looks when the call that wrote it has ended
        return made.id

    def kinds(self) -> list[str]:
        """Return the kinds of the findings."""
        return sorted(self.judge.by_kind())


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    """Give such a scene."""
    async with set_up(seed=company()) as setup:
        emulator, bot = setup.p.emulator, await setup.v2_bot()
        emulator.world.taken("post", FIRST_POST)
        chat = chats.create(emulator, Actor(user=ANN), title="Two", members=[BEN, bot])
        judge = Judge(emulator=emulator, bot=bot)
        yield Scene(p=setup.p, judge=judge, bot=bot, group=chat.id)


def link(post: Post) -> str:
    """Return the address of a post, which has its author's id."""
    return f"http://portal/company/personal/user/{post.author}/blog/{post.id}/"


async def test_public_content_is_no_finding(scene: Scene) -> None:
    """A post for all in a chat of employees, its link, and a visible group's name are all right."""
    post = scene.posted("UA")
    await scene.says(f"mk1x {link(post)} harbour hg0x")
    scene.judge.settled(checked=True)
    assert scene.judge.reads >= 4
    assert scene.kinds() == []


async def test_forbidden_content_is_found_even_if_it_is_removed_at_once(scene: Scene) -> None:
    """Words of a post in a message are found even when the bot takes them back at once."""
    scene.posted(f"SG{HIDDEN}", words="mk1x")
    number = await scene.says("mk1x")
    assert scene.kinds() == ["content"]
    (found,) = scene.judge.findings.values()
    assert (found.reader, found.message) == (BEN, number)


async def test_content_that_stays_after_narrowing_is_found(scene: Scene) -> None:
    """Words are found after the post was narrowed, but not at the moment of the change."""
    post = scene.posted("UA")
    await scene.says("mk1x")
    posts.change(scene.p.emulator, post, Actor(user=ANN), dest=(f"U{ANN}",))
    await scene.says("mk1x")
    assert scene.kinds() == []
    scene.judge.settled()
    assert scene.kinds() == ["content"]


async def test_content_that_a_new_member_reads_is_found(scene: Scene) -> None:
    """A member who joins with the history reads old cards; a member who joins without it does not."""
    scene.posted("UA")
    await scene.says("mk1x")
    chat = scene.p.emulator.world.messenger.chats[scene.group]
    chats.join(scene.p.emulator, chat, [EXTRANET_USERS[0]], Actor(user=ANN), history=False)
    scene.judge.settled()
    assert scene.kinds() == []
    chat = scene.p.emulator.world.messenger.chats[scene.group]
    chats.join(scene.p.emulator, chat, [EXTRANET_USERS[1]], Actor(user=ANN))
    scene.judge.settled()
    assert {row.reader for row in scene.judge.findings.values()} == {EXTRANET_USERS[1]}


async def test_content_after_a_department_change_is_found_late(scene: Scene) -> None:
    """The portal reports no department change, so it is found only after the next check of the service."""
    users = scene.p.emulator.world.people.users
    department = users[BEN].departments[0]
    scene.posted(f"DR{department}", by=ADMIN)
    await scene.says("mk1x", chat=scene.own(BEN))
    users[BEN] = replace(users[BEN], departments=(1,))
    scene.judge.people_changed()
    scene.judge.settled()
    assert scene.kinds() == []
    scene.judge.settled(checked=True)
    assert scene.kinds() == ["content"]


async def test_a_department_left_between_two_checks_is_found_late(scene: Scene) -> None:
    """Who came into a department and left it since the last check counts as a reader until the next one."""
    users = scene.p.emulator.world.people.users
    before, between = (
        users[BEN].departments,
        (next(one for one in DEPARTMENTS[1:] if one not in users[BEN].departments),),
    )
    scene.posted(f"DR{between[0]}", by=ADMIN)
    for departments in (between, before):
        users[BEN] = replace(users[BEN], departments=departments)
        scene.judge.people_changed()
    await scene.says("mk1x", chat=scene.own(BEN))
    scene.judge.settled()
    assert scene.kinds() == []
    scene.judge.settled(checked=True)
    assert scene.kinds() == ["content"]


@pytest.mark.parametrize(("newer", "kinds"), [(RESTRICTED - 1, ["content"]), (RESTRICTED, [])])
async def test_a_check_reads_only_the_newest_restricted_posts(scene: Scene, newer: int, kinds: list[str]) -> None:
    """After a check, who left a workgroup counts as no reader of the newest fifty restricted posts."""
    people = scene.p.emulator.world.people
    people.groups[HIDDEN] = replace(people.groups[HIDDEN], members=(ANN, BEN))
    scene.judge.people_changed()
    scene.posted(f"SG{HIDDEN}")
    await scene.says("mk1x")
    for number in range(newer):
        scene.posted(f"SG{HIDDEN}", words=f"mk{number + 2}x")
    people.groups[HIDDEN] = replace(people.groups[HIDDEN], members=(ANN,))
    scene.judge.people_changed()
    scene.judge.settled(checked=True)
    assert scene.kinds() == kinds


@pytest.mark.parametrize(
    ("seconds", "follows", "kinds"),
    [(29, False, []), (31, False, ["content"]), (1, True, ["content"])],
    ids=["at once", "after half a minute", "in a chat that follows"],
)
async def test_a_new_member_counts_after_the_next_check_of_the_chat(
    scene: Scene, seconds: int, *, follows: bool, kinds: list[str]
) -> None:
    """A chat that follows nothing is checked with a post's event, half a minute after its last check."""
    now = 1000.0
    scene.judge.new_members.clock = lambda: now
    scene.judge.hearing |= {scene.group} if follows else set()
    scene.posted("UA")
    await scene.says("mk1x")
    chat = scene.p.emulator.world.messenger.chats[scene.group]
    scene.judge.new_members.came(chat.id, EXTRANET_USERS[0])
    chats.join(scene.p.emulator, chat, [EXTRANET_USERS[0]], Actor(user=ANN))
    now += seconds
    scene.judge.settled()
    assert scene.kinds() == (kinds if follows else [])
    scene.posted("UA", words="mk2x")
    scene.judge.settled()
    assert scene.kinds() == kinds


async def test_a_name_in_an_own_dialog_is_judged_when_it_is_written(scene: Scene) -> None:
    """A person who leaves a hidden workgroup keeps the answers that named it, but gets no new one."""
    groups, own = scene.p.emulator.world.people.groups, scene.own(BEN)
    groups[HIDDEN] = replace(groups[HIDDEN], members=(ANN, BEN))
    await scene.says("Which one? velvet hg2x", chat=own)
    groups[HIDDEN] = replace(groups[HIDDEN], members=(ANN,))
    scene.judge.settled(checked=True)
    assert scene.kinds() == []
    await scene.says("Which one? velvet hg2x", chat=own)
    assert scene.kinds() == ["name"]


@pytest.mark.parametrize(("name", "kinds"), [("harbour hg0x", []), ("velvet hg2x", ["name"])])
async def test_a_name_that_stands_in_a_group_is_found_if_it_is_hidden(
    scene: Scene, name: str, kinds: list[str]
) -> None:
    """Who is added to a group with its history may read the names that all employees know, but no hidden one."""
    groups = scene.p.emulator.world.people.groups
    groups[HIDDEN] = replace(groups[HIDDEN], members=(ANN, BEN))
    await scene.says(f"Which one? {name}")
    chat = scene.p.emulator.world.messenger.chats[scene.group]
    chats.join(scene.p.emulator, chat, [EXTRANET_USERS[4]], Actor(user=ANN))
    scene.judge.settled(checked=True)
    assert scene.kinds() == kinds


async def test_the_name_of_a_hidden_group_is_found(scene: Scene) -> None:
    """A hidden group's name in a chat with a user who is no member is a finding."""
    await scene.says("Published for velvet hg2x")
    assert scene.kinds() == ["name"]


@pytest.mark.parametrize(
    ("dest", "said", "own", "kinds"),
    [
        (f"SG{HIDDEN}", link, False, ["author"]),
        (f"SG{HIDDEN}", lambda post: f"post {post.id}", False, []),
        (f"U{ANN}", lambda post: f"post {post.id}", False, ["personal"]),
        (f"U{ANN}", link, False, ["author", "personal"]),
        (f"SG{HIDDEN}", lambda post: f"post {post.id}", True, ["private"]),
        (f"U{ANN}", link, True, ["private"]),
    ],
)
async def test_mentions_of_a_restricted_post_are_judged(
    scene: Scene, dest: str, said: Callable[[Post], str], *, own: bool, kinds: list[str]
) -> None:
    """A group may be told of a restricted post without its author's id, but of no personal one; a person of none."""
    post = scene.posted(dest)
    await scene.says(said(post), chat=scene.own(BEN) if own else 0)
    assert scene.kinds() == kinds


async def test_a_post_outside_of_an_administrators_feed_is_found(scene: Scene) -> None:
    """An administrator may open every post, but is shown only posts of their own feed."""
    scene.posted(f"U{BEN}")
    await scene.says("mk1x", chat=scene.own(ADMIN))
    assert scene.kinds() == ["pushed"]


@pytest.mark.parametrize("fate", ["deleted", "stale"])
async def test_outdated_content_is_found(scene: Scene, fate: str) -> None:
    """Words of a deleted post, and words that an edit removed, are findings."""
    post = scene.posted("UA")
    await scene.says("mk1x")
    if fate == "deleted":
        posts.delete(scene.p.emulator, post, Actor(user=ANN))
    else:
        posts.change(scene.p.emulator, post, Actor(user=ANN), text="mk2x", title="mk2x")
    scene.judge.settled()
    assert scene.kinds() == [fate]


async def test_words_typed_in_a_chat_may_be_repeated_there(scene: Scene) -> None:
    """The bot may repeat words and numbers that a person wrote into the same chat, but no author's number."""
    post = scene.posted(f"SG{HIDDEN}")
    await scene.says(f"/share {post.id} mk1x", by=BEN)
    await scene.says(f"You cannot share {post.id}.")
    await scene.says("mk1x")
    assert scene.kinds() == []
    await scene.says(f"Here: {link(post)}")
    assert scene.kinds() == ["author"]


async def test_a_command_in_a_chat_may_name_its_author(scene: Scene) -> None:
    """Who publishes by a command tells the chat whose post it is; words of a later version stay a secret."""
    post = scene.posted(f"SG{HIDDEN}")
    await scene.says("/post to:velvet mk1x", by=ANN)
    await scene.says(f"Published: {link(post)}")
    assert scene.kinds() == []
    posts.change(scene.p.emulator, post, Actor(user=ANN), text="mk2x", title="mk2x")
    await scene.says("mk2x")
    assert scene.kinds() == ["content"]


async def test_a_number_typed_elsewhere_may_be_repeated_in_private(scene: Scene) -> None:
    """An answer in the asker's own dialog may name the number that they typed in another chat, to nobody else."""
    post = scene.posted(f"SG{HIDDEN}")
    own, other = scene.own(BEN), scene.own(EMPLOYEES[9])
    await scene.says(f"/share {post.id} to:all", by=BEN)
    await scene.says(f"There is no post {post.id}.", chat=own)
    assert scene.kinds() == []
    await scene.says(f"There is no post {post.id}.", chat=other)
    assert scene.kinds() == ["private"]


async def test_a_post_for_all_is_withheld(scene: Scene) -> None:
    """A following chat of employees lacks a post for all until it shows its words."""
    scene.judge.follows(scene.group)
    scene.posted("UA")
    scene.judge.withheld()
    assert scene.kinds() == ["withheld"]
    scene.judge.findings.clear()
    await scene.says("mk1x")
    scene.judge.withheld()
    assert scene.kinds() == []


async def test_a_missing_answer_is_found(scene: Scene) -> None:
    """It is a finding if the bot writes nothing in the chat and nothing in the user's own dialog."""
    scene.judge.answered(ANN, scene.group, "/help", since=len(scene.judge.written), typed=TYPED)
    assert scene.kinds() == ["unanswered"]


async def test_a_card_is_no_answer(scene: Scene) -> None:
    """In a chat that follows posts, another post's card does not count as the answer to a command."""
    scene.judge.follows(scene.group)
    scene.posted("UA")
    since = len(scene.judge.written)
    await scene.says("mk1x")
    scene.judge.answered(ANN, scene.group, "/post mk2x", since=since, typed=TYPED)
    assert scene.kinds() == ["unanswered"]


async def test_the_card_of_a_published_post_is_an_answer(scene: Scene) -> None:
    """The confirmation of /post shows the published post, also in a chat that follows posts."""
    scene.judge.follows(scene.group)
    scene.posted("UA")
    since = len(scene.judge.written)
    await scene.says("mk1x")
    scene.judge.answered(ANN, scene.group, "/post mk1x", since=since, typed=TYPED)
    assert scene.kinds() == []


async def test_the_card_of_a_shared_post_is_an_answer(scene: Scene) -> None:
    """/share to:here shows the post whose number was typed."""
    scene.judge.follows(scene.group)
    post = scene.posted("UA")
    since = len(scene.judge.written)
    await scene.says("mk1x")
    scene.judge.answered(ANN, scene.group, f"/share {post.id} to:here", since=since, typed=TYPED)
    assert scene.kinds() == []


async def test_a_system_message_of_the_bot_is_an_answer(scene: Scene) -> None:
    """Where the bot is no member the portal writes its answer as a system message that names it."""
    since = len(scene.judge.written)
    draft = messages.MessageDraft(
        chat=scene.group, text=f"[USER={scene.bot}]Bot[/USER] Published.", author=0, system=True, uninvited=True
    )
    messages.write(scene.p.emulator, draft, Actor(user=ANN))
    await asyncio.sleep(0)
    scene.judge.answered(ANN, scene.group, "/post hello", since=since, typed=TYPED)
    assert scene.kinds() == []


async def test_a_card_in_the_users_name_is_an_answer(scene: Scene) -> None:
    """/share to:here in a chat without the bot sends the card as a message of the person who asked."""
    typed = await scene.says("/share 1 to:here", by=ANN)
    scene.judge.answered(ANN, scene.group, "/share 1 to:here", since=0, typed=typed)
    assert scene.kinds() == ["unanswered"]
    scene.judge.findings.clear()
    await scene.says("A post", by=ANN)
    scene.judge.answered(ANN, scene.group, "/share 1 to:here", since=0, typed=typed)
    assert scene.kinds() == []


@pytest.mark.parametrize("own", [False, True])
async def test_an_answer_to_the_right_user_is_accepted(scene: Scene, *, own: bool) -> None:
    """An answer in the chat, or in the user's own dialog with the bot, is accepted."""
    chat = scene.own(ANN) if own else scene.group
    since = len(scene.judge.written)
    await scene.says("Published.", chat=chat)
    scene.judge.answered(ANN, scene.group, "/post hello", since=since, typed=TYPED)
    assert scene.kinds() == []


async def test_an_answer_to_another_user_is_found(scene: Scene) -> None:
    """It is a finding if the answer is in a colleague's dialog, and the user who asked gets none."""
    chat = scene.own(BEN)
    since = len(scene.judge.written)
    await scene.says("Published.", chat=chat)
    scene.judge.answered(ANN, scene.group, "/post hello", since=since, typed=TYPED)
    assert scene.kinds() == ["strayed", "unanswered"]


async def test_the_summary_counts_findings_by_kind(scene: Scene) -> None:
    """It counts posts, messages, reads and findings by kind."""
    scene.posted(f"SG{HIDDEN}")
    await scene.says("mk1x")
    assert scene.judge.summary() == "1 posts, 1 messages of the bot, 2 reads judged; findings: content 1"
