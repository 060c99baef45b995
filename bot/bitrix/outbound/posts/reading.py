"""Reads parts of a person's feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.rows import rows_of
from bot.bitrix.walk import PAGE
from bot.model.events import PostId
from bot.model.records import FeedPart, Post

PAGES = 4
"""How many pages of a person's feed one request reads; an answer has about ten kilobytes for each post."""
SEEN_AT_ONCE = PAGES * PAGE
"""How many posts these pages have."""


def pages(start: int) -> list[Call]:
    """Return the calls that read the next part of a feed, which begins at post `start` (counted from 0)."""
    starts = range(start, start + SEEN_AT_ONCE, PAGE)
    return [Call(method="log.blogpost.get", params={"start": one}) for one in starts]


def part(items: Sequence[answers.Item], start: int, posts: Sequence[Post]) -> FeedPart:
    """Return the part of a feed that the answers of `pages` contain; `posts` are the posts in them, in order.

    A post that moved to a later page while the pages were read is included once.
    """
    unique = tuple({post.id: post for post in posts}.values())
    goes_on = items[-1].next > start
    return FeedPart(posts=unique, next=start + SEEN_AT_ONCE if goes_on else 0)


def of_code(code: str) -> Call:
    """Return the call that reads the latest posts for a department or group."""
    return Call(method="log.blogpost.get", params={"LOG_RIGHTS": [code], "LIMIT": calls.MOST_POSTS})


def numbers(item: answers.Item) -> frozenset[PostId]:
    """Return the ids of the posts in an answer; none if it was refused."""
    return frozenset(PostId(calls.number(row.get("ID"))) for row in rows_of(item.result))


def since(time: float, start: int) -> Call:
    """Return the call that reads a page of the newest posts in a feed since a time (unix seconds)."""
    date = datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")
    return Call(method="log.blogpost.get", params={"LOG_DATE_FROM": date, "start": start})
