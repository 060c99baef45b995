"""Publishes scheduled posts when they are due, or asks their author first where that is not possible or not certain."""

from __future__ import annotations

import asyncio

from bot.errors import CLOSED_TO_USER, TokenExpired, TokenRefused
from bot.feed.policy import asking, judging, saying
from bot.feed.publishing.recipients import EVERYONE, MANY
from bot.feed.scheduling import scheduling, showing
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.model.acting import Hindrance
from bot.model.effects import Effect, Say
from bot.model.events import Dialog, PostDue, UserId
from bot.model.records import Named, ScheduledPost
from keyboards import bb

LATE = 3600.0
"""Seconds after its time when a post is not published without a question, because the service did not run then."""
SHORTEST = 2
"""The shortest name that can be searched for, in characters."""

router = Router()


@router.on(PostDue)
async def due(ctx: Context, event: PostDue) -> Effects:
    """Publish a scheduled post with the rights of its author, or ask them, or end it.

    Nothing is done if the post was changed or ended after its timer was set.
    """
    post = await ctx.memory.scheduled_post(event.user, event.number)
    if post is None or post.revision != event.revision:
        return
    if post.asked and post.weekday is None:
        scheduling.drop(ctx, post)
        yield _say(post, "schedule.unanswered", ended=True)
        return
    obstacle = await _obstacle(ctx, post)
    for effect in [] if obstacle else await _published(ctx, post):
        yield effect
    following = scheduling.next_time(post, ctx.now)
    asks, after = obstacle in ("late", "token"), post
    if following is not None and not (post.asked and asks):
        after = scheduling.move(ctx, post, at=following, asked=asks)
    elif asks and not post.asked:
        after = scheduling.move(ctx, post, at=ctx.now + scheduling.ANSWERED_WITHIN, asked=True)
    else:
        scheduling.drop(ctx, post)
    if obstacle:
        key = "schedule.unanswered" if post.asked and asks else f"schedule.{obstacle}"
        ended = not asks or post.asked
        yield _say(post if ended else after, key, ended=ended)


async def _published(ctx: Context, post: ScheduledPost) -> list[Effect]:
    """Return the effects that publish a post, ask for the approval that it needs, or say that it is not allowed."""
    effect, language = scheduling.publication(ctx, post), post.post.language
    verdict = await judging.judge(ctx, post.user, effect.dest)
    if verdict.allows:
        return [effect]
    if verdict.approvers:
        return await asking.of_scheduled(ctx, effect, verdict, to=post.to, thanked=post.thanked)
    why = bb.escape(saying.denial(verdict, post.to, language=language))
    said = showing.denied(post, why, language=language)
    return [Say(dialog=Dialog(str(post.user)), language=language, content=said)]


async def _obstacle(ctx: Context, post: ScheduledPost) -> str:
    """Return why a post is not published now: "late", "token", or "gone" if a recipient does not exist any more.

    "" if nothing is in the way. The answers come with the rights of the author.
    """
    if ctx.now - post.at > LATE:
        return "late"
    try:
        await ctx.portal.time_zone(reader=post.user)  # the cheapest question to which only a valid token gets an answer
        found = await asyncio.gather(*(_exists(ctx, one, post.user) for one in post.to))
    except (TokenRefused, TokenExpired) as refusal:
        return "token" if refusal.code == CLOSED_TO_USER else await _obstacle_for_us(ctx, post)
    return "" if all(found) else "gone"


async def _obstacle_for_us(ctx: Context, post: ScheduledPost) -> str:
    """Return why we do not publish a post for its author, whose token is refused; values as of `_obstacle`."""
    if not ctx.settings.for_people:
        return "token"
    verdict = await ctx.portal.may_act(post.user, scheduling.reached(post))
    if verdict.allowed:
        return ""
    return "gone" if verdict.hindrance is Hindrance.RECIPIENTS else "token"


async def _exists(ctx: Context, named: Named, reader: UserId) -> bool:
    """Check whether the reader still finds a recipient by its name; True if a search cannot tell."""
    if named.code == EVERYONE.code or len(named.name) < SHORTEST or named.name == named.code:
        return True
    found = await ctx.portal.find(named.name, reader=reader)
    return len(found) >= MANY or any(one.code == named.code for one in found)


def _say(post: ScheduledPost, key: str, *, ended: bool) -> Say:
    """Make a message to the author in their private dialog with the bot."""
    language = post.post.language
    content = showing.ended(post, key, language=language) if ended else showing.card(post, key, language=language)
    return Say(dialog=Dialog(str(post.user)), language=language, content=content)
