"""What comes later to a request for an approval: it was shown, nobody decided in time, or the result is known."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import says_no_crm_feed
from bot.feed import error_messages
from bot.feed.policy import deciding, showing
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.approvals import ApprovalMessage, ApprovalState
from bot.model.effects import ByUser, Edit, Say, ShowDraft
from bot.model.events import ApprovalToEnd, Dialog, Failed, MessageId
from bot.model.state_changes import ApprovalKept
from keyboards import bb

router = Router()


@router.done(ShowDraft)
async def shown(ctx: Context, result: Result[ShowDraft]) -> Effects:
    """Store which message shows a request to a person; if it was decided meanwhile, the message says so."""
    effect, message = result.effect, MessageId(int(result.value))
    number = showing.number_of(effect.draft)
    approval = await ctx.memory.approval(number) if number is not None else None
    if approval is None:
        return
    if approval.state is not ApprovalState.WAITING:
        content = messages.of(showing.ended(approval, language=effect.language))
        yield Edit(dialog=effect.dialog, language=effect.language, message=message, content=content)
    one = ApprovalMessage(user=effect.user, dialog=effect.dialog, message=message)
    after = replace(approval, shown=(*approval.shown, one), revision=approval.revision + 1)
    ctx.store(ApprovalKept(approval=after, over=approval.revision))


@router.failed(ShowDraft)
async def not_shown(ctx: Context, result: Result[ShowDraft]) -> Effects:
    """Tell the author in private that a person who may approve could not be asked."""
    effect, event = result.effect, result.event
    number = showing.number_of(effect.draft)
    approval = await ctx.memory.approval(number) if number is not None else None
    if approval is None or approval.state is not ApprovalState.WAITING or not isinstance(event, Failed):
        return
    language = approval.language
    name = catalog.sentence(language, "policy.user", user=effect.user)
    why = error_messages.why(language, event)
    said = catalog.sentence(language, "approval.not_asked", number=approval.number, name=name, why=why)
    yield Say(dialog=Dialog(str(approval.author)), language=language, content=messages.of(said))


@router.on(ApprovalToEnd)
async def expired(ctx: Context, event: ApprovalToEnd) -> Effects:
    """End a request about which nobody decided in three days, and tell its author."""
    approval = await ctx.memory.approval(event.number)
    if approval is None or approval.state is not ApprovalState.WAITING or approval.expires_at > ctx.now:
        return
    after = deciding.end(ctx, approval, ApprovalState.EXPIRED)
    for effect in (*await deciding.redrawn(ctx, after), *deciding.author_told(after, by_author=False)):
        yield effect


async def result(ctx: Context, done: Result[ByUser]) -> Effects:
    """Tell the person who approved an action how it went."""
    approved = done.effect.approved
    approval = await ctx.memory.approval(approved.request) if approved else None
    if approved is None or approval is None or _goes_on(done):
        return
    language = await showing.language_of(ctx, approved.user)
    key = "result_shared" if isinstance(done.effect, effects.Share) else "result_done"
    if isinstance(done.event, Failed):
        key = "result_unknown" if done.event.outcome_unknown else "result_failed"
    author = bb.escape(approval.author_name)
    said = catalog.sentence(language, f"approval.{key}", number=approval.number, author=author)
    message = next((one.message for one in approval.shown if one.user == approved.user), None)
    dialog = Dialog(str(approved.user))
    if message is None:
        yield Say(dialog=dialog, language=language, content=messages.of(said))
    else:
        yield Edit(dialog=dialog, language=language, message=message, content=messages.of(said))


def _goes_on(done: Result[ByUser]) -> bool:
    """Check whether a text is written to the timeline instead, because the portal has no CRM feed."""
    event = done.event
    if not isinstance(done.effect, effects.CrmPost) or not isinstance(event, Failed):
        return False
    return says_no_crm_feed(event.code, event.text)


for _kind in (effects.Publish, effects.Share, effects.CrmComment, effects.CrmPost):
    router.done(_kind)(result)
    router.failed(_kind)(result)
