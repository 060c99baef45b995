"""Approves, refuses or withdraws a request, once; the policy and the person's right to decide are judged again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserMistake
from bot.feed.composer import publications
from bot.feed.policy import judging, saying, showing
from bot.feed.policy.showing import ApprovalPress, Verb
from bot.framework import arguments, converters, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command
from bot.model import effects, ordering
from bot.model.approvals import Approval, ApprovalState
from bot.model.effects import ByUser, Edit, Effect, Say
from bot.model.events import Dialog, From, UserId
from bot.model.post_parts import ApprovedBy
from bot.model.state_changes import ApprovalKept
from bot.texts import comparing, cutting
from keyboards import BadSignature
from keyboards.errors import Reason

LONGEST_REASON = 500
"""The longest reason that is passed on, in characters."""
MOST_DIGITS = 16
"""The longest number that is read, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """The arguments of a decision: the number of a request and perhaps a reason; a button adds its signature."""

    text: str = arguments.rest()


async def step(ctx: Context, command: Command[Which], verb: Verb) -> Effects:
    """Approve or refuse a request, or withdraw an own one, as a typed command or a pressed button says.

    Raises:
        UserMistake: there is no such request for the person, or the policy does not allow the decision now.
    """
    if command.source is From.TYPED:
        found = await typed(ctx, command, verb, command.args.text)
    else:
        found = await _pressed(ctx, command, verb)
    for effect in found:
        yield effect


async def typed(ctx: Context, command: Command[Any], verb: Verb, text: str) -> list[Effect]:
    """Decide about the request whose number is the first word of a text; the rest is a reason.

    Raises:
        UserMistake: there is no number, or as `step` raises.
    """
    word, _, reason = converters.split(text.strip())
    number = comparing.with_plain_digits(word).lstrip("#№")
    if not number.isdecimal() or len(number) > MOST_DIGITS:
        raise UserMistake("approval.no_number", command=verb if verb is not Verb.WITHDRAW else "approvals")
    approval = await ctx.memory.approval(int(number))
    return await _decide(ctx, command, approval, verb, reason.strip())


async def _pressed(ctx: Context, command: Command[Which], verb: Verb) -> list[Effect]:
    """Do what a button says, if it was made for this person; a word in private if not."""
    try:
        press = ctx.signed(ApprovalPress, command.args.text, dialog=command.dialog, user=command.author.id)
    except BadSignature as bad:
        key = {Reason.USER: "not_yours", Reason.EXPIRED: "old_button"}.get(bad.reason, "bad_button")
        return [ctx.reply_privately(messages.of(ctx.say(f"approval.{key}")))]
    approval = await ctx.memory.approval(press.number)
    if press.verb is not verb or (approval and int(approval.made_at) != press.made_at):
        return [ctx.reply_privately(messages.of(ctx.say("approval.old_button")))]
    return await _decide(ctx, command, approval, verb, "")


async def _decide(
    ctx: Context, command: Command[Any], approval: Approval | None, verb: Verb, reason: str
) -> list[Effect]:
    user = command.author.id
    own = approval is not None and approval.author == user
    if approval is None or not (own or user in approval.approvers):
        raise UserMistake("approval.none")
    if verb is Verb.APPROVE and own:
        raise UserMistake("approval.own")
    if own:
        verb = Verb.WITHDRAW
    elif verb is Verb.WITHDRAW:
        raise UserMistake("approval.none")
    if approval.state is not ApprovalState.WAITING or approval.expires_at <= ctx.now:
        return _already_ended(ctx, command, approval)
    if verb is Verb.APPROVE:
        await _require_allowed(ctx, approval, user)
    state = _STATES[verb]
    reason = cutting.shorten(reason, LONGEST_REASON)
    decided = end(ctx, approval, state, by=user, name=command.author.name, reason=reason)
    found: list[Effect] = [carried_out(ctx, decided)] if verb is Verb.APPROVE else []
    found.append(answer(ctx, command, showing.ended(decided, language=ctx.language)))
    pressed = None if command.source is From.TYPED else command.event.message
    return [*found, *await redrawn(ctx, decided, besides=pressed), *author_told(decided, by_author=own)]


def _already_ended(ctx: Context, command: Command[Any], approval: Approval) -> list[Effect]:
    """Say how a request ended; a second press of the same person says nothing.

    The first press has changed the message already, and the result may stand there now.
    """
    if approval.state is ApprovalState.WAITING:
        approval = replace(approval, state=ApprovalState.EXPIRED)
    if approval.by == command.author.id and command.source is not From.TYPED:
        return []
    return [answer(ctx, command, showing.ended(approval, language=ctx.language))]


_STATES = {
    Verb.APPROVE: ApprovalState.APPROVED,
    Verb.REFUSE: ApprovalState.REFUSED,
    Verb.WITHDRAW: ApprovalState.WITHDRAWN,
}


async def _require_allowed(ctx: Context, approval: Approval, user: UserId) -> None:
    """Check that the policy allows the action now, and this person to approve it.

    Raises:
        UserMistake: it does not; the request waits on.
    """
    verdict = await judging.judge(ctx, approval.author, judging.recipients_of(approval.action))
    if verdict.allows or user in verdict.approvers:
        return
    if verdict.approvers:
        raise UserMistake("approval.others_now", number=approval.number)
    why = saying.denial(verdict, approval.to, language=ctx.language)
    raise UserMistake("approval.denied_now", number=approval.number, why=why)


def end(
    ctx: Context,
    approval: Approval,
    state: ApprovalState,
    *,
    by: UserId | None = None,
    name: str = "",
    reason: str = "",
) -> Approval:
    """Store how a request ended, and return it; nothing is stored if it has changed meanwhile."""
    decided = replace(approval, state=state, by=by, by_name=name, reason=reason, revision=approval.revision + 1)
    ctx.store(ApprovalKept(approval=decided, over=approval.revision))
    ctx.cancel(ordering.timer_of_approval(approval.number))
    return decided


def carried_out(ctx: Context, approval: Approval) -> ByUser:
    """Return the effect that does what was approved, in the name of its author."""
    assert approval.by is not None  # noqa: S101 - its caller has just approved it
    action, approved = approval.action, ApprovedBy(request=approval.number, user=approval.by, name=approval.by_name)
    if isinstance(action, effects.Publish):
        action = publications.published_now(ctx, action)
    elif isinstance(action, effects.Share):
        action = replace(action, audience_public=False)
    elif isinstance(action, effects.CrmText):
        action = replace(action, since=int(ctx.now))
    return replace(action, approved=approved, answers=None)


def answer(ctx: Context, command: Command[Any], said: str) -> Effect:
    """Return the effect that answers a decision; a press edits the message of its button."""
    if command.source is From.TYPED or ctx.bot_absent:
        return ctx.reply(messages.of(said))
    return Edit(
        dialog=command.dialog, language=command.language, message=command.event.message, content=messages.of(said)
    )


async def redrawn(ctx: Context, approval: Approval, *, besides: int | None = None) -> list[Effect]:
    """Return the effects that let every message of a request say how it ended, except the message `besides`."""
    found: list[Effect] = []
    for one in approval.shown:
        if one.message == besides:
            continue
        own = one.user == approval.author
        language = approval.language if own else await showing.language_of(ctx, one.user)
        content = messages.of(showing.ended(approval, language=language))
        found.append(Edit(dialog=one.dialog, language=language, message=one.message, content=content))
    return found


def author_told(approval: Approval, *, by_author: bool) -> list[Effect]:
    """Return the message to the author how their request ended, in their dialog with the bot.

    An approval is told by the message that showed the request, and by the result; a withdrawal brings the text back.
    """
    seen = any(one.user == approval.author for one in approval.shown)
    if approval.state is ApprovalState.APPROVED and seen:
        return []
    dialog = Dialog(approval.action.dialog) if by_author and approval.action.dialog.isdigit() else None
    content = showing.told(approval, language=approval.language)
    return [Say(dialog=dialog or Dialog(str(approval.author)), language=approval.language, content=content)]
