"""What comes later to a draft: its preview was sent or refused, or a day has passed."""

from __future__ import annotations

from dataclasses import replace

from bot.feed import error_messages
from bot.feed.composer import drafts, options, preview
from bot.feed.composer.drafts import Draft, End, EndedDraft
from bot.feed.policy import showing as approvals
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.i18n import catalog
from bot.model.effects import Edit, Say, ShowDraft
from bot.model.events import Dialog, DraftToEnd, Failed, MessageId

router = Router()


@router.done(ShowDraft)
async def shown(ctx: Context, result: Result[ShowDraft]) -> Effects:
    """Store which message shows a draft; if the draft went on or ended meanwhile, the message says so."""
    effect, message = result.effect, MessageId(int(result.value))
    if approvals.number_of(effect.draft) is not None:
        return
    draft = await ctx.memory.conversation(effect.dialog, effect.user, Draft, now=ctx.now)
    if draft and (draft.id, draft.shown) == (effect.draft, effect.shown):
        if draft.message is None:
            drafts.keep(ctx, effect.dialog, effect.user, replace(draft, message=message), over=draft)
        return
    ended = await ctx.memory.conversation(effect.dialog, effect.user, EndedDraft, now=ctx.now)
    content = preview.moved(effect.language)
    if ended and ended.draft == effect.draft:
        if ended.message not in (None, message):
            content = preview.moved(effect.language)
        else:
            drafts.note_end(ctx, effect.dialog, effect.user, replace(ended, message=message))
            content = messages.of(catalog.sentence(effect.language, f"draft.{ended.end}"))
    yield Edit(dialog=effect.dialog, language=effect.language, message=message, content=content)


@router.failed(ShowDraft)
async def not_shown(ctx: Context, result: Result[ShowDraft]) -> Effects:
    """Tell the owner in private that their draft could not be shown, with a button that puts it back."""
    effect, event = result.effect, result.event
    draft = await ctx.memory.conversation(effect.dialog, effect.user, Draft, now=ctx.now)
    if draft is None or draft.id != effect.draft or not isinstance(event, Failed):
        return
    why = error_messages.why(effect.language, event)
    said = catalog.sentence(effect.language, "draft.not_shown", why=why)
    content = messages.with_retry(effect.language, said, options.kept(draft))
    yield Say(dialog=Dialog(str(effect.user)), language=effect.language, content=content)


@router.on(DraftToEnd)
async def expired(ctx: Context, event: DraftToEnd) -> Effects:
    """End a draft that was not changed for a day, and tell its owner."""
    draft = await ctx.memory.conversation(event.dialog, event.user, Draft, now=ctx.now)
    if draft is None or draft.id != event.draft or draft.expires_at > ctx.now:
        return
    drafts.end(ctx, event.dialog, event.user, draft, End.EXPIRED)
    if draft.message is not None:
        closed = messages.of(catalog.sentence(draft.language, "draft.expired"))
        yield Edit(dialog=event.dialog, language=draft.language, message=draft.message, content=closed)
    if draft.body:
        yield Say(dialog=event.dialog, language=draft.language, content=preview.ended(draft, End.EXPIRED))
