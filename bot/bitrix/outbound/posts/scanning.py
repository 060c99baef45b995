"""Finds a post that was published for somebody else, by reading posts number by number.

The list of posts contains only those in the feed of the token's user, and the administrator may not be a recipient. But
an administrator may open every post by its number, and numbers grow.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from bot.bitrix import walk
from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.posts.earlier import Ask
from bot.bitrix.outbound.rows import post_of, rows_of
from bot.clock import Clock
from bot.errors import Refused
from bot.model.effects import Publish
from bot.model.records import Post

PAGES = 10
"""The most pages of the administrator's feed that are read to find a post from before."""
BEHIND = 50
"""How many numbers before that post are read too, because somebody may have changed its date."""
EMPTY = 2
"""After so many requests without any post, all numbers above are free."""
MOST_REQUESTS = 40
"""The most requests of fifty numbers each; then the post counts as not found, and nobody knows whether it is there."""


async def posts(ask: Ask, wanted: Publish, *, since: float, clock: Clock) -> list[int]:
    """Return the ids of posts with the author and the text of the effect, written since a time, newest first.

    `since` is in unix seconds on our clock.

    Raises:
        Refused: there are too many posts to read.
        PortalError, PortalDown: the portal did not answer.
    """
    first, since, newest = await _start(ask, since, clock)
    found: list[int] = []
    empty = 0
    for start in range(first, first + MOST_REQUESTS * calls.MOST_IN_A_BATCH, calls.MOST_IN_A_BATCH):
        read = [one async for one in _read(ask, start)]
        found += [one.id for one in read if _is_wanted(one, wanted) and _at(one) >= since]
        empty = 0 if read or start < newest else empty + 1
        if empty >= EMPTY:
            return sorted(found, reverse=True)
    raise Refused("", "too many posts were published since to read all of them")


async def _start(ask: Ask, since: float, clock: Clock) -> tuple[int, float, int]:
    """Return the first number to read, the time `since` on the portal's clock, and the highest number that is known.

    The first number is that of a post which is older than `since`, or a little below.
    """
    newest, start = 0, 0
    for page in range(PAGES):
        answer = await ask("log.blogpost.get", {"start": start} if start else {})
        since += walk.ahead(answer, clock.wall()) if page == 0 else 0.0
        read = [post for row in rows_of(answer.get("result")) if (post := post_of(row))]
        newest = max([newest, *(post.id for post in read)])
        older = [post.id for post in read if 0.0 < _at(post) < since]
        if older:
            return max(1, max(older) - BEHIND), since, newest
        following = answer.get("next")
        if not isinstance(following, int) or following <= start:
            return 1, since, newest  # the feed has nothing older
        start = following
    raise Refused("", "too many posts were published since to read all of them")


async def _read(ask: Ask, start: int) -> AsyncIterator[Post]:
    """Yield those of fifty posts that exist; `start` is the first number."""
    numbers = range(start, start + calls.MOST_IN_A_BATCH)
    asked = [Call(method="log.blogpost.get", params={"POST_ID": number}) for number in numbers]
    params, keys = calls.batch(asked, halt=False)
    for item in answers.items(await ask("batch", params), keys, [one.method for one in asked]):
        if item.error:
            raise item.error
        for row in rows_of(item.result):
            if post := post_of(row):
                yield post


def _is_wanted(post: Post, wanted: Publish) -> bool:
    """Check author and text; whitespace does not matter, because portals change line breaks."""
    return post.author == wanted.user and post.text.split() == wanted.text.split()


def _at(post: Post) -> float:
    try:
        return datetime.fromisoformat(post.date).timestamp()
    except ValueError:
        return 0.0
