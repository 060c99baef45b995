"""Finds out whether an earlier attempt has changed, deleted or commented on a post."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from bot.bitrix import walk
from bot.bitrix.outbound import calls
from bot.bitrix.outbound.rows import post_of
from bot.clock import Clock
from bot.errors import POST_OVERTAKEN, Refused
from bot.model.effects import ChangePost, CommentOnPost, DeletePost
from bot.model.events import PostId, UserId
from bot.model.records import Post
from bot.texts import fingerprints

MOST_COMMENTS = 100
"""The most comments in an answer of log.blogcomment.user.get (reference: LIMIT)."""

Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Calls a method with the token of the effect, and returns the whole answer."""
Row = dict[str, Any]


async def change(ask: Ask, wanted: ChangePost) -> int | None:
    """Return the id of the post if it has the wanted content; None if it has the content from before.

    Also None if it cannot be read: another attempt then gets the portal's reason.

    Raises:
        Refused: the post has a third content, which another attempt would overwrite.
    """
    post = await _read(ask, wanted.post)
    if post is None:
        return None
    now = fingerprints.of(post.title, post.text if wanted.text else "")
    if now == fingerprints.of(wanted.title, wanted.text):
        return post.id
    if now == wanted.before:
        return None
    raise Refused(POST_OVERTAKEN, "somebody else has changed the post")


async def deletion(ask: Ask, wanted: DeletePost) -> int | None:
    """Return the id of a post that its author can no longer read, because it is deleted; None if it is still there."""
    return None if await _read(ask, wanted.post) else wanted.post


async def comments(ask: Ask, wanted: CommentOnPost, *, since: float, clock: Clock) -> list[int]:
    """Return the ids of the user's comments on the post with the same text, written since a time (unix seconds).

    The list of a person's comments names feed entries instead of posts, so the post of each entry is read too.
    """
    rows = await _own_comments(ask, wanted.user, since=since, clock=clock)
    same = [row for row in rows if fingerprints.of(str(row.get("text") or "")) == fingerprints.of(wanted.text)]
    return [calls.number(row.get("id")) for row in same if await _is_on(ask, wanted.post, row)]


async def _own_comments(ask: Ask, user: UserId, *, since: float, clock: Clock) -> list[Row]:
    """Return a person's comments since a time (unix seconds on our clock), newest first."""
    found: list[Row] = []
    params: dict[str, Any] = {"USER_ID": user, "LIMIT": MOST_COMMENTS}
    while True:
        answer = await ask("log.blogcomment.user.get", params)
        if not found:
            since += walk.ahead(answer, clock.wall())
        rows = _comments_of(answer)
        found += [row for row in rows if _at(row) >= since]
        oldest = min((calls.number(row.get("id")) for row in rows), default=0)
        if len(rows) < MOST_COMMENTS or any(_at(row) < since for row in rows) or params.get("LAST_ID") == oldest:
            return sorted(found, key=lambda row: -calls.number(row.get("id")))
        params = params | {"LAST_ID": oldest}


async def _is_on(ask: Ask, post: PostId, comment: Row) -> bool:
    """Check whether a comment is on a post; False if the person's feed does not say.

    FIRST_ID and LAST_ID are ids of feed entries, so this reads one entry.
    """
    entry = calls.number(comment.get("log_id"))
    answer = await ask("log.blogpost.get", {"FIRST_ID": entry - 1, "LAST_ID": entry + 1, "LIMIT": 2})
    posts = [found for row in _list(answer.get("result")) if (found := post_of(row))]
    return [one.id for one in posts] == [post]


async def _read(ask: Ask, number: PostId) -> Post | None:
    answer = await ask("log.blogpost.get", {"POST_ID": number})
    posts = (found for row in _list(answer.get("result")) if (found := post_of(row)))
    return next((one for one in posts if one.id == number), None)


def _comments_of(answer: dict[str, Any]) -> list[Row]:
    result = answer.get("result")
    rows = _list(result.get("comments") if isinstance(result, dict) else None)
    return [row for row in rows if isinstance(row, dict) and calls.number(row.get("id"))]


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _at(row: Row) -> float:
    try:
        return datetime.fromisoformat(str(row.get("date"))).timestamp()
    except ValueError:
        return 0.0
