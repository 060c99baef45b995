"""Finds what changed in a post by comparing digests; the text of a post is never stored."""

from __future__ import annotations

import functools
import hashlib
from enum import StrEnum

from bot.feed.post_text import heading
from bot.model.events import PostId, UserId
from bot.model.records import Post
from bot.model.state_changes import PostSeen


class Change(StrEnum):
    """A change that readers are told; the value is the end of the key of its sentence, `relay.<value>`."""

    TITLE = "title"
    TEXT = "text"
    BOTH = "title_and_text"
    IMPORTANT = "important"
    ORDINARY = "ordinary"
    SINCE = "since"
    """The card shows a version older than the last one, because it missed an edit."""


@functools.lru_cache(maxsize=128)
def text_digest(text: str) -> str:
    """Return a digest of a text; whitespace at line ends does not count."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def version(post: Post) -> str:
    """Return the fingerprint of what readers see of a post.

    That is its title, text and importance, if it is for everybody, and how many comments it has.
    """
    seen = f"{text_digest(post.title)} {text_digest(post.text)} {post.important:d} {post.for_all:d}"
    return text_digest(f"{seen} {post.comments}" if post.comments else seen)


def seen(post: Post) -> PostSeen:
    """Make the state change that stores a post as we read it.

    The title is stored as a digest too, because the portal may have cut it from a private text.
    """
    return PostSeen(
        post=post.id,
        author=post.author,
        version=version(post),
        title=text_digest(heading(post)),
        digest=text_digest(post.text),
        important=post.important,
        for_all=post.for_all,
    )


def never_seen(post: PostId) -> PostSeen:
    """Make the state change that stores a post that we have not read."""
    return PostSeen(post=post, author=UserId(0), version="", title="", digest="", important=False, for_all=False)


def compare(before: PostSeen, post: Post) -> tuple[Change, ...]:
    """Return what changed for readers since we read a post; empty if only its recipients changed."""
    title = before.title != text_digest(heading(post))
    text = before.digest != text_digest(post.text)
    found = [Change.BOTH] if title and text else [Change.TITLE] * title + [Change.TEXT] * text
    if before.important != post.important:
        found.append(Change.IMPORTANT if post.important else Change.ORDINARY)
    return tuple(found)
