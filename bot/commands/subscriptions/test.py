"""/test [rule]: what would have come into this chat of the latest posts, and by which rule."""

from __future__ import annotations

from bot.feed.posts import showing
from bot.feed.publishing import names
from bot.feed.subscriptions import describing, reading, trying
from bot.feed.subscriptions.reading import RuleArgs, Wanted
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.records import Follow
from keyboards import Keyboard, Put

router = Router()


@router.command("test", RuleArgs, order=61, edits=True, also=catalog.also("test"))
async def test(ctx: Context, command: Command[RuleArgs]) -> Effects:
    """Try the rules of this chat, one of them by its number, or the one that is written, on the user's latest posts."""
    args = command.args
    follows = await names.hide_names(ctx, await ctx.memory.follows(command.dialog))
    if args.what == "" and args.is_plain:
        said = await _all_tried(ctx, command, follows) if follows else None
    elif args.number is not None and args.is_plain:
        said = await _one_tried(ctx, command, reading.numbered(follows, args.number))
    else:
        wanted = await reading.understand(ctx, args, command=command.name)
        for asked in wanted.questions:
            yield asked
        if wanted.questions:
            return
        said = await _one_tried(ctx, command, _follow(command, wanted))
    if said is None:
        yield ctx.reply(messages.of(ctx.say("test.nothing"), keyboard=_begin(ctx)))
        return
    if command.event.is_group:
        said.append(ctx.say("test.privacy"))
    for effect in showing.in_own_dialog(ctx, command.event, messages.of("\n".join(said))):
        yield effect


def _follow(command: Command[RuleArgs], wanted: Wanted) -> Follow:
    """Return the subscription that the rule would be."""
    topic, label = wanted.rule.topic, wanted.label
    return Follow(
        dialog=command.dialog, topic=topic, owner=command.author.id, language=command.language, label=label
    )  # fmt: skip


async def _all_tried(ctx: Context, command: Command[RuleArgs], follows: list[Follow]) -> list[str]:
    said = await _tried(ctx, command, follows, numbered=True)
    return [*said, describing.describe_all(ctx.language, follows)]


async def _one_tried(ctx: Context, command: Command[RuleArgs], one: Follow) -> list[str]:
    what = describing.describe(ctx.language, one.topic, one.label)
    return [ctx.say("test.tried", what=what), *await _tried(ctx, command, [one], numbered=False)]


async def _tried(ctx: Context, command: Command[RuleArgs], follows: list[Follow], *, numbered: bool) -> list[str]:
    found, tried = await trying.latest(ctx, follows, reader=command.author.id)
    said = [ctx.say("test.found" if found else "test.none", count=len(found), tried=tried)]
    said += await trying.lines(ctx, found, numbered=numbered)
    if len(found) > trying.SHOWN:
        said.append(ctx.say("test.more", count=len(found) - trying.SHOWN))
    return said


def _begin(ctx: Context) -> Keyboard:
    return Keyboard.of([Put(ctx.say("test.try"), "/test important")])
