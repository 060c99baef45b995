"""/schedule [when] [to:...] text: publish a post later, once or every week; list and cancel such posts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserMistake
from bot.feed.composer import composing, drafts, options
from bot.feed.composer.drafts import Draft
from bot.feed.composer.options import PostOptions
from bot.feed.policy import asking, judging
from bot.feed.posts import showing as own_dialog
from bot.feed.publishing import names
from bot.feed.scheduling import due, later, scheduling, showing
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.moments import times
from bot.framework.moments.times import When
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit, Effect
from bot.model.events import Dialog, From
from bot.model.records import ScheduledPost
from bot.texts import comparing

router = Router().include(due.router)

_CANCEL = {comparing.fold(word) for word in ("cancel", *catalog.also("cancel"))}
_NOW = {comparing.fold(word) for word in ("now", *catalog.also("now"))}
_PAGE, _LIST = "page", "list"
MOST_DIGITS = 16
"""The longest number that is read, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Args(PostOptions):
    """The arguments of /schedule: when, and those of a post; or `cancel 3`, `now 3`, or nothing for the list."""

    when: str = arguments.positional(read=times.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a command says about posts that are scheduled already; buttons add what they were made for."""

    verb: str
    number: int
    shown: tuple[int, ...] = ()
    listed: bool = False


@router.command("schedule", Args, order=27, writes=True, also=catalog.also("schedule"))
async def schedule(ctx: Context, command: Command[Args]) -> Effects:
    """Schedule the post that was written, or else the draft of this dialog; without a time, list what waits."""
    asked = None if command.args.when else _asked(command.args.text)
    if asked and asked.verb == _PAGE:
        found = _listed(ctx, command, asked.number)
    elif asked:
        found = _do(ctx, command, asked)
    elif not command.args.when and arguments.compose(command.args, command="schedule") == "/schedule":
        found = _listed(ctx, command, 1)
    else:
        found = _schedule(ctx, command)
    async for effect in found:
        yield effect


def _asked(text: str) -> _Asked | None:
    """Return what a text says about a scheduled post; None if it says nothing, but is a text to publish."""
    word, *more = text.split() or [""]
    folded = comparing.fold(word)
    verb = "cancel" if folded in _CANCEL else "now" if folded in _NOW else _PAGE if folded == _PAGE else ""
    numbers = [part.lstrip("#№") for part in more if part != _LIST]
    if not verb or not numbers or not all(part.isdecimal() and len(part) < MOST_DIGITS for part in numbers):
        return None
    return _Asked(verb=verb, number=int(numbers[0]), shown=tuple(map(int, numbers[1:])), listed=_LIST in more)


async def _schedule(ctx: Context, command: Command[Args]) -> AsyncIterator[Effect]:
    """Schedule the text of a command, or else the draft of this dialog; if a recipient is unclear, ask first.

    Raises:
        UserMistake: the time cannot be understood, or there is no text.
    """
    user = command.author.id
    with options.with_command(command.args, "schedule"):
        when = await scheduling.read(ctx, command.args.when or command.args.text, user)
        wanted = await options.understand(ctx, command.args, command="schedule")
        for said in wanted.questions:
            yield said
        if wanted.questions:
            return
        written = not wanted.fields.keys().isdisjoint(("text", "question"))
        before = None if written else await _draft(ctx, command)
        if before:
            found = later.draft(ctx, replace(before, **wanted.fields), when, dialog=command.dialog, user=user)
        else:
            found = _written(ctx, command, wanted.fields, when)
        async for effect in found:
            yield effect


async def _draft(ctx: Context, command: Command[Args]) -> Draft:
    """Return the draft of this dialog.

    Raises:
        UserMistake: there is none, or it has no text.
    """
    found = None if ctx.bot_absent else await drafts.find(ctx, command.dialog, command.author.id)
    if found is None or not found.body:
        raise UserMistake("schedule.no_text")
    return found


async def _written(ctx: Context, command: Command[Args], fields: dict[str, Any], when: When) -> AsyncIterator[Effect]:
    """Schedule the text of a command, and show it where its recipients may be named."""
    fields = await composing.with_default(ctx, command, fields, fresh=True)
    empty = drafts.new(ctx, seed=0, language=command.language, author_name=command.author.name)
    draft = drafts.with_poll(replace(empty, files=await drafts.take_files(ctx, command.event), **fields), None)
    here = not ctx.bot_absent and await names.may_be_shown(ctx, draft.to)
    dialog = command.dialog if here else Dialog(str(command.author.id))
    async for effect in later.typed(ctx, draft, when, dialog=dialog, user=command.author.id):
        yield effect
    if dialog != command.event.dialog:
        yield ctx.reply(messages.of(ctx.say("schedule.elsewhere")))


async def _listed(ctx: Context, command: Command[Args], number: int) -> AsyncIterator[Effect]:
    """Show a page of the posts of the person who asks, in their own dialog with the bot."""
    posts = await ctx.memory.scheduled(command.author.id)
    content = showing.page(posts, number, language=command.language)
    for effect in own_dialog.in_own_dialog(ctx, command.event, content):
        yield effect


async def _do(ctx: Context, command: Command[Args], asked: _Asked) -> AsyncIterator[Effect]:
    """Publish a scheduled post now, or cancel it.

    A button of somebody else, or of a post that does not wait any more, is answered in private.

    Raises:
        UserMistake: the person who wrote this has no such post.
    """
    try:
        post = await later.required(ctx, command.author.id, asked.number, asked.shown)
    except UserMistake as mistake:
        if command.source is From.TYPED:
            raise
        yield ctx.reply_privately(messages.of(ctx.say(mistake.key, **mistake.values)))
        return
    if asked.verb == "now":
        for effect in await _now(ctx, post):
            yield effect
    else:
        scheduling.drop(ctx, post)
    key = f"schedule.{'published' if asked.verb == 'now' else 'cancelled'}"
    said = ctx.say(key, when=showing.when(post, ctx.language))
    if asked.listed:
        left = [one for one in await ctx.memory.scheduled(command.author.id) if _stays(one, post, asked)]
        content = showing.page(
            left, 1, language=command.language, before=ctx.say(key, when=showing.when(post, ctx.language))
        )
    elif asked.verb == "now":
        content = messages.of(said)
    else:
        content = showing.ended(post, key, language=command.language)
    for effect in _answered(ctx, command, content):
        yield effect


async def _now(ctx: Context, post: ScheduledPost) -> list[Effect]:
    """Return the effects that publish a scheduled post now, or that ask for the approval that it needs.

    Raises:
        UserMistake: the policy does not allow it.
    """
    verdict = await judging.required(ctx, post.user, post.post.dest, post.to, kept="policy.schedule_kept")
    action = scheduling.publish(ctx, post)
    if verdict.allows:
        return [action]
    return await asking.of_scheduled(ctx, action, verdict, to=post.to, thanked=post.thanked)


def _stays(one: ScheduledPost, post: ScheduledPost, asked: _Asked) -> bool:
    return one.number != post.number or (asked.verb == "now" and post.weekday is not None)


def _answered(ctx: Context, command: Command[Args], content: Content) -> list[Effect]:
    """Return the effects that answer; a press edits the message of its button."""
    if command.source is not From.TYPED and not ctx.bot_absent:
        return [Edit(dialog=command.dialog, language=command.language, message=command.event.message, content=content)]
    return [ctx.reply(content)]
