"""What changed in a post, told from a fingerprint: its text is never kept."""

from __future__ import annotations

import functools
import hashlib
from enum import StrEnum

from bot.feed.post_text import heading
from bot.model.events import PostId, UserId
from bot.model.records import Post
from bot.model.state_changes import PostSeen


class Change(StrEnum):
    """A change that a reader cares about; the value ends the locale key `relay.<value>`."""

    TITLE = "title"
    TEXT = "text"
    BOTH = "title_and_text"
    IMPORTANT = "important"
    ORDINARY = "ordinary"
    SINCE = "since"
    """Something, before the first card stood: nobody here has read the older version."""


@functools.lru_cache(maxsize=128)
def mark(text: str) -> str:
    """A digest that tells one text from another and does not give the text back; spaces at line ends do not count."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def version(post: Post) -> str:
    """The fingerprint of all that a reader sees: title, text, importance and whether it is for everybody."""
    return mark(f"{mark(post.title)} {mark(post.text)} {post.important:d} {post.for_all:d}")


def seen(post: Post) -> PostSeen:
    """What we remember of a post; the title as a digest too, because the portal may cut it from a private text."""
    return PostSeen(
        post=post.id,
        author=post.author,
        version=version(post),
        title=mark(heading(post)),
        digest=mark(post.text),
        important=post.important,
        for_all=post.for_all,
    )


def never_seen(post: PostId) -> PostSeen:
    """What we remember of a post that we have not read: nobody followed, or it was gone by then."""
    return PostSeen(post=post, author=UserId(0), version="", title="", digest="", important=False, for_all=False)


def between(before: PostSeen, post: Post) -> tuple[Change, ...]:
    """What a reader would call changed; empty where only the audience, or nothing, is another."""
    title = before.title != mark(heading(post))
    text = before.digest != mark(post.text)
    found = [Change.BOTH] if title and text else [Change.TITLE] * title + [Change.TEXT] * text
    if before.important != post.important:
        found.append(Change.IMPORTANT if post.important else Change.ORDINARY)
    return tuple(found)
