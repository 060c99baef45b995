"""The steps of the composer: begin and change a draft, show it, publish it once, or put it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserMistake
from bot.feed.composer import default_recipients, drafts, options, presses, preview, publications
from bot.feed.composer.drafts import Draft, End
from bot.feed.composer.presses import Action
from bot.feed.crm import drafting
from bot.feed.policy import asking, judging
from bot.feed.publishing import names
from bot.feed.scheduling import later
from bot.framework import arguments, converters, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command
from bot.model.effects import ByUser, Content, Edit, ShowDraft
from bot.model.events import Commanded, Dialog, From, MessageId, Said, UserId
from bot.texts import cutting
from keyboards import BadSignature
from keyboards.errors import Reason

SETTLING = 10.0
"""Seconds after a change in which an old button is not answered: the message of that button is being edited."""
_SWITCHES: dict[Action, dict[str, Any]] = {
    Action.IMPORTANT: {"important": True},
    Action.ORDINARY: {"important": False, "until": ""},
    Action.LINK: {"link_preview": True},
    Action.NO_LINK: {"link_preview": False},
    Action.NO_FILES: {"files": ()},
    Action.NO_QUOTE: {"quote": ""},
    Action.SEVERAL: {"several": True},
    Action.ONE: {"several": False},
    Action.NO_POLL: {"question": "", "answers": (), "several": False},
    Action.NO_THANKS: {"thanked": (), "medal": ""},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What stands after a command that needs no arguments: a button adds its signature, a person nothing."""

    signed: str = arguments.rest()


async def begin(ctx: Context, event: Commanded | Said, fields: dict[str, Any], *, fresh: bool) -> Effects:
    """Change the draft of this dialog, or begin one, and show it at the end of the dialog.

    `fields` are the fields of the draft to change. With `fresh` an earlier draft of the dialog is replaced.
    """
    user, at = event.author.id, _dialog_of(ctx, event)
    if fresh and (fields.get("card") or fields.get("choices")):
        at = _own(event)  # only its owner may see a CRM card
    before = await drafts.find(ctx, at, user)
    if before and fresh:
        async for effect in _leave(ctx, before, at, user, End.REPLACED):
            yield effect
        before = None
    if before and before.for_crm:
        fields = drafting.allowed(fields)
    attached = await drafts.take_files(ctx, event)
    quoted = fields.get("quoted_files", ())
    files = tuple(dict.fromkeys((*(before.files if before else ()), *quoted, *attached)))
    fields = {name: value for name, value in fields.items() if name != "quoted_files"} | {"files": files}
    draft = _changed(ctx, event, before, fields, in_private=at == _own(event))
    async for effect in _show(ctx, event, draft, before=before, at=at):
        yield effect
    if event.files > len(event.file_ids):
        yield ctx.reply(messages.of(ctx.say("words.files")))


async def publish_or_show(ctx: Context, command: Command[Any], fields: dict[str, Any], *, fresh: bool) -> Effects:
    """Publish the post that the fields describe, or show its preview first: as the person or the chat chose.

    Without a text, or what stands for it, the composer is opened. A post that the policy does not allow without an
    approval is shown. `fresh` is as in `begin`.
    """
    fields = await with_default(ctx, command, fields, fresh=fresh)
    empty = drafts.new(ctx, seed=0, language=command.language, author_name=command.author.name)
    content = {name: value for name, value in fields.items() if name != "quoted_files"}
    draft = drafts.with_poll(replace(empty, source=command.event.message, **content), None)
    if draft.body and await at_once(ctx, command) and (await judging.of_draft(ctx, draft, command.author.id)).allows:
        files = (*fields.get("quoted_files", ()), *await drafts.take_files(ctx, command.event))
        draft = replace(draft, files=files)
        public = await names.may_be_shown(ctx, draft.to)
        yield publications.publication(
            ctx, draft, dialog=command.dialog, user=command.author.id, public=public, answers=ctx.answers()
        )
    else:
        async for effect in begin(ctx, command.event, fields, fresh=fresh):
            yield effect


async def with_default(ctx: Context, command: Command[Any], fields: dict[str, Any], *, fresh: bool) -> dict[str, Any]:
    """Return the fields of a new draft with the default recipients, if the command names none.

    `fresh` is as in `begin`.

    Raises:
        UserMistake: a default recipient is none for the person who asks.
    """
    event = command.event
    at = _dialog_of(ctx, event)
    if "to" in fields or (not fresh and await drafts.find(ctx, at, event.author.id)):
        return fields
    with options.with_command(command.args, command.name):
        to = await default_recipients.of(ctx, event)
    return fields | {"to": to, "by_default": True} if to else fields


async def at_once(ctx: Context, command: Command[Any]) -> bool:
    """Check whether the person, else the chat, else the service chose to publish without a preview."""
    chosen = await ctx.memory.at_once(user=command.author.id, dialog=command.event.dialog)
    return chosen.decided(default=ctx.settings.publish_at_once)


def _changed(
    ctx: Context, event: Commanded | Said, before: Draft | None, fields: dict[str, Any], *, in_private: bool
) -> Draft:
    """Return the draft before, or a new one, with these fields; a draft of the same content keeps its revision."""
    if "to" in fields:
        fields = {"by_default": False} | fields
    draft = before or drafts.new(ctx, seed=event.message, language=event.language, author_name=event.author.name)
    if before and replace(before, **fields) != before:
        draft = drafts.changed(ctx, draft, **fields)
    elif not before:
        draft = replace(draft, source=event.message, **fields)
    draft = replace(drafts.with_poll(preview.closed(draft), before), language=event.language)
    return replace(draft, awaiting="text") if in_private and not (draft.body or draft.choices) else draft


async def _show(ctx: Context, event: Commanded | Said, draft: Draft, *, before: Draft | None, at: Dialog) -> Effects:
    """Show a draft in a new message of the dialog where its names may be shown, and store it.

    `before` is the draft as it was read in the dialog `at` (None: there was none).
    """
    user, language = event.author.id, draft.language
    dialog = at if at == _own(event) or await _may_be_shown(ctx, draft) else _own(event)
    over = before
    if dialog != at:
        draft = replace(draft, awaiting="" if draft.body or draft.choices else "text")
        if before:
            async for effect in _leave(ctx, before, at, user, End.ELSEWHERE):
                yield effect
        over = None
        if there := await drafts.find(ctx, dialog, user):
            async for effect in _leave(ctx, there, dialog, user, End.REPLACED):
                yield effect
    elif before and before.message is not None:
        yield Edit(dialog=at, language=language, message=before.message, content=preview.moved(language))
    draft = replace(draft, shown=draft.shown + 1, message=None)
    drafts.keep(ctx, dialog, user, draft, over=over)
    yield ShowDraft(
        dialog=dialog, language=language, user=user, draft=draft.id, shown=draft.shown,
        content=await preview.card(ctx, draft, dialog=dialog, user=user), report=True,
    )  # fmt: skip
    if event.dialog != dialog:
        yield ctx.reply(messages.of(ctx.say("draft.elsewhere")))


async def is_for_crm(ctx: Context, event: Commanded | Said) -> bool:
    """Check whether the draft that a message in this dialog changes is a text for the CRM."""
    draft = await drafts.find(ctx, _dialog_of(ctx, event), event.author.id)
    return draft is not None and draft.for_crm


async def show(ctx: Context, command: Command[Any]) -> Effects:
    """Show the draft of this dialog in a new message."""
    draft = await _require(ctx, command)
    event = command.event
    async for effect in _show(ctx, event, preview.closed(draft), before=draft, at=command.dialog):
        yield effect


async def publish(ctx: Context, command: Command[Any]) -> Effects:
    """Publish the draft of this dialog."""
    draft = await _require(ctx, command)
    async for effect in _publish(ctx, draft, command.dialog, command.author.id):
        yield effect


async def cancel(ctx: Context, command: Command[Any]) -> Effects:
    """Put the draft of this dialog away."""
    draft = await _require(ctx, command)
    dialog, user = command.dialog, command.author.id
    drafts.end(ctx, dialog, user, draft, End.CANCELLED)
    if draft.message is not None:
        closed = messages.of(ctx.say(f"draft.{End.CANCELLED}"))
        yield Edit(dialog=dialog, language=draft.language, message=draft.message, content=closed)
    yield ctx.reply(preview.ended(draft, End.CANCELLED))


async def pressed(ctx: Context, command: Command[Any], params: str) -> Effects:
    """Do what a pressed button of a draft says, if it is the owner's and the draft has not changed since.

    Nothing is done for anybody else, or for a button that was forged: they get a word in private.
    """
    dialog, user = command.dialog, command.author.id
    try:
        press = presses.read(ctx, params, dialog=dialog, user=user)
    except BadSignature as bad:
        key = {Reason.USER: "not_yours", Reason.EXPIRED: "old_button"}.get(bad.reason, "bad_button")
        yield ctx.reply_privately(messages.of(ctx.say(f"draft.{key}")))
        return
    draft = await drafts.find(ctx, dialog, user)
    message = command.event.message
    if draft is None or draft.id != drafts.id_of(press.revision):
        found = _of_ended(ctx, press, dialog, user, message=message, language=command.language)
    elif draft.revision != press.revision:
        found = _of_earlier(ctx, draft, dialog, user, message=message)
    else:
        known = draft if draft.message is not None else replace(draft, message=message)
        found = _act(ctx, command, press.action, known)
    async for effect in found:
        yield effect


def is_press(command: Command[Any]) -> bool:
    """Check whether a command was sent by a button, which must be signed."""
    return command.source is not From.TYPED


async def step(ctx: Context, command: Command[Signed], typed: Callable[[Context, Command[Any]], Effects]) -> Effects:
    """Do what a pressed button says, or the step `typed` for a typed command, which takes no parameters.

    Raises:
        UserMistake: a person wrote something after the command.
    """
    text = command.args.signed.strip()
    if text and not is_press(command):
        raise UserMistake("words.extra", text=cutting.start(text, converters.SHOWN), command=command.name)
    async for effect in pressed(ctx, command, text) if is_press(command) else typed(ctx, command):
        yield effect


async def _may_be_shown(ctx: Context, draft: Draft) -> bool:
    """Check whether everybody in the dialog of the event may know what the card of a draft says.

    A CRM card never is for everybody: its rights are those of each person.
    """
    return not draft.for_crm and await names.may_be_shown(ctx, draft.named)


async def _publish(ctx: Context, draft: Draft, dialog: Dialog, user: UserId) -> Effects:
    """Publish a draft, or ask for the approval that the policy wants.

    Raises:
        UserMistake: the draft has no text, or the policy does not allow it.
    """
    if draft.choices:
        raise UserMistake("crm.choose_first")
    if not draft.body:
        raise UserMistake("crm.no_text" if draft.for_crm else "draft.no_text")
    if draft.for_crm:
        action: ByUser = await drafting.publication(ctx, draft, dialog=dialog, user=user)
    else:
        public = await names.may_be_shown(ctx, draft.to)
        action = publications.publication(ctx, draft, dialog=dialog, user=user, public=public, answers=None)
    verdict = await judging.required(ctx, user, judging.recipients_of(action), draft.to, kept="policy.draft_kept")
    drafts.end(ctx, dialog, user, draft, End.PUBLISHED if verdict.allows else End.ASKED)
    if not verdict.allows:
        for effect in await asking.of_draft(ctx, action, verdict, draft):
            yield effect
        return
    yield action
    if draft.message is not None:
        content = preview.ended(draft, End.PUBLISHED)
        yield Edit(dialog=dialog, language=draft.language, message=draft.message, content=content)


def _act(ctx: Context, command: Command[Any], action: Action, draft: Draft) -> Effects:
    dialog, user = command.dialog, command.author.id
    if action is Action.PUBLISH:
        return _publish(ctx, draft, dialog, user)
    if action is Action.CANCEL:
        return _leave(ctx, draft, dialog, user, End.CANCELLED)
    if action in presses.TIMES:
        return later.pressed(ctx, draft, action, dialog=dialog, user=user)
    if action is Action.SHOW:
        return _show(ctx, command.event, preview.closed(draft), before=draft, at=dialog)
    if action in presses.PICKS:
        return _pick(ctx, draft, presses.PICKS.index(action), dialog, user)
    return (
        _ask(ctx, draft, action, dialog, user) if action in presses.ASKED else _switch(ctx, draft, action, dialog, user)
    )


async def _pick(ctx: Context, draft: Draft, place: int, dialog: Dialog, user: UserId) -> Effects:
    """Go on with the CRM card that was chosen: show the draft, or write it if its owner prefers that."""
    after = drafts.changed(ctx, draft, **await drafting.picked(ctx, draft, place, user=user))
    if after.at_once and after.text:
        async for effect in _publish(ctx, replace(after, revision=draft.revision), dialog, user):
            yield effect
        return
    after = replace(after, awaiting="" if after.text else "text")
    drafts.keep(ctx, dialog, user, after, over=draft)
    yield _edited(after, dialog, await preview.card(ctx, after, dialog=dialog, user=user))


async def _ask(ctx: Context, draft: Draft, action: Action, dialog: Dialog, user: UserId) -> Effects:
    """Ask for a field of the draft, which the next message in private fills."""
    asking = replace(draft, awaiting=presses.ASKED[action])
    drafts.keep(ctx, dialog, user, asking, over=draft)
    yield ctx.reply(preview.question(ctx, asking, asking.awaiting, dialog=dialog, user=user))


async def _switch(ctx: Context, draft: Draft, action: Action, dialog: Dialog, user: UserId) -> Effects:
    """Change what has two values, or show other buttons, in the message of the draft."""
    is_later = action is Action.LATER
    after = replace(draft, changing=action is not Action.BACK and not is_later, later=is_later)
    if action in _SWITCHES:
        after = drafts.changed(ctx, after, **_SWITCHES[action])
    drafts.keep(ctx, dialog, user, after, over=draft)
    yield _edited(after, dialog, await preview.card(ctx, after, dialog=dialog, user=user))


async def _of_earlier(ctx: Context, draft: Draft, dialog: Dialog, user: UserId, *, message: MessageId) -> Effects:
    """Answer a button of an earlier revision: show the draft as it is now."""
    if draft.message not in (None, message):
        yield ctx.reply_privately(messages.of(ctx.say("draft.old_button")))
    elif ctx.now - draft.changed_at >= SETTLING:
        shown = replace(draft, message=message)
        yield _edited(shown, dialog, await preview.card(ctx, shown, dialog=dialog, user=user))


async def _of_ended(
    ctx: Context, press: presses.Press, dialog: Dialog, user: UserId, *, message: MessageId, language: str
) -> Effects:
    """Answer a button of a draft that has ended: its message says so, without buttons."""
    ended = await ctx.memory.conversation(dialog, user, drafts.EndedDraft, now=ctx.now)
    if ended is None or ended.draft != drafts.id_of(press.revision) or ended.message not in (None, message):
        yield ctx.reply_privately(messages.of(ctx.say("draft.old_button")))
    elif ctx.now - ended.at >= SETTLING:
        content = messages.of(ctx.say(f"draft.{ended.end}"))
        yield Edit(dialog=dialog, language=language, message=message, content=content)


async def _leave(ctx: Context, draft: Draft, dialog: Dialog, user: UserId, how: End) -> Effects:
    """End a draft; its message says how."""
    drafts.end(ctx, dialog, user, draft, how)
    if draft.message is not None:
        yield _edited(draft, dialog, preview.ended(draft, how))


def _edited(draft: Draft, dialog: Dialog, content: Content) -> Edit:
    assert draft.message is not None  # noqa: S101 - its callers have checked
    return Edit(dialog=dialog, language=draft.language, message=draft.message, content=content)


async def _require(ctx: Context, command: Command[Any]) -> Draft:
    """Return the draft of the dialog of a typed command.

    Raises:
        UserMistake: there is none, or the bot is not in that dialog.
    """
    draft = None if ctx.bot_absent else await drafts.find(ctx, command.dialog, command.author.id)
    if draft is None:
        raise UserMistake("draft.none_here" if command.event.is_group or ctx.bot_absent else "draft.none")
    return draft


def _dialog_of(ctx: Context, event: Commanded | Said) -> Dialog:
    """Return the dialog where the draft is that a message changes."""
    return _own(event) if ctx.bot_absent else event.answer_dialog


def _own(event: Commanded | Said) -> Dialog:
    return Dialog(str(event.author.id))
