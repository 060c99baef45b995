"""Decides whether a dialog may show a post's content, and which of its subscriptions match the post.

A dialog shows content only if everybody who reads there may read the post.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from bot.errors import PortalDown, PortalError
from bot.feed.subscriptions import rules
from bot.framework.context import Context
from bot.model.events import Dialog, UserId
from bot.model.records import Follow, Post


class Reach(StrEnum):
    """Says how much of a post a dialog may show: all of its content, or none."""

    FULL = "full"
    WITHHELD = "withheld"


async def reach(ctx: Context, post: Post, dialog: Dialog) -> Reach:
    """Return FULL if every reader of the dialog may read the post, else WITHHELD.

    If the portal does not answer, the reader counts as one who may not read the post.
    """
    may = post.for_all and not await _has_extranet_users(ctx, dialog)
    if not may and dialog.isdigit():
        may = await _is_in_feed_of(ctx, post, UserId(int(dialog)))
    elif not may and not post.for_all:
        may = await _all_receive(ctx, post, dialog)
    return Reach.FULL if may else Reach.WITHHELD


async def is_for_many(ctx: Context, post: Post) -> bool:
    """Check whether a post is for everybody, or for a department or workgroup; others are not mentioned in chats.

    False if the portal does not answer.
    """
    with contextlib.suppress(PortalError, PortalDown):
        return post.for_all or await ctx.portal.goes_to_groups(post)
    return False


async def prepare(ctx: Context, post: Post, dialogs: Sequence[Dialog]) -> None:
    """Read for all of these dialogs, in few requests, what `reach` needs to know about them.

    `reach` asks the portal later for everything that could not be read here.
    """
    groups = [dialog for dialog in dialogs if not dialog.isdigit()]
    with contextlib.suppress(PortalError):
        if post.for_all and len(dialogs) > 1:
            await ctx.portal.read_chats(dialogs)
        elif len(groups) > 1 and not post.for_all and await is_for_many(ctx, post):
            await ctx.portal.members(groups)


def first_that_wants(follows: Iterable[Follow], post: Post, *, content: bool) -> Follow | None:
    """Return the first of these subscriptions that matches a post; None if none does. `content` is as in `wants`."""
    return next((follow for follow in follows if wants(follow, post, content=content)), None)


def wants(follow: Follow, post: Post, *, content: bool) -> bool:
    """Check whether a subscription matches a post.

    `content` says whether the subscription's dialog may show the post's content. If it may not, a rule about words,
    tags or recipients never matches, because each match would reveal something of the post.
    """
    rule = rules.read(follow.topic)
    return (content or not rule.reveals) and rule.matches(post)


async def with_places(ctx: Context, post: Post, follows: Iterable[Follow]) -> Post:
    """Return a post with what the rules of these subscriptions need to know besides its text.

    These are the departments and groups among its recipients, of those that the rules name, and the tags with which we
    published it.

    Raises:
        PortalError, PortalDown: the portal did not answer.
    """
    wanted = [rules.read(follow.topic) for follow in follows]
    codes = sorted({code for rule in wanted for code in (*rule.places, *rule.not_places)})
    if codes:
        post = replace(post, places=await ctx.portal.addressed(post, codes))
    if any(rule.tags or rule.not_tags for rule in wanted):
        made = await ctx.memory.publications(post.id, 0)
        post = replace(post, tags=tuple(tag for effect in made for tag in effect.tags))
    return post


async def _is_in_feed_of(ctx: Context, post: Post, reader: UserId) -> bool:
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.is_in_feed_of(post, reader)
    return False


async def _all_receive(ctx: Context, post: Post, dialog: Dialog) -> bool:
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.all_receive(post, dialog)
    return False


async def _has_extranet_users(ctx: Context, dialog: Dialog) -> bool:
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.has_extranet_users(dialog)
    return True
