"""Publish, change, share, delete and comment posts of the News Feed (reference: behaviour 7)."""

import re
from dataclasses import dataclass, replace
from typing import Any

from portal.engine.core import Actor, Portal
from portal.errors import Refused
from portal.events import feed as events
from portal.rules import rights
from portal.rules.feed import email_users
from portal.world.feed import Comment, Gratitude, Poll, Post
from portal.world.messenger import File
from portal.world.people import User

ADD_ERROR = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR"
TITLE_LENGTH = 100
"""Longest title that is made from the text; the real number is not documented."""

_TAG = re.compile(r"\[/?[a-z*]+(?:=[^\]]*)?\]", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s\[\]<>\"]+")
_HASH = re.compile(r"(?<!\S)#([^\s#\[\],.;:!?]{1,100})")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDraft:
    """The content of a new post."""

    text: str
    title: str = ""
    dest: tuple[str, ...] | None = None
    important: bool = False
    important_until: float | None = None
    tags: tuple[str, ...] = ()
    background: str = ""
    files: tuple[File, ...] = ()
    gratitude: Gratitude | None = None
    poll: Poll | None = None
    preview: bool = False
    extra: dict[str, Any] | None = None


def without_bb_code(text: str) -> str:
    """Return a text without its BB codes."""
    return _TAG.sub("", text)


def make_title(text: str) -> str:
    """Return a title for a post without one: the beginning of its text."""
    return " ".join(without_bb_code(text).split())[:TITLE_LENGTH].rstrip()


def first_address(text: str) -> str:
    """Return the first web address of a text, or an empty text; the post shows a preview of it."""
    found = _ADDRESS.search(text)
    return found[0] if found else ""


def publish(portal: Portal, author: User, post_draft: PostDraft, actor: Actor, *, judged: User | None = None) -> Post:
    """Publish a post and send the event.

    Raise Refused when the text is empty or the author may not address any of the recipients. With `judged`, the rights
    of that user count instead of the author's.
    """
    if not post_draft.text.strip():
        raise Refused(ADD_ERROR, "Blog post hasn't been added")
    dest = allowed_recipients(portal, judged or author, post_draft.dest)
    if not dest:
        raise Refused(ADD_ERROR, "No destination specified")
    now = portal.clock.now()
    hashes = tuple(_HASH.findall(without_bb_code(post_draft.text)))
    post = Post(
        id=portal.world.next_id("post"),
        log=portal.world.next_id("log"),
        author=author.id,
        title=post_draft.title or make_title(post_draft.text),
        text=post_draft.text,
        dest=dest,
        date=now,
        touched=now,
        micro=not post_draft.title,
        important=post_draft.important,
        important_until=post_draft.important_until,
        tags=tuple(dict.fromkeys((*post_draft.tags, *hashes))),
        background=post_draft.background,
        files=post_draft.files,
        gratitude=post_draft.gratitude,
        poll=post_draft.poll,
        preview=first_address(post_draft.text) if post_draft.preview else "",
        extra=post_draft.extra or {},
    )
    _store(portal, post)
    events.send_post_event(portal, "ONLIVEFEEDPOSTADD", post.id, actor)
    return post


def allowed_recipients(portal: Portal, author: User, dest: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return those recipient codes that the author may address; None means all employees."""
    given = ("UA",) if dest is None else dest
    codes = dict.fromkeys(email_users.resolve(portal, code, author).strip().upper() for code in given)
    return tuple(code for code in codes if rights.may_address(portal.world, code, author))


def change(portal: Portal, post: Post, actor: Actor, **values: Any) -> Post:
    """Change the given fields of a post and send the event."""
    new = replace(post, **values, edited=True, touched=portal.clock.now())
    _store(portal, new)
    events.send_post_event(portal, "ONLIVEFEEDPOSTUPDATE", post.id, actor)
    return new


def share(portal: Portal, post: Post, user: User, codes: tuple[str, ...]) -> Post:
    """Add recipients to a post and return the changed post.

    This adds a comment to the post and sends no event (behaviour 7.5).
    """
    new = tuple(code for code in codes if code not in post.dest)
    if not new:
        return post
    now = portal.clock.now()
    # Bitrix24 shows the new recipients in a comment, and sends no event about it.
    comment = Comment(id=portal.world.next_id("comment"), post=post.id, author=user.id, text="", date=now, shared=new)
    portal.world.feed.comments[comment.id] = comment
    return _store(portal, replace(post, dest=(*post.dest, *new), touched=now))


def vote(portal: Portal, post: Post, user: User, answers: dict[int, list[int]]) -> Post:
    """Replace a person's answers to the poll of a post, and return the changed post.

    `answers` maps questions to selected answers, both counted from 0.
    """
    poll = post.poll
    if poll is None:
        return post
    kept = tuple(row for row in poll.votes if row[0] != user.id)
    new = tuple(
        (user.id, index, answer)
        for index, question in enumerate(poll.questions)
        # A question without `many` keeps only the first selected answer.
        for answer in sorted(set(answers.get(index, ())))[: None if question.many else 1]
        if 0 <= answer < len(question.answers)
    )
    return _store(portal, replace(post, poll=replace(poll, votes=(*kept, *new))))


def delete(portal: Portal, post: Post, actor: Actor) -> None:
    """Delete a post with its comments, and send the event."""
    portal.world.feed.delete(post.id)
    portal.hub.publish({"type": "feed", "post_id": post.id})
    events.send_post_event(portal, "ONLIVEFEEDPOSTDELETE", post.id, actor)


def comment(portal: Portal, post: Post, author: User, text: str, *, files: tuple[File, ...] = ()) -> Comment:
    """Add a comment to a post.

    The post moves up in the feed; no event is sent, except with the switch `update_on_comment`.
    """
    now = portal.clock.now()
    made = Comment(id=portal.world.next_id("comment"), post=post.id, author=author.id, text=text, date=now, files=files)
    portal.world.feed.comments[made.id] = made
    _store(portal, replace(post, touched=now))
    if portal.switches.update_on_comment:
        events.send_post_event(portal, "ONLIVEFEEDPOSTUPDATE", post.id, Actor(user=author.id))
    return made


def delete_comment(portal: Portal, comment: Comment) -> None:
    """Delete a comment."""
    del portal.world.feed.comments[comment.id]
    portal.hub.publish({"type": "feed", "post_id": comment.post})


def mark_read(portal: Portal, post: Post, user: User) -> Post:
    """Mark an important post as read by a person."""
    if user.id in post.readers:
        return post
    return _store(portal, replace(post, readers=(*post.readers, user.id)))


def _store(portal: Portal, post: Post) -> Post:
    portal.world.feed.posts[post.id] = post
    portal.hub.publish({"type": "feed", "post_id": post.id})
    return post
