"""Schedules a post of a person, once or every week, and changes or ends it."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed.composer import publications
from bot.feed.composer.drafts import Draft
from bot.framework.context import Context
from bot.framework.moments import times
from bot.framework.moments.times import Weekly, When
from bot.model import effects, ordering
from bot.model.events import Dialog, PostDue, UserId
from bot.model.records import ScheduledPost
from bot.model.state_changes import PostScheduled, PostUnscheduled

MOST = 20
"""How many scheduled posts one person may have."""
ANSWERED_WITHIN = 86_400.0
"""Seconds for which a person may answer the question whether to publish a post that was due."""


async def now_of(ctx: Context, user: UserId) -> datetime:
    """Return the present time in the person's time zone, as the portal names it, else in the configured one."""
    zone = ctx.settings.time_zone
    with contextlib.suppress(PortalError, PortalDown):
        zone = await ctx.portal.time_zone(reader=user)
    return datetime.fromtimestamp(ctx.now, zone)


async def read(ctx: Context, text: str, user: UserId) -> When:
    """Return when a person means, in their time zone; raises as `times.read` does."""
    return times.read(text, now=await now_of(ctx, user), language=ctx.language)


async def add(ctx: Context, draft: Draft, when: When, *, dialog: Dialog, user: UserId, public: bool) -> ScheduledPost:
    """Store a draft as a post that is published later, and set its timer.

    `public` is as in `publications.publication`.

    Raises:
        UserMistake: the person has too many scheduled posts, or the importance ends before the post is published.
    """
    waiting = await ctx.memory.scheduled(user)
    if len(waiting) >= MOST:
        raise UserMistake("schedule.full", most=MOST)
    if draft.until and datetime.fromisoformat(draft.until) <= when.at:
        raise UserMistake("schedule.important_before")
    post = publications.publication(ctx, draft, dialog=dialog, user=user, public=public, answers=None)
    made = ScheduledPost(
        number=max((one.number for one in waiting), default=0) + 1,
        revision=1,
        post=post,
        to=draft.to,
        thanked=draft.thanked,
        at=when.at.timestamp(),
        zone=str(getattr(when.at.tzinfo, "key", "UTC")),
        weekday=when.weekly.weekday if when.weekly else None,
        minute=when.weekly.at.hour * 60 + when.weekly.at.minute if when.weekly else 0,
        made_at=ctx.now,
    )
    _store(ctx, made, over=None)
    return made


async def asks_first(ctx: Context, post: ScheduledPost) -> bool:
    """Check whether the author will be asked when a post is due, because they left no token that lasts until then.

    A token that came with the event is stored together with the post. Nobody is asked where we may act for the author.
    """
    if ctx.settings.for_people:
        return False
    came = ctx.event_tokens
    until = await ctx.memory.acts_until(post.user)
    if came.user == post.user and came.access_token:
        until = max(until, math.inf if came.refresh_token else came.expires)
    if math.isinf(until):
        return not ctx.settings.renews_tokens
    return post.weekday is not None or until <= post.at


def reached(post: ScheduledPost) -> tuple[str, ...]:
    """Return the codes of everybody whom a post reaches: the recipients, and the people who are thanked."""
    return (*post.post.dest, *(one.code for one in post.thanked))


def draft_of(post: ScheduledPost, language: str) -> Draft:
    """Return the draft that a scheduled post would be, for a card in a language."""
    return publications.draft_of(post.post, to=post.to, thanked=post.thanked, language=language, made_at=post.made_at)


def publish(ctx: Context, post: ScheduledPost) -> effects.Publish:
    """Return the effect that publishes a post now; a post of every week goes on, another one ends."""
    if post.weekday is None:
        drop(ctx, post)
    else:
        move(ctx, post, at=post.at, asked=False)  # a new revision, so that a second press publishes nothing
    return publication(ctx, post)


def publication(ctx: Context, post: ScheduledPost) -> effects.Publish:
    """Return the effect that publishes a post now, as `publications.published_now` does."""
    return publications.published_now(ctx, post.post)


def move(ctx: Context, post: ScheduledPost, *, at: float, asked: bool) -> ScheduledPost:
    """Store that a post is due at another time (unix seconds), and return it as it is now."""
    moved = replace(post, at=at, asked=asked, revision=post.revision + 1)
    _store(ctx, moved, over=post.revision)
    return moved


def drop(ctx: Context, post: ScheduledPost) -> None:
    """Remove a scheduled post and its timer."""
    ctx.store(PostUnscheduled(user=post.user, number=post.number, over=post.revision))
    ctx.cancel(ordering.timer_of_scheduled(post.user, post.number))


def weekly(post: ScheduledPost) -> Weekly | None:
    """Return the weekly time of a post; None if it is published once."""
    if post.weekday is None:
        return None
    return Weekly(weekday=post.weekday, at=time(*divmod(post.minute, 60)))


def next_time(post: ScheduledPost, now: float) -> float | None:
    """Return when a post of every week is due next after `now` (unix seconds); None if it is published once."""
    every = weekly(post)
    return every.after(datetime.fromtimestamp(now, zone_of(post))).timestamp() if every else None


def zone_of(post: ScheduledPost) -> tzinfo:
    """Return the time zone in which a post was scheduled."""
    return UTC if post.zone == "UTC" else ZoneInfo(post.zone)


def _store(ctx: Context, post: ScheduledPost, *, over: int | None) -> None:
    ctx.store(PostScheduled(post=post, over=over))
    event = PostDue(portal=ctx.event.portal, user=post.user, number=post.number, revision=post.revision)
    key = ordering.timer_of_scheduled(post.user, post.number)
    ctx.schedule(post.at, event, key=key, ordering_key=ordering.of_dialog(post.post.dialog))
