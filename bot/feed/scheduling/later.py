"""Schedules a draft, and does what a button or a command says about a scheduled post."""

from __future__ import annotations

from bot.errors import UserMistake
from bot.feed.acting import saying as acting_saying
from bot.feed.composer import drafts, presses
from bot.feed.composer.drafts import Draft, End
from bot.feed.composer.presses import Action
from bot.feed.policy import judging, saying
from bot.feed.publishing import names
from bot.feed.scheduling import scheduling, showing
from bot.framework.context import Context, Effects
from bot.framework.moments.times import When
from bot.model.effects import Content, Edit, Say
from bot.model.events import Dialog, UserId
from bot.model.records import ScheduledPost


async def draft(ctx: Context, found: Draft, when: When, *, dialog: Dialog, user: UserId) -> Effects:
    """Schedule the draft of a dialog, which ends, and show the post in the message of the draft.

    Raises:
        UserMistake: the draft has no text or is a text for the CRM, the policy does not allow it then, or as
            `scheduling.add` raises.
    """
    if found.for_crm:
        raise UserMistake("crm.only_now")
    if not found.body:
        raise UserMistake("draft.no_text")
    note = await _judged(ctx, found, when, dialog=dialog, user=user)
    public = await names.may_be_shown(ctx, found.to)
    post = await scheduling.add(ctx, found, when, dialog=dialog, user=user, public=public)
    drafts.end(ctx, dialog, user, found, End.SCHEDULED)
    content = await _made(ctx, post, note)
    if found.message is None:
        yield Say(dialog=dialog, language=found.language, content=content)
    else:
        yield Edit(dialog=dialog, language=found.language, message=found.message, content=content)


async def pressed(ctx: Context, found: Draft, action: Action, *, dialog: Dialog, user: UserId) -> Effects:
    """Schedule a draft at the time that a button names."""
    when = await scheduling.read(ctx, presses.TIMES[action], user)
    async for effect in draft(ctx, found, when, dialog=dialog, user=user):
        yield effect


async def required(ctx: Context, user: UserId, number: int, shown: tuple[int, ...]) -> ScheduledPost:
    """Return a scheduled post of a user.

    A button also names, in `shown`, when the post was made that it belongs to (a whole second), and its revision.

    Raises:
        UserMistake: there is none.
    """
    post = await ctx.memory.scheduled_post(user, number)
    if post is None or shown not in ((), (int(post.made_at), post.revision)):
        raise UserMistake("schedule.none", number=number)
    return post


async def typed(ctx: Context, found: Draft, when: When, *, dialog: Dialog, user: UserId) -> Effects:
    """Schedule a post that was written in a command, and show it in the dialog."""
    note = await _judged(ctx, found, when, dialog=dialog, user=user)
    post = await scheduling.add(ctx, found, when, dialog=dialog, user=user, public=False)
    yield Say(dialog=dialog, language=found.language, content=await _made(ctx, post, note))


async def _judged(ctx: Context, found: Draft, when: When, *, dialog: Dialog, user: UserId) -> str:
    """Return the sentence whose approval a post will need when it is due; "" if it needs none.

    Raises:
        UserMistake: the policy does not allow it at that time.
    """
    codes, at = judging.codes(found), when.at.timestamp()
    verdict = await judging.required(ctx, user, codes, found.to, kept="policy.text_kept", at=at)
    return await saying.note(ctx, verdict, found.to, dialog=dialog, language=found.language)


async def _made(ctx: Context, post: ScheduledPost, note: str) -> Content:
    """Make the card of a post that was just scheduled: it will be published, or its author will be asked then."""
    key = "schedule.done_asks" if await scheduling.asks_first(ctx, post) else "schedule.done"
    language = post.post.language
    reached = scheduling.reached(post)
    acting = await acting_saying.note(ctx, language, (*post.to, *post.thanked), reached, user=post.user)
    return showing.card(post, key, language=language, note="\n".join(filter(None, (note, acting))))
