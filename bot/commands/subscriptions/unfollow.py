"""/unfollow: end one subscription of this chat, or all of them."""

from __future__ import annotations

from bot.errors import UserMistake
from bot.feed.publishing import names
from bot.feed.relay import quiet
from bot.feed.subscriptions import describing, managing, reading, rules
from bot.feed.subscriptions.reading import RuleArgs
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.records import Follow
from bot.model.state_changes import QuietOff, Unfollowing
from bot.texts import comparing
from keyboards import Command as Press
from keyboards import Keyboard, bb

EVERYTHING = {comparing.fold(word) for word in ("", rules.ALL, *catalog.also("all"))}

router = Router()


@router.command("unfollow", RuleArgs, order=50, also=catalog.also("unfollow"))
async def unfollow(ctx: Context, command: Command[RuleArgs]) -> Effects:
    """End one subscription of this chat, or all, and list the rest. `quiet` switches the quiet line off."""
    if refused := reading.refusal_if_absent(ctx):
        yield refused
        return
    follows, args = await ctx.memory.follows(command.dialog), command.args
    reading.require_no_more(args, command=command.name)
    if quiet.is_meant(args):
        ctx.store(QuietOff(dialog=command.dialog))
        yield ctx.reply(quiet.switched_off(ctx))
    elif not follows:
        yield ctx.reply(messages.of(ctx.say("follow.nothing"), keyboard=_start(ctx)))
    elif comparing.fold(args.what) in EVERYTHING and args.is_plain:
        yield ctx.reply(messages.of(await _stop_all(ctx, command, follows), keyboard=_start(ctx)))
    elif (chosen := reading.find(follows, args)) is None:
        said = [
            ctx.say("follow.not_followed"),
            describing.describe_all(ctx.language, await names.hide_names(ctx, follows)),
        ]
        yield ctx.reply(messages.of("\n".join(said), keyboard=_list(ctx)))
    else:
        await managing.require(ctx, chosen)
        ctx.store(Unfollowing(dialog=command.dialog, topic=chosen.topic))
        yield ctx.reply(messages.of(await _stopped(ctx, command, chosen, follows), keyboard=_list(ctx)))


async def _stop_all(ctx: Context, command: Command[RuleArgs], follows: list[Follow]) -> str:
    """End all subscriptions that the user may end, and return what to say.

    Raises:
        UserMistake: they may end none of them.
    """
    ending = await managing.allowed(ctx, follows)
    if not ending:
        raise UserMistake("follow.none_yours")
    if len(ending) == len(follows):
        ctx.store(Unfollowing(dialog=command.dialog, topic=None))
        return _by(ctx, command, ctx.say("follow.stopped_all"))
    for one in ending:
        ctx.store(Unfollowing(dialog=command.dialog, topic=one.topic))
    left = await names.hide_names(ctx, [one for one in follows if one not in ending])
    said = _by(ctx, command, ctx.say("follow.stopped_yours"))
    return "\n".join([said, describing.describe_all(ctx.language, left, owners=True)])


async def _stopped(ctx: Context, command: Command[RuleArgs], chosen: Follow, follows: list[Follow]) -> str:
    shown = await names.hide_names(ctx, follows)
    ended = shown[follows.index(chosen)]
    what = describing.describe(ctx.language, ended.topic, ended.label)
    said = [_by(ctx, command, ctx.say("follow.stopped", what=what))]
    if left := [follow for follow in shown if follow is not ended]:
        said.append(describing.describe_all(ctx.language, left))
    return "\n".join(said)


def _by(ctx: Context, command: Command[RuleArgs], said: str) -> str:
    """Add the name of the user to an answer in a group, so that the others know who did it."""
    if not command.event.is_group or not command.author.name:
        return said
    return ctx.say("follow.by", said=said, name=bb.escape(command.author.name))


def _start(ctx: Context) -> Keyboard:
    return Keyboard.of([[Press(ctx.say("button.follow"), "follow", reading.EVERY)]])


def _list(ctx: Context) -> Keyboard:
    return Keyboard.of([[Press(ctx.say("button.follows"), "follows")]])
