"""/follow: subscribe this chat to posts, or change one of its subscriptions."""

from __future__ import annotations

import contextlib

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed.publishing import names
from bot.feed.relay import quiet
from bot.feed.subscriptions import describing, managing, reading, rules
from bot.feed.subscriptions.reading import RuleArgs, Wanted
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content
from bot.model.records import Follow
from bot.model.state_changes import Following, QuietOn
from bot.texts import comparing
from keyboards import Command as Press
from keyboards import Keyboard, bb

MOST = 30
"""The most subscriptions of one dialog; each needs a button in the list."""

router = Router()


@router.command("follow", RuleArgs, order=40, also=catalog.also("follow"))
async def follow(ctx: Context, command: Command[RuleArgs]) -> Effects:
    """Subscribe this chat to posts; `quiet` switches the quiet line on, and a number changes a subscription."""
    if refused := reading.refusal_if_absent(ctx):
        yield refused
        return
    if quiet.is_meant(command.args):
        ctx.store(QuietOn(dialog=command.dialog))
        yield ctx.reply(quiet.switched_on(ctx))
        return
    follows = await ctx.memory.follows(command.dialog)
    before = await _to_change(ctx, command.args, follows)
    wanted = await reading.understand(ctx, command.args, command=command.name)
    for said in wanted.questions:
        yield said
    if not wanted.questions:
        yield ctx.reply(await _follow(ctx, command, wanted, follows, before=before))


async def _to_change(ctx: Context, args: RuleArgs, follows: list[Follow]) -> Follow | None:
    """Return the subscription whose number the arguments name, to be changed; None if they name no number.

    Raises:
        UserMistake: there is none with that number, the user may not change it, or no new rule is written.
    """
    if args.number is None:
        return None
    if args.is_plain:
        raise UserMistake("follow.only_number", number=args.number)
    before = reading.numbered(follows, args.number)
    await managing.require(ctx, before)
    return before


async def _follow(
    ctx: Context, command: Command[RuleArgs], wanted: Wanted, follows: list[Follow], *, before: Follow | None
) -> Content:
    """Store the subscription if the chat has not got it yet, and return the answer.

    A subscription keeps its owner, also if another person changes it or asks for it again; else anybody could end it.
    """
    topic = wanted.rule.topic
    known = any(comparing.fold(one.topic) == comparing.fold(topic) for one in follows)
    if len(follows) >= MOST and not known and before is None:
        raise UserMistake("follow.many", most=MOST)
    if not known:
        ctx.store(_following(command, wanted, before))
    shown = await names.hide_names(ctx, follows)
    what = describing.describe(ctx.language, topic, wanted.label)
    if known:
        said = [ctx.say("follow.already", what=what)]
    elif before:
        number = follows.index(before) + 1
        was = describing.describe(ctx.language, before.topic, shown[number - 1].label)
        said = [_changed_by(ctx, command, ctx.say("follow.changed", number=number, was=was, what=what))]
    else:
        said = [ctx.say("follow.done", what=what)]
    said += _overlaps(ctx, wanted, [one for one in shown if one.topic not in (topic, before and before.topic)])
    if command.event.is_group:
        said.append(await _privacy(ctx, command, wanted))
    return messages.of("\n".join(said), keyboard=_buttons(ctx, wanted))


def _following(command: Command[RuleArgs], wanted: Wanted, before: Follow | None) -> Following:
    if before:
        owner, owner_name, language = before.owner, before.owner_name, before.language
    else:
        owner, owner_name, language = command.author.id, command.author.name, command.language
    return Following(
        dialog=command.dialog, topic=wanted.rule.topic, owner=owner, language=language, label=wanted.label,
        owner_name=owner_name, over=before.topic if before else "",
    )  # fmt: skip


def _changed_by(ctx: Context, command: Command[RuleArgs], said: str) -> str:
    """Add the name of the user to an answer in a group, so that the others know who changed something."""
    if not command.event.is_group or not command.author.name:
        return said
    return ctx.say("follow.changed_by", said=said, name=bb.escape(command.author.name))


def _overlaps(ctx: Context, wanted: Wanted, others: list[Follow]) -> list[str]:
    """Return the sentence that another subscription brings the same posts already, or is not needed any more.

    The names in `others` are those that the readers here may know.
    """
    for one in others:
        other = rules.read(one.topic)
        shown = describing.describe(ctx.language, one.topic, one.label)
        if other.covers(wanted.rule):
            return [ctx.say("follow.covered", what=shown)]
        if wanted.rule.covers(other):
            return [ctx.say("follow.covers", what=shown)]
    return []


async def _privacy(ctx: Context, command: Command[RuleArgs], wanted: Wanted) -> str:
    """Return the sentence that tells a group which posts it will not see, and whether they are counted."""
    counted = ctx.say("follow.uncounted" if await ctx.memory.quiet_is_off(command.dialog) else "follow.counted")
    with contextlib.suppress(PortalError, PortalDown):
        await ctx.portal.has_extranet_users(command.dialog)
    if await quiet.tell_extranet(ctx, command.dialog):
        return f"{ctx.say('follow.privacy_extranet')} {counted}"
    return ctx.say("follow.privacy_word") if wanted.rule.reveals else f"{ctx.say('follow.privacy')} {counted}"


def _buttons(ctx: Context, wanted: Wanted) -> Keyboard:
    rows = [Press(ctx.say("button.follows"), "follows")]
    stop = Press(ctx.say("follow.stop"), "unfollow", reading.written(wanted.rule))
    made = Keyboard.of([[stop, *rows]])
    return made if messages.fits(made) else Keyboard.of([rows])
