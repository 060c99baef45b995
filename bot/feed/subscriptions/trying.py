"""Tries rules on posts that exist already: what would have come, and which rule brings a post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from bot.feed import post_text
from bot.feed.relay import cards
from bot.feed.subscriptions import rules
from bot.framework.context import Context
from bot.model.events import UserId
from bot.model.records import Follow, Post
from keyboards import bb

POSTS = 50
"""How many of the latest posts are tried."""
SHOWN = 10
"""How many posts that would have come are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A post, and the numbers of the subscriptions that match it, counted from 1."""

    post: Post
    numbers: tuple[int, ...]


async def latest(ctx: Context, follows: Sequence[Follow], *, reader: UserId) -> tuple[list[Match], int]:
    """Return which of the latest posts in the reader's feed the subscriptions match, and how many were tried.

    Raises:
        PortalError, PortalDown: the portal did not answer.
    """
    posts = list(islice((await ctx.portal.feed(reader)).posts, POSTS))
    wanted = [rules.read(one.topic) for one in follows]
    codes = sorted({code for rule in wanted for code in (*rule.places, *rule.not_places)})
    places = await ctx.portal.posts_for(codes, reader=reader) if codes else {}
    known = [replace(post, places=frozenset(one for one in codes if post.id in places[one])) for post in posts]
    if any(rule.tags or rule.not_tags for rule in wanted):
        known = [replace(post, tags=await _our_tags(ctx, post)) for post in known]
    found = [Match(post=post, numbers=matching(post, follows)) for post in known]
    return [one for one in found if one.numbers], len(posts)


def matching(post: Post, follows: Sequence[Follow]) -> tuple[int, ...]:
    """Return the numbers of the subscriptions that match a post, counted from 1."""
    return tuple(number for number, one in enumerate(follows, 1) if rules.read(one.topic).matches(post))


async def lines(ctx: Context, found: Sequence[Match], *, numbered: bool) -> list[str]:
    """Return a line for each of the first posts; with `numbered`, it names the rules by their numbers."""
    portal = await cards.known_portal(ctx)
    said: list[str] = []
    for one in islice(found, SHOWN):
        link = bb.link(cards.link(portal, one.post.id, one.post.author), str(one.post.id))
        words = bb.escape(post_text.headline(one.post.title, one.post.text))
        which = ", ".join(ctx.say("test.rule", number=number) for number in one.numbers) if numbered else ""
        said.append(" · ".join(filter(None, (str(link), words, which))))
    return said


async def _our_tags(ctx: Context, post: Post) -> tuple[str, ...]:
    made = await ctx.memory.publications(post.id, 0)
    return tuple(tag for effect in made for tag in effect.tags)
