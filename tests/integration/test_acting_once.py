"""What is done for people with an administrator's token happens exactly once, and only if they may do it by hand."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from bot.bitrix.outbound.posts import scanning
from bot.model import effects, events
from bot.model.acting import Hindrance
from bot.model.effects import ByUser, Content
from bot.model.events import Dialog, PostId, UserId
from bot.model.post_parts import Thanks
from bot.texts import fingerprints
from tests.outgoing import ANNA, BORIS, OLGA, Out

CLARA, ANNA_SCHMIDT, GUSTAV = UserId(4), UserId(5), UserId(6)
LOST = ["cut_after", "cut", "html", "500"]
"""Faults after which nobody knows whether the portal has done it: it has, it has not, and two of either kind."""
TEXT = "We close at four."
BEFORE = fingerprints.of("", TEXT)
ADD = "log.blogpost.add"


def publish(*dest: str, user: UserId = ANNA, text: str = TEXT, **more: Any) -> effects.Publish:
    """Make a post for a person whose token we do not have."""
    return effects.Publish(
        dialog=Dialog(str(user)), user=user, text=text, dest=list(dest or ("UA",)), report=True, acting=True,
        since=int(time.time()), **more,
    )  # fmt: skip


def acting(kind: str, post: PostId, *, user: UserId = ANNA) -> ByUser:
    """Make an action on a post, for a person whose token we do not have."""
    of: dict[str, Any] = {"dialog": Dialog(str(user)), "user": user, "post": post, "report": True, "acting": True}
    made: dict[str, ByUser] = {
        "change": effects.ChangePost(**of, command="edit", written="", text="At five.", before=BEFORE),
        "delete": effects.DeletePost(**of),
        "share": effects.Share(**of, dest=["DR3"]),
        "comment": effects.CommentOnPost(**of, text="Seen.", since=int(time.time())),
    }
    return made[kind]


async def ends(out: Out, *wanted: ByUser) -> list[Any]:
    """Send effects, and return the results that handlers will get."""
    await out.want(*wanted)
    await out.sent()
    return await out.results()


def by_hand(out: Out, kind: str, posts: Iterable[int]) -> bool:
    """Check whether an action was done once, as by the person's own hand."""
    feed = out.p.emulator.world.feed
    (number,) = posts
    if kind == "delete":
        return number not in feed.posts
    if kind == "comment":
        return [(one.author, one.text) for one in feed.comments_of(number)] == [(ANNA, "Seen.")]
    if kind == "share":
        shared = [one.author for one in feed.comments_of(number) if one.shared]
        return feed.posts[number].dest == ("SG7", "DR3") and shared == [ANNA]
    return feed.posts[number].text == "At five." and feed.posts[number].author == ANNA


@pytest.mark.parametrize("dest", ["UA", "SG7", f"U{BORIS}"])
@pytest.mark.parametrize("kind", LOST)
async def test_a_post_is_published_once(out: Out, kind: str, dest: str) -> None:
    """A lost answer: the post is found by its number, also where the administrator is no recipient."""
    out.p.faults({"method": "log.blogpost.add", "kind": kind, "times": 1})
    [end] = await ends(out, publish(dest))
    assert isinstance(end, events.Done)
    [made] = out.posts(TEXT)
    assert (made.id, made.author, made.dest) == (end.result, ANNA, (dest,))
    assert {call.user for call in out.p.calls("log.blogpost.add", ok=True)} == {OLGA}


async def test_equal_posts_are_counted(out: Out) -> None:
    """A post that Anna wrote by hand long ago, and one that was published for her just now, are not taken for it."""
    out.p.clock.advance(-86_400)
    await out.p.person(ANNA).posts(TEXT, dest=["SG7"])
    out.p.clock.advance(86_400)
    out.p.faults({"method": "log.blogpost.add", "kind": "cut", "times": 1})
    found = await ends(out, publish("SG7"), publish("SG7"))
    assert len({one.result for one in found if isinstance(one, events.Done)}) == 2
    assert len(out.posts(TEXT)) == 3


async def test_a_post_is_found_behind_many_others(out: Out) -> None:
    """Between the lost answer and the search, 180 posts were published, and the first of them are deleted."""
    others = out.p.person(BORIS)
    before = [await others.posts("Old news") for _ in range(3)]
    out.p.faults({"method": "log.blogpost.add", "kind": "cut_after", "times": 1})
    await out.decide(publish("SG7"))
    later = [await others.posts(f"News {number}", dest=["SG7"]) for number in range(180)]
    for number in (*before[:2], *later[:120]):
        await others.deletes_post(number)
    out.sender.wake.set()
    await out.sent()
    [end] = await out.results()
    assert isinstance(end, events.Done)
    assert [one.id for one in out.posts(TEXT)] == [end.result]


async def test_too_many_posts_to_look_through(out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the search ends before it has seen all posts, the post is not sent again, and the outcome is unknown."""
    monkeypatch.setattr(scanning, "MOST_REQUESTS", 1)
    out.p.faults({"method": "log.blogpost.add", "kind": "cut_after", "times": 1})
    [end] = await ends(out, publish("SG7"))
    assert isinstance(end, events.Failed)
    assert end.outcome_unknown
    assert len(out.posts(TEXT)) == 1


@pytest.mark.parametrize("action", ["change", "delete", "share", "comment"])
@pytest.mark.parametrize("kind", LOST)
async def test_what_is_done_to_a_post_happens_once(out: Out, kind: str, action: str) -> None:
    """A lost answer to a change, a deletion, a share or a comment of the post's author."""
    number = await out.p.person(ANNA).posts(TEXT, dest=["SG7"])
    method = {"comment": "log.blogcomment.add", "change": "log.blogpost.update"}.get(action, f"log.blogpost.{action}")
    out.p.faults({"method": method, "kind": kind, "times": 1})
    [end] = await ends(out, acting(action, PostId(number)))
    assert isinstance(end, events.Done), end
    assert by_hand(out, action, [number])


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        pytest.param(publish("UA", user=GUSTAV), Hindrance.RECIPIENTS, id="everybody, by an extranet user"),
        pytest.param(publish("DR3", user=GUSTAV), Hindrance.RECIPIENTS, id="a department, by an extranet user"),
        pytest.param(publish("SG8", user=GUSTAV), Hindrance.RECIPIENTS, id="a group, by an extranet user outside"),
        pytest.param(publish("U4", user=GUSTAV), Hindrance.RECIPIENTS, id="a person, by an extranet user outside"),
        pytest.param(publish("SG8"), Hindrance.RECIPIENTS, id="a group that one is not in"),
        pytest.param(publish("SG99"), Hindrance.RECIPIENTS, id="no group"),
        pytest.param(publish("DR99"), Hindrance.RECIPIENTS, id="no department"),
        pytest.param(publish("U99"), Hindrance.RECIPIENTS, id="nobody"),
        pytest.param(publish("UA", "SG8"), Hindrance.RECIPIENTS, id="one of two"),
        pytest.param(publish("UE1"), Hindrance.RECIPIENTS, id="another kind of code"),
        pytest.param(
            publish("SG7", user=GUSTAV, thanks=Thanks(medal="gift", people=(CLARA,))), Hindrance.RECIPIENTS,
            id="thanks to somebody unseen",
        ),
        pytest.param(publish("UA", user=UserId(99)), Hindrance.NO_PERSON, id="by nobody"),
    ],
)  # fmt: skip
async def test_what_a_person_may_not_is_not_done(out: Out, wanted: ByUser, why: str) -> None:
    """The portal checks the rights of the administrator here, so only our own check protects the recipients."""
    out.p.switch(posts_for_others="caller")
    [end] = await ends(out, wanted)
    assert isinstance(end, events.Failed)
    assert (end.code, end.outcome_unknown) == (why, False)
    assert not out.p.calls("log.blogpost.add")


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(publish("SG7", user=GUSTAV), id="a group of one's own, by an extranet user"),
        pytest.param(publish(f"U{ANNA}", user=GUSTAV), id="a person of one's group, by an extranet user"),
        pytest.param(publish("UA", "DR3", "SG7", f"U{BORIS}", f"U{GUSTAV}"), id="everything, by an employee"),
        pytest.param(publish("UA", thanks=Thanks(medal="gift", people=(CLARA,))), id="thanks"),
    ],
)
async def test_what_a_person_may_is_done(out: Out, wanted: effects.Publish) -> None:
    """Recipients to whom the person may write by hand get the post, in one request more than with their own token."""
    out.p.switch(posts_for_others="caller")
    before = len(out.requests())
    [end] = await ends(out, wanted)
    assert isinstance(end, events.Done)
    [made] = out.posts(TEXT)
    assert (made.author, made.dest) == (wanted.user, tuple(wanted.dest))
    outside = wanted.user == GUSTAV and "U2" in wanted.dest
    assert len(out.requests()) - before == (4 if outside else 2), out.requests()


async def test_many_recipients(out: Out) -> None:
    """Sixty workgroups, one with 130 members in three pages, and sixty people are judged in few requests."""
    people = out.p.emulator.world.people
    for number in range(100, 230):
        people.users[number] = replace(people.users[BORIS], id=number, first_name=f"Person {number}")
    for number in range(20, 80):
        people.groups[number] = replace(people.groups[7], id=number, members=(BORIS, ANNA), owner=BORIS)
    people.groups[20] = replace(people.groups[20], members=(BORIS, *range(100, 229), ANNA))
    out.p.switch(posts_for_others="caller")
    groups, persons = [f"SG{number}" for number in range(20, 80)], [f"U{number}" for number in range(100, 160)]
    before = len(out.requests())
    [end] = await ends(out, publish(*groups, *persons))
    assert isinstance(end, events.Done)
    assert len(out.requests()) - before <= 5, out.requests()
    people.groups[79] = replace(people.groups[79], members=(BORIS,))
    [_, end] = await ends(out, publish(*groups, *persons))
    assert isinstance(end, events.Failed)
    assert end.text.endswith("SG79")


@pytest.mark.parametrize("action", ["change", "delete", "share", "comment"])
async def test_only_the_author_changes_a_post(out: Out, action: str) -> None:
    """The portal lets an administrator change, share and delete every post; we only do it for the author."""
    number = await out.p.person(BORIS).posts(TEXT, dest=["SG7"])
    before = out.p.emulator.world.feed.posts[number]
    [end] = await ends(out, acting(action, PostId(number)))
    assert isinstance(end, events.Failed)
    assert end.code == (Hindrance.NOT_A_READER if action == "comment" else Hindrance.NOT_THE_AUTHOR)
    assert out.p.emulator.world.feed.posts[number] == before
    assert not out.p.emulator.world.feed.comments_of(number)


async def test_a_share_reaches_only_those_to_whom_the_author_may_write(out: Out) -> None:
    """Gustav shares his own post with a department, as he could not by hand."""
    number = await out.p.person(GUSTAV).posts(TEXT, dest=["SG7"])
    [end] = await ends(out, acting("share", PostId(number), user=GUSTAV))
    assert isinstance(end, events.Failed)
    assert end.code == Hindrance.RECIPIENTS
    assert out.p.emulator.world.feed.posts[number].dest == ("SG7",)


async def test_everybody_comments_on_a_post_for_everybody_but_not_an_extranet_user(out: Out) -> None:
    """Of other people's posts, we know only of those for everybody that an employee may read them."""
    number = PostId(await out.p.person(BORIS).posts(TEXT))
    found = await ends(out, acting("comment", number, user=CLARA), acting("comment", number, user=GUSTAV))
    codes = {(one.effect["user"], getattr(one, "code", "done")) for one in found}
    assert codes == {(CLARA, "done"), (GUSTAV, Hindrance.NOT_A_READER)}
    assert [one.author for one in out.p.emulator.world.feed.comments_of(number)] == [CLARA]


async def test_people_who_left_and_bots_get_nothing(out: Out) -> None:
    """A dismissed person, a bot and a mail user cannot write by hand, and nobody writes to a bot."""
    users = out.p.emulator.world.people.users
    users[CLARA] = replace(users[CLARA], active=False)
    users[ANNA_SCHMIDT] = replace(users[ANNA_SCHMIDT], mail=True)
    found = await ends(
        out, publish(user=CLARA), publish(user=UserId(out.bot)), publish(user=ANNA_SCHMIDT), publish(f"U{out.bot}")
    )
    codes = [(one.effect["user"], one.code) for one in found]
    gone = Hindrance.NO_PERSON
    expected = [(CLARA, gone), (out.bot, gone), (ANNA_SCHMIDT, gone), (ANNA, Hindrance.RECIPIENTS)]
    assert sorted(codes) == sorted(expected)
    assert not out.posts(TEXT)


async def test_the_archive_takes_no_posts(out: Out) -> None:
    """A workgroup in the archive is closed for its members too."""
    groups = out.p.emulator.world.people.groups
    groups[7] = replace(groups[7], closed=True)
    [end] = await ends(out, publish("SG7"))
    assert isinstance(end, events.Failed)
    assert end.code == Hindrance.RECIPIENTS


async def demote(out: Out) -> None:
    """Take the rights of an administrator from the user whose token the bot has."""
    users = out.p.emulator.world.people.users
    users[OLGA] = replace(users[OLGA], admin=False)


async def test_without_an_administrator_s_token_nothing_is_sent(out: Out) -> None:
    """The portal would publish the post under Olga's name, without an error; so it is not asked."""
    await demote(out)
    [end] = await ends(out, publish())
    assert isinstance(end, events.Failed)
    assert (end.code, end.outcome_unknown) == (Hindrance.NO_ADMINISTRATOR, False)
    assert not out.p.calls("log.blogpost.add")


async def test_an_administrator_who_is_demoted_meanwhile_cannot_look(out: Out) -> None:
    """After a lost answer nobody may read all posts any more: the outcome is unknown, and nothing is sent again."""
    out.p.faults({"method": "log.blogpost.add", "kind": "cut_after", "times": 1})
    await out.decide(publish("SG7"))
    out.sender.wake.set()
    await out.until(lambda: out.posts(TEXT))
    await demote(out)
    await out.sent()
    [end] = await out.results()
    assert isinstance(end, events.Failed)
    assert (end.code, end.outcome_unknown) == (Hindrance.NO_ADMINISTRATOR, True)
    assert len(out.posts(TEXT)) == 1


@pytest.mark.parametrize("promoted", [False, True], ids=["a colleague", "another administrator"])
async def test_another_token_is_never_used_instead(out: Out, *, promoted: bool) -> None:
    """The installer's token is refused: the bot may speak with another user's, but nothing is published with that."""
    users = out.p.emulator.world.people.users
    users[OLGA] = replace(users[OLGA], active=False)
    users[ANNA] = replace(users[ANNA], admin=promoted)
    await out.want(effects.Say(dialog=Dialog("2"), content=Content(text="The bot speaks with Anna's token now.")))
    await out.sent()
    [end] = await ends(out, publish(user=CLARA))
    assert isinstance(end, events.Failed)
    assert end.code == Hindrance.NO_ADMINISTRATOR
    assert not out.p.calls("log.blogpost.add")
    assert (await out.known()).speaker in (ANNA, BORIS)


async def test_an_expired_token_is_refreshed(out: Out) -> None:
    """The installer's token has expired, and so has the one from the refresh: both are no reason to give up."""
    out.p.faults({"method": "batch", "kind": "expired", "times": 3}, {"method": ADD, "kind": "expired", "times": 1})
    [end] = await ends(out, publish("SG7"))
    assert isinstance(end, events.Done)
    assert len(out.posts(TEXT)) == 1


async def test_a_portal_that_does_not_answer_the_check_is_asked_again(out: Out) -> None:
    """The questions about the person are cut: they are asked again, and the post is published without a search."""
    out.p.faults({"method": "profile", "kind": "cut", "times": 1}, {"method": "batch", "kind": "html", "times": 1})
    [end] = await ends(out, publish("SG7"))
    assert isinstance(end, events.Done)
    assert len(out.p.calls("log.blogpost.add")) == 1
    assert all("POST_ID" not in call.params for call in out.p.calls("log.blogpost.get"))
