"""Asks other people for their approval of what somebody wants to publish."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed import post_text
from bot.feed.composer.drafts import Draft
from bot.feed.policy import saying, showing
from bot.framework.context import Context
from bot.model import effects, ordering
from bot.model.approvals import Approval, ApprovalMessage
from bot.model.effects import ByUser, Content, Edit, Effect, Say, ShowDraft
from bot.model.events import ApprovalToEnd, Commanded, Dialog, From, MessageId, UserId
from bot.model.records import Named, Post
from bot.model.state_changes import ApprovalKept
from bot.policy import PolicyVerdict

MOST = 20
"""How many requests of one person may wait at once."""
LIFETIME = 3 * 86_400.0
"""Seconds after which a request ends if nobody has decided about it."""


async def ask(
    ctx: Context,
    action: ByUser,
    verdict: PolicyVerdict,
    *,
    to: Sequence[Named],
    thanked: Sequence[Named] = (),
    message: MessageId | None = None,
    post: Post | None = None,
) -> tuple[Approval, list[Effect]]:
    """Store a request for an approval, and return it with the effects that show it to those who may approve.

    `message` is the message of the bot in the dialog of `action` that shows the request to its author, if one will.
    `post` is the post that gets more recipients.
    """
    approval = Approval(
        number=await ctx.memory.last_approval() + 1,
        revision=1,
        kind=type(action).__name__,
        effect=msgspec.to_builtins(action),
        author_name=action.author_name,
        to=tuple(to),
        thanked=tuple(thanked),
        people=await _readers(ctx, action),
        headline=_headline(action, post),
        post=post,
        approvers=tuple(UserId(one) for one in verdict.approvers),
        made_at=ctx.now,
        expires_at=ctx.now + LIFETIME,
        shown=(ApprovalMessage(user=action.user, dialog=action.dialog, message=message),) if message else (),
    )
    ctx.store(ApprovalKept(approval=approval))
    event = ApprovalToEnd(portal=ctx.event.portal, number=approval.number)
    key = ordering.timer_of_approval(approval.number)
    ctx.schedule(approval.expires_at, event, key=key, ordering_key=ordering.of_dialog(action.dialog))
    return approval, [effect for one in approval.approvers for effect in await _shown(ctx, approval, one)]


async def of_draft(ctx: Context, action: ByUser, verdict: PolicyVerdict, draft: Draft) -> list[Effect]:
    """Ask for the approval of a draft that has just ended, and tell its author in the message of the draft.

    Raises:
        UserMistake: too many requests of the author wait.
    """
    await _require_few(ctx, action.user)
    action = replace(action, author_name=draft.author_name)
    approval, found = await ask(ctx, action, verdict, to=draft.to, thanked=draft.thanked, message=draft.message)
    content = await told(ctx, approval)
    dialog, language = action.dialog, action.language
    if draft.message is not None:
        found.append(Edit(dialog=dialog, language=language, message=draft.message, content=content))
    typed = not isinstance(ctx.event, Commanded) or ctx.event.source is From.TYPED
    if typed or draft.message is None:
        found.append(Say(dialog=dialog, language=language, content=content))
    return found


async def of_scheduled(
    ctx: Context, action: effects.Publish, verdict: PolicyVerdict, *, to: Sequence[Named], thanked: Sequence[Named]
) -> list[Effect]:
    """Ask for the approval of a scheduled post, and tell its author in their dialog with the bot."""
    approval, found = await ask(ctx, action, verdict, to=to, thanked=thanked)
    own = Dialog(str(action.user))
    return [*found, Say(dialog=own, language=action.language, content=await told(ctx, approval, dialog=own))]


async def of_share(
    ctx: Context, action: effects.Share, verdict: PolicyVerdict, to: Sequence[Named], post: Post
) -> list[Effect]:
    """Ask for the approval of more recipients of a post, and tell the person who wants to share it.

    Raises:
        UserMistake: too many requests of the person wait.
    """
    await _require_few(ctx, action.user)
    if ctx.bot_absent:  # the request may be decided when this command can no longer be answered
        action = replace(action, dialog=Dialog(str(action.user)))
    approval, found = await ask(ctx, replace(action, answers=None), verdict, to=to, post=post)
    return [*found, Say(dialog=action.dialog, language=action.language, content=await told(ctx, approval))]


async def told(ctx: Context, approval: Approval, *, dialog: Dialog | None = None) -> Content:
    """Make the message to the author that the approval was asked for, with a button to withdraw the request.

    `dialog` is where it is sent; None: where the author asked for the action.
    """
    dialog, language = dialog or approval.action.dialog, approval.language
    names = await saying.approvers(ctx, approval.approvers, dialog=dialog, language=language)
    return showing.waits(ctx, approval, showing.asked(approval, names, language=language), dialog=dialog)


async def _require_few(ctx: Context, user: UserId) -> None:
    """Check that a person may ask for another approval, so that nobody floods those who decide.

    Raises:
        UserMistake: too many of their requests wait.
    """
    if sum(one.author == user for one in await ctx.memory.approvals(ctx.now)) >= MOST:
        raise UserMistake("approval.full", most=MOST)


async def _shown(ctx: Context, approval: Approval, approver: UserId) -> list[Effect]:
    """Return the effects that show a request to a person; a text that is too long for a card comes before it."""
    dialog, language = Dialog(str(approver)), await showing.language_of(ctx, approver)
    whole = [Say(dialog=dialog, language=language, content=one) for one in showing.whole_text(approval, language)]
    content = showing.question(ctx, approval, user=approver, language=language)
    card = ShowDraft(
        dialog=dialog, language=language, user=approver, draft=showing.id_of(approval), shown=1, content=content,
        report=True,
    )  # fmt: skip
    return [*whole, card]


async def _readers(ctx: Context, action: ByUser) -> int | None:
    """Count the people whom the action adds as readers, as its author sees them; None if that is unknown."""
    if not isinstance(action, effects.Publish | effects.Share):
        return None
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.count_people(action.dest, reader=action.user)
    return None


def _headline(action: ByUser, post: Post | None) -> str:
    if post:
        return post_text.headline(post.title, post.text)
    if isinstance(action, effects.Publish | effects.CrmText):
        return post_text.headline(action.title, action.text)
    return ""
