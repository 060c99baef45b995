"""Reads the message that answers a question about a draft, in the owner's private dialog with the bot."""

from __future__ import annotations

from typing import Any

from bot.errors import UserMistake
from bot.feed import post_text
from bot.feed.composer import composing, drafts, options, polls
from bot.feed.composer.drafts import Draft
from bot.feed.crm import options as crm_options
from bot.feed.publishing import backgrounds, choosing, recipients
from bot.feed.scheduling import later, scheduling
from bot.framework import arguments, converters, messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model import events
from bot.model.effects import Effect, Say
from bot.model.events import Said


async def answer(ctx: Context, event: Said) -> list[Effect] | None:
    """Fill the field of the draft that was asked for, and show the draft; None if nothing was asked.

    Files without a text are added to the draft, or kept for the next post.

    Raises:
        UserMistake: the message cannot be used.
    """
    if event.is_group or event.is_elsewhere or event.text.startswith("/"):
        return None
    draft = await drafts.find(ctx, event.answer_dialog, event.author.id)
    if not event.text.strip() and event.files and len(event.file_ids) == event.files:
        return await _only_files(ctx, event, draft)
    if draft is None or not draft.awaiting or not event.text.strip():
        return None
    if event.cut:
        raise UserMistake("words.cut", most=f"{events.LONGEST_TEXT:,}")
    if draft.awaiting == "when":
        user = event.author.id
        when = await scheduling.read(ctx, event.text, user)
        return [effect async for effect in later.draft(ctx, draft, when, dialog=event.answer_dialog, user=user)]
    fields = await _fields(ctx, draft, event.text.strip())
    if isinstance(fields, list):
        return list(fields)
    return [effect async for effect in composing.begin(ctx, event, fields, fresh=False)]


async def _only_files(ctx: Context, event: Said, draft: Draft | None) -> list[Effect]:
    """Add files to the draft; without a draft, keep them for the next post."""
    if draft:
        return [effect async for effect in composing.begin(ctx, event, {}, fresh=False)]
    waiting = await drafts.keep_files(ctx, event)
    return [ctx.reply(messages.of(catalog.plural(ctx.language, "draft.files_wait", waiting)))]


async def _fields(ctx: Context, draft: Draft, text: str) -> dict[str, Any] | list[Say]:
    """Return the fields of the draft that a message changes, or the questions about it."""
    awaiting = draft.awaiting
    if awaiting == "to":
        return await _recipients(ctx, text, crm=draft.for_crm)
    if awaiting == "poll":
        return _poll(text)
    if awaiting == "background":
        return {
            "background": ""
            if text in drafts.NOTHING
            else backgrounds.BACKGROUNDS.named(" ".join(text.split()), ctx.language)
        }
    if awaiting == "tags":
        return {"tags": options.tags(converters.items(text, "tags", spaced=True)[0])}
    shown = "" if text in drafts.NOTHING and awaiting == "title" else post_text.publishable(text)
    if awaiting == "title":
        return {"title": " ".join(shown.split())}
    if not shown:
        raise UserMistake("post.no_text")
    return {"text": shown}


def _poll(text: str) -> dict[str, Any]:
    question, answers = ("", ()) if text in drafts.NOTHING else polls.read(text)
    return {"question": question, "answers": answers}


async def _recipients(ctx: Context, text: str, *, crm: bool) -> dict[str, Any] | list[Say]:
    words, _ = converters.items(text, "to", spaced=True)
    whom = await (crm_options if crm else recipients).resolve(ctx, words)
    if not whom.questions:
        return {"to": whom.found}
    written = arguments.compose(options.only(to=whom.words), command="draft")
    return await choosing.ask(
        ctx, whom.questions, command="draft", text=written.removeprefix("/draft").lstrip(), kept=written
    )
