"""/unfollow: this chat is told no longer, about one thing or at all."""

from __future__ import annotations

from bot import content
from bot.context import Context, Effects
from bot.facts import Unfollowing
from bot.feed import topics
from bot.feed.topics import Asked
from bot.known import Follow
from bot.router import Command, Router
from keyboards import Command as Press
from keyboards import Keyboard

EVERYTHING = {"", topics.ALL, "все", "всё", "alle", "alles"}
"""`/unfollow` and `/unfollow all` end every subscription; a button says `every` for the topic `all`."""

router = Router()


@router.command("unfollow", Asked, also=("отписаться", "entfolgen"))
async def unfollow(ctx: Context, command: Command[Asked]) -> Effects:
    """Forget one subscription of this chat, or all of them; what is left is listed."""
    follows, args = await ctx.memory.follows(command.dialog), command.args
    if not follows:
        yield ctx.reply(content.of(ctx.say("follow.nothing"), keyboard=_start(ctx)))
    elif args.what.casefold() in EVERYTHING and not (args.author or args.word):
        ctx.remember(Unfollowing(dialog=command.dialog, topic=None))
        yield ctx.reply(content.of(ctx.say("follow.stopped_all"), keyboard=_start(ctx)))
    elif (meant := topics.meant(follows, args)) is None:
        said = [ctx.say("follow.not_followed"), topics.listed(ctx.language, follows)]
        yield ctx.reply(content.of("\n".join(said), keyboard=_list(ctx)))
    else:
        ctx.remember(Unfollowing(dialog=command.dialog, topic=meant.topic))
        yield ctx.reply(content.of(_stopped(ctx, meant, follows), keyboard=_list(ctx)))


def _stopped(ctx: Context, meant: Follow, follows: list[Follow]) -> str:
    said = [ctx.say("follow.stopped", what=topics.named(ctx.language, meant.topic, meant.label))]
    if left := [follow for follow in follows if follow is not meant]:
        said.append(topics.listed(ctx.language, left))
    return "\n".join(said)


def _start(ctx: Context) -> Keyboard:
    return Keyboard.of([[Press(ctx.say("button.follow"), "follow", topics.EVERY)]])


def _list(ctx: Context) -> Keyboard:
    return Keyboard.of([[Press(ctx.say("button.follows"), "follows")]])
