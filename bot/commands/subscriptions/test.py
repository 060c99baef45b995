"""/test [rule]: what would have come into this chat of the latest posts, and by which rule."""

from __future__ import annotations

from bot.feed.posts import showing
from bot.feed.publishing import names
from bot.feed.subscriptions import describing, reading, trying
from bot.feed.subscriptions.reading import RuleArgs
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.records import Follow
from keyboards import Keyboard, Put

router = Router()


@router.command("test", RuleArgs, order=61, edits=True, also=catalog.also("test"))
async def test(ctx: Context, command: Command[RuleArgs]) -> Effects:
    """Try the rules of this chat, or the one that is written, on the latest posts of the user's own feed."""
    if command.args.what == "" and command.args.is_plain:
        follows = await names.hide_names(ctx, await ctx.memory.follows(command.dialog))
        if not follows:
            yield ctx.reply(messages.of(ctx.say("test.nothing"), keyboard=_begin(ctx)))
            return
    else:
        wanted = await reading.understand(ctx, command.args, command=command.name)
        for asked in wanted.questions:
            yield asked
        if wanted.questions:
            return
        follows = [
            Follow(
                dialog=command.dialog, topic=wanted.rule.topic, owner=command.author.id, language=ctx.language,
                label=wanted.label,
            )
        ]  # fmt: skip
    found, tried = await trying.latest(ctx, follows, reader=command.author.id)
    said = [ctx.say("test.found" if found else "test.none", count=len(found), tried=tried)]
    said += await trying.lines(ctx, found, follows, whole=False)
    if len(found) > trying.SHOWN:
        said.append(ctx.say("test.more", count=len(found) - trying.SHOWN))
    said.append(describing.describe_all(ctx.language, follows))
    if command.event.is_group:
        said.append(ctx.say("follow.privacy"))
    for effect in showing.in_own_dialog(ctx, command.event, messages.of("\n".join(said))):
        yield effect


def _begin(ctx: Context) -> Keyboard:
    return Keyboard.of([Put(ctx.say("test.try"), "/test important")])
