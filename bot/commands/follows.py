"""/follows: what this chat follows, with a button to stop each; a press changes the list where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from bot.feed import filters
from bot.feed.publishing import names
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.model.effects import Content, Edit
from bot.model.events import Commanded, From
from bot.model.records import Follow
from bot.model.state_changes import Unfollowing
from keyboards import Command as Press
from keyboards import Keyboard

LONGEST_LABEL = 60
"""How much of a topic stands on its button, in characters."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """`stop:` is what the buttons of the list say: a topic, so that an old list never stops the wrong one."""

    stop: str = arguments.option()


@router.command("follows", Follows, order=60, also=("подписки", "abos"))
async def follows(ctx: Context, command: Command[Follows]) -> Effects:
    """List; a pressed button stops its topic first, and the list it stands in becomes the new one."""
    if refused := filters.refused_outside(ctx):
        yield refused
        return
    left = await ctx.memory.follows(command.dialog)
    stop = command.args.stop
    if any(one.topic == stop for one in left):
        ctx.store(Unfollowing(dialog=command.dialog, topic=stop))
        left = [one for one in left if one.topic != stop]
    event, shown = command.event, _list(ctx, await names.of_follows(ctx, left))
    if stop and isinstance(event, Commanded) and command.source is From.BUTTON:
        yield Edit(dialog=command.dialog, language=command.language, message=event.message, content=shown)
    else:
        yield ctx.reply(shown)


def _list(ctx: Context, left: list[Follow]) -> Content:
    if not left:
        start = Keyboard.of([[Press(ctx.say("button.follow"), "follow", filters.EVERY)]])
        return messages.of(ctx.say("follow.nothing"), keyboard=start)
    return messages.of(filters.listed(ctx.language, left), keyboard=Keyboard.of([_stop(ctx, one) for one in left]))


def _stop(ctx: Context, one: Follow) -> Press:
    what = filters.named(ctx.language, one.topic, one.label, code=False)
    params = arguments.spell(Follows(stop=one.topic), command="follows").removeprefix("/follows ")
    return Press(ctx.say("follow.stop_one", what=what[:LONGEST_LABEL]), "follows", params)
