"""/approvals: what waits for an approval; `cancel 3` withdraws an own request."""

from __future__ import annotations

from bot.errors import UserMistake
from bot.feed.policy import deciding, showing
from bot.feed.policy.deciding import Which
from bot.feed.policy.showing import Verb
from bot.feed.posts import showing as own_dialog
from bot.framework import converters
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.events import From
from bot.texts import comparing, cutting

router = Router()

_CANCEL = {comparing.fold(word) for word in ("cancel", *catalog.also("cancel"))}


@router.command("approvals", Which, order=33, edits=True, also=catalog.also("approvals"))
async def approvals(ctx: Context, command: Command[Which]) -> Effects:
    """List what waits for the person and what they asked for, or withdraw a request."""
    text = command.args.text.strip()
    word, _, left = converters.split(text)
    if not text:
        waiting = await ctx.memory.approvals(ctx.now)
        content = showing.page(ctx, waiting, user=command.author.id, language=ctx.language)
        for effect in own_dialog.in_own_dialog(ctx, command.event, content):
            yield effect
    elif command.source is not From.TYPED:
        async for effect in deciding.step(ctx, command, Verb.WITHDRAW):
            yield effect
    elif comparing.fold(word) in _CANCEL:
        for effect in await deciding.typed(ctx, command, Verb.WITHDRAW, left):
            yield effect
    else:
        raise UserMistake("words.extra", text=cutting.start(text, converters.SHOWN), command="approvals")
