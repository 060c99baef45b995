"""Who may see what: a post's content goes into a dialog only when everybody who reads there may read the post."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from bot.errors import PortalDown, PortalError
from bot.feed import post_text
from bot.framework.context import Context
from bot.model.events import Dialog, UserId
from bot.model.records import Follow, Post


class Reach(StrEnum):
    """How much of a post a dialog gets: everything a card shows, or nothing at all."""

    FULL = "full"
    WITHHELD = "withheld"


async def reach(ctx: Context, post: Post, dialog: Dialog) -> Reach:
    """FULL where every reader of the dialog may read the post. What cannot be found out counts as "may not"."""
    may = post.for_all and not await _has_extranet_users(ctx, dialog)
    if not may and dialog.isdigit():
        may = await _stands_in_feed(ctx, post, UserId(int(dialog)))
    elif not may and not post.for_all:
        may = await _all_receive(ctx, post, dialog)
    return Reach.FULL if may else Reach.WITHHELD


async def is_for_many(ctx: Context, post: Post) -> bool:
    """Whether a post goes to a department or group at least: of what goes to persons only nobody else is told."""
    with contextlib.suppress(PortalError, PortalDown):
        return post.for_all or await ctx.portal.goes_to_groups(post)
    return False


async def prepare(ctx: Context, post: Post, dialogs: Sequence[Dialog]) -> None:
    """Ask once for what `reach` will want to know of each dialog; what cannot be asked together it asks alone."""
    groups = [dialog for dialog in dialogs if not dialog.isdigit()]
    with contextlib.suppress(PortalError):
        if post.for_all and len(dialogs) > 1:
            await ctx.portal.meet(dialogs)
        elif len(groups) > 1 and not post.for_all and await is_for_many(ctx, post):
            await ctx.portal.members(groups)


def first_that_wants(follows: Iterable[Follow], post: Post, *, content: bool) -> Follow | None:
    """The oldest subscription that is about this post, see `wants`."""
    return next((follow for follow in follows if wants(follow, post, content=content)), None)


def wants(follow: Follow, post: Post, *, content: bool) -> bool:
    """Whether a subscription is about this post.

    `content` is whether its dialog may see the post's content: where it may not, a word filter finds nothing,
    because an answer to "is this word in it" would tell the content bit by bit.
    """
    kind, _, value = follow.topic.partition(":")
    if kind == "word":
        return content and _has_word(post_text.searched(post), value)
    if kind == "from":
        return value == str(post.author)
    return kind == "all" or (kind == "important" and post.important)


@functools.lru_cache(maxsize=256)
def _has_word(text: str, word: str) -> bool:
    """Whether a word of the text begins with this one: "launch" finds "launches", not "relaunch"."""
    return re.search(rf"(?<!\w){re.escape(word.casefold())}", text) is not None


async def _stands_in_feed(ctx: Context, post: Post, reader: UserId) -> bool:
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.stands_in_feed(post, reader)
    return False


async def _all_receive(ctx: Context, post: Post, dialog: Dialog) -> bool:
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.all_receive(post, dialog)
    return False


async def _has_extranet_users(ctx: Context, dialog: Dialog) -> bool:
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.has_extranet_users(dialog)
    return True
