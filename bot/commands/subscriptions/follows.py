"""/follows: list the subscriptions of this chat, with a button to stop each."""

from __future__ import annotations

from dataclasses import dataclass

from bot.feed.publishing import names
from bot.feed.relay import quiet
from bot.feed.subscriptions import describing, managing, reading
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model import ordering
from bot.model.effects import Content, Edit
from bot.model.events import Commanded, DialogEvent, From
from bot.model.records import Follow
from bot.model.state_changes import Unfollowing
from bot.texts import cutting
from keyboards import Command as Press
from keyboards import Keyboard, bb

LONGEST_LABEL = 60
"""How much of a filter's name its button shows, in characters."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """The arguments of /follows: a digest of the subscription to end, which only buttons send.

    It is no number, so that a button in an old list cannot end another subscription.
    """

    stop: str = arguments.option()


@router.command("follows", Follows, order=60, edits=True, also=catalog.also("follows"))
async def follows(ctx: Context, command: Command[Follows]) -> Effects:
    """List the subscriptions of this chat; a button first ends one, and then the list is updated in place."""
    if refused := reading.refusal_if_absent(ctx):
        yield refused
        return
    left = await ctx.memory.follows(command.dialog)
    stop = command.args.stop
    shown = await names.hide_names(ctx, left)
    at = next((at for at, one in enumerate(left) if ordering.digest(one.topic) == stop), None)
    said: list[str] = []
    if at is not None:
        await managing.require(ctx, left[at])
        ctx.store(Unfollowing(dialog=command.dialog, topic=left[at].topic))
        said = _told(ctx, command, shown.pop(at))
    answer = await _list(ctx, shown, said)
    event = command.event
    if stop and isinstance(event, Commanded) and command.source is From.BUTTON:
        yield Edit(dialog=command.dialog, language=command.language, message=event.message, content=answer)
    else:
        yield ctx.reply(answer)


def _told(ctx: Context, command: Command[Follows], ended: Follow) -> list[str]:
    """Return the sentence that tells a group what a member ended; nobody else is there in a private dialog."""
    if not _in_group(ctx) or not command.author.name:
        return []
    said = ctx.say("follow.stopped", what=describing.describe(ctx.language, ended.topic, ended.label))
    return [ctx.say("follow.by", said=said, name=bb.escape(command.author.name))]


async def _list(ctx: Context, left: list[Follow], before: list[str]) -> Content:
    if not left:
        start = Keyboard.of([[Press(ctx.say("button.follow"), "follow", reading.EVERY)]])
        return messages.of("\n".join([*before, ctx.say("follow.nothing")]), keyboard=start)
    said = [*before, describing.describe_all(ctx.language, left, owners=_in_group(ctx))]
    buttons = [_stop(ctx, one) for one in left]
    event = ctx.event
    if isinstance(event, DialogEvent) and _in_group(ctx) and await ctx.memory.quiet_is_off(event.answer_dialog):
        said.append(ctx.say("quiet.is_off"))
        buttons.append(quiet.switch_on(ctx))
    return messages.of("\n".join(said), keyboard=Keyboard.of(buttons))


def _in_group(ctx: Context) -> bool:
    return isinstance(ctx.event, DialogEvent) and ctx.event.is_group


def _stop(ctx: Context, one: Follow) -> Press:
    what = describing.describe(ctx.language, one.topic, one.label, code=False)
    params = arguments.compose(Follows(stop=ordering.digest(one.topic)), command="follows").removeprefix("/follows ")
    return Press(ctx.say("follow.stop_one", what=cutting.start(what, LONGEST_LABEL)), "follows", params)
