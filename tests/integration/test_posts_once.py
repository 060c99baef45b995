"""Changes, deletions and comments of posts happen exactly once, whatever becomes of the request."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.errors import POST_OVERTAKEN
from bot.model import effects, events
from bot.model.effects import Effect
from bot.model.events import Dialog, PostId, UserId
from bot.texts import fingerprints
from portal.world.feed import Post
from tests.outgoing import ANNA, BORIS, OLGA, Out, give, opened

LOST = ["cut_after", "cut", "html", "500"]
"""Faults after which nobody knows whether the portal has done it: it has, it has not, and two of either kind."""
TEXT = "We close at four."


def change(post: Post, text: str, *, title: str = "") -> effects.ChangePost:
    """Make a change of a post's text, as /edit makes it."""
    before = "" if post.micro else post.title
    return effects.ChangePost(
        dialog=Dialog("2"), user=ANNA, post=PostId(post.id), command="edit", written=text, text=text, title=title,
        before=fingerprints.of(before, post.text), report=True,
    )  # fmt: skip


def delete(post: Post, *, user: UserId = ANNA) -> effects.DeletePost:
    """Make a deletion of a post."""
    return effects.DeletePost(dialog=Dialog("2"), user=user, post=PostId(post.id), report=True)


def comment(post: Post, text: str, *, dialog: str = "2") -> effects.CommentOnPost:
    """Make a comment of Anna."""
    return effects.CommentOnPost(
        dialog=Dialog(dialog), user=ANNA, post=PostId(post.id), text=text, since=int(time.time()), report=True
    )


async def ends(out: Out) -> list[Any]:
    """Return the results that handlers will get, after everything was sent."""
    await out.sent()
    return await out.results()


def now(out: Out, post: Post) -> Post | None:
    """Return a post as it is in the feed; None if it is not there."""
    return out.p.emulator.world.feed.posts.get(post.id)


def comments(out: Out, post: Post) -> list[str]:
    """Return the texts of the comments on a post."""
    return [one.text for one in out.p.emulator.world.feed.comments_of(post.id)]


def done(found: Sequence[Any]) -> list[bool]:
    """Return which effects are reported as done."""
    return [isinstance(one, events.Done) for one in found]


# --- Changes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LOST)
async def test_a_change_happens_once(out: Out, kind: str) -> None:
    """The post is read; it is changed again only if it has the old text still, and keeps what is not named."""
    number = await out.p.person(ANNA).posts(TEXT, title="Friday", important=True, dest=["UA", "SG7"])
    post = out.p.emulator.world.feed.posts[number]
    out.p.faults({"method": "log.blogpost.update", "kind": kind, "times": 1})
    await out.want(change(post, "At five.", title="Friday"))
    assert done(await ends(out)) == [True]
    after = now(out, post)
    assert after
    assert (after.text, after.title, after.micro) == ("At five.", "Friday", False)
    assert (after.important, after.dest, after.files) == (True, post.dest, post.files)
    assert len(out.p.calls("log.blogpost.update", ok=True)) == 1
    assert len(out.p.calls("log.blogpost.get")) == 1


async def test_somebody_elses_change_is_not_written_over(out: Out) -> None:
    """If the post has a third text by then, it stays, and the user is told."""
    post = await out.p.publish(TEXT, by=ANNA)
    out.p.faults({"method": "log.blogpost.update", "kind": "cut", "times": 1})
    await out.want(change(post, "At five."))
    await out.until(lambda: out.p.calls("log.blogpost.update", ok=False))
    await out.p.person(OLGA).edits_post(post.id, text="At six.")
    [failed] = await ends(out)
    assert isinstance(failed, events.Failed)
    assert (failed.code, failed.outcome_unknown) == (POST_OVERTAKEN, True)
    after = now(out, post)
    assert after
    assert after.text == "At six."


async def test_two_changes_of_a_post_keep_their_order(out: Out) -> None:
    """The second change waits while the first one is tried again, also from another dialog."""
    post = await out.p.publish(TEXT, by=ANNA)
    out.p.faults({"method": "log.blogpost.update", "kind": "cut", "times": 2})
    first, second = change(post, "At five."), change(post, "At six.")
    await out.want(first, effects.ChangePost(**{**_fields(second), "dialog": "chat10", "before": _after(first)}))
    assert done(await ends(out)) == [True, True]
    after = now(out, post)
    assert after
    assert after.text == "At six."


def _fields(effect: Effect) -> dict[str, Any]:
    return {name: getattr(effect, name) for name in effect.__dataclass_fields__}


def _after(effect: effects.ChangePost) -> str:
    return fingerprints.of(effect.title, effect.text)


# --- Deletions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LOST)
async def test_a_deletion_happens_once(out: Out, kind: str) -> None:
    """The post is read; it is deleted again only if it is still there."""
    post = await out.p.publish(TEXT, by=ANNA)
    out.p.faults({"method": "log.blogpost.delete", "kind": kind, "times": 1})
    await out.want(delete(post))
    assert done(await ends(out)) == [True]
    assert now(out, post) is None
    assert len(out.p.calls("log.blogpost.delete", ok=True)) == 1


async def test_two_deletions_are_both_done(out: Out) -> None:
    """A post that is gone already is what the second one wants; that is no failure."""
    post = await out.p.publish(TEXT, by=ANNA)
    await out.want(delete(post), delete(post))
    assert done(await ends(out)) == [True, True]
    assert len(out.p.calls("log.blogpost.delete", ok=True)) == 1


async def test_somebody_elses_post_is_not_deleted(out: Out) -> None:
    """The portal refuses it with the token of the person, and that is reported."""
    post = await out.p.publish(TEXT, by=OLGA)
    await out.want(delete(post, user=BORIS))
    [failed] = await ends(out)
    assert isinstance(failed, events.Failed)
    assert (failed.code, failed.outcome_unknown) == ("403", False)
    assert now(out, post)


# --- Comments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LOST)
async def test_a_comment_is_written_once(out: Out, kind: str) -> None:
    """The person's comments are read; the comment is written again only if it is not there. Done has its id."""
    post = await out.p.publish(TEXT, by=OLGA)
    out.p.faults({"method": "log.blogcomment.add", "kind": kind, "times": 1})
    await out.want(comment(post, "Thanks"))
    [end] = await ends(out)
    assert isinstance(end, events.Done)
    [made] = out.p.emulator.world.feed.comments_of(post.id)
    assert (made.text, made.author, made.id) == ("Thanks", ANNA, end.result)
    assert len(out.p.calls("log.blogcomment.add", ok=True)) == 1


@pytest.mark.parametrize("kind", ["cut_after", "cut"])
async def test_the_same_words_under_another_post_are_not_taken(out: Out, kind: str) -> None:
    """A comment with the same text on another post, by hand and a moment ago, is not the one that is looked for."""
    post, other = await out.p.publish(TEXT, by=OLGA), await out.p.publish("Other news", by=OLGA)
    await out.p.person(ANNA).comments(other.id, "Thanks")
    out.p.faults({"method": "log.blogcomment.add", "kind": kind, "times": 1})
    await out.want(comment(post, "Thanks"))
    assert done(await ends(out)) == [True]
    assert (comments(out, post), comments(out, other)) == (["Thanks"], ["Thanks"])


async def test_a_comment_on_a_post_outside_of_the_feed(out: Out) -> None:
    """Where the feed does not name the post, the portal refuses the repeat, which then means that it is there."""
    post = await out.p.publish(TEXT, by=BORIS, dest=["U3"])
    wanted = effects.CommentOnPost(
        dialog=Dialog("1"), user=OLGA, post=PostId(post.id), text="Seen", since=int(time.time()), report=True
    )
    await give(out, OLGA)
    out.p.faults({"method": "log.blogcomment.add", "kind": "cut_after", "times": 1})
    await out.want(wanted)
    assert done(await ends(out)) == [True]
    assert comments(out, post) == ["Seen"]


async def test_a_repeated_comment_is_refused_with_a_reason(out: Out) -> None:
    """Without a lost answer, "Duplicate comment" is a refusal: the person has written exactly this before."""
    post = await out.p.publish(TEXT, by=OLGA)
    await out.want(comment(post, "Thanks"))
    await out.sent()
    await out.want(comment(post, "Thanks"))
    ok, failed = await ends(out)
    assert isinstance(ok, events.Done)
    assert isinstance(failed, events.Failed)
    assert failed.text == "Duplicate comment"


async def test_many_comments_are_read_back_to_the_time_of_the_request(out: Out) -> None:
    """More comments than an answer has are read in several answers."""
    post, busy = await out.p.publish(TEXT, by=OLGA), await out.p.publish("Busy", by=OLGA)
    out.p.faults({"method": "log.blogcomment.add", "kind": "cut_after", "times": 1})
    await out.want(comment(post, "Thanks"))
    await out.until(lambda: comments(out, post))
    for number in range(120):
        await out.p.person(ANNA).comments(busy.id, f"Comment {number}")
    assert done(await ends(out)) == [True]
    assert comments(out, post) == ["Thanks"]


# --- Crashes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("what", ["change", "delete", "comment"])
async def test_an_interrupted_action_is_looked_for_after_a_restart(
    tmp_path: Path,
    what: str,
    happened: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """After kill -9 between the request and its answer, the action has happened once."""
    async with opened(tmp_path, sends=False) as out:
        post = await out.p.publish(TEXT, by=ANNA)
        wanted = {"change": change(post, "At five."), "delete": delete(post), "comment": comment(post, "Thanks")}[what]
        await out.decide(wanted)
        await out.store.mark_sending(await out.waiting())
        anna = out.p.person(ANNA)
        if happened:
            match what:
                case "change":
                    await anna.edits_post(post.id, text="At five.")
                case "delete":
                    await anna.deletes_post(post.id)
                case _:
                    await anna.comments(post.id, "Thanks")
        out.send()
        assert done(await ends(out)) == [True]
        after = now(out, post)
        assert {
            "change": after is not None and after.text == "At five.",
            "delete": after is None,
            "comment": comments(out, post) == ["Thanks"],
        }[what]
        method = {"change": "update", "delete": "delete"}.get(what)
        name = f"log.blogpost.{method}" if method else "log.blogcomment.add"
        assert len(out.p.calls(name)) == (0 if happened else 1)
