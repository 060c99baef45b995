"""/unfollow: end one subscription of this chat, or all of them."""

from __future__ import annotations

from bot.feed import filters
from bot.feed.filters import FilterArgs
from bot.feed.publishing import names
from bot.feed.relay import quiet
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.records import Follow
from bot.model.state_changes import QuietOff, Unfollowing
from bot.texts import comparing
from keyboards import Command as Press
from keyboards import Keyboard

EVERYTHING = {comparing.fold(word) for word in ("", filters.ALL, *catalog.also("all"))}
"""Words that end every subscription; a button says `every` for the filter `all`."""

router = Router()


@router.command("unfollow", FilterArgs, order=50, also=catalog.also("unfollow"))
async def unfollow(ctx: Context, command: Command[FilterArgs]) -> Effects:
    """End one subscription of this chat, or all, and list the rest. `quiet` switches the quiet line off."""
    if refused := filters.refusal_if_absent(ctx):
        yield refused
        return
    follows, args = await ctx.memory.follows(command.dialog), command.args
    if quiet.is_meant(args):
        ctx.store(QuietOff(dialog=command.dialog))
        yield ctx.reply(quiet.switched_off(ctx))
        return
    if not follows:
        yield ctx.reply(messages.of(ctx.say("follow.nothing"), keyboard=_start(ctx)))
    elif comparing.fold(args.what) in EVERYTHING and not (args.author or args.word):
        ctx.store(Unfollowing(dialog=command.dialog, topic=None))
        yield ctx.reply(messages.of(ctx.say("follow.stopped_all"), keyboard=_start(ctx)))
    elif (chosen := filters.find_follow(follows, args)) is None:
        said = [
            ctx.say("follow.not_followed"),
            filters.describe_all(ctx.language, await names.hide_names(ctx, follows)),
        ]
        yield ctx.reply(messages.of("\n".join(said), keyboard=_list(ctx)))
    else:
        ctx.store(Unfollowing(dialog=command.dialog, topic=chosen.topic))
        yield ctx.reply(messages.of(await _stopped(ctx, chosen, follows), keyboard=_list(ctx)))


async def _stopped(ctx: Context, chosen: Follow, follows: list[Follow]) -> str:
    shown = await names.hide_names(ctx, follows)
    ended = shown[follows.index(chosen)]
    said = [ctx.say("follow.stopped", what=filters.describe(ctx.language, ended.topic, ended.label))]
    if left := [follow for follow in shown if follow is not ended]:
        said.append(filters.describe_all(ctx.language, left))
    return "\n".join(said)


def _start(ctx: Context) -> Keyboard:
    return Keyboard.of([[Press(ctx.say("button.follow"), "follow", filters.EVERY)]])


def _list(ctx: Context) -> Keyboard:
    return Keyboard.of([[Press(ctx.say("button.follows"), "follows")]])
