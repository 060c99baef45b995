"""/thanks @user [medal] text: thank colleagues in a post, with the user as its author."""

from __future__ import annotations

from bot.feed.composer import composing, thanking
from bot.feed.composer.thanking import ThanksOptions
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@router.command("thanks", ThanksOptions, order=16, writes=True, also=catalog.also("thanks"))
async def thanks(ctx: Context, command: Command[ThanksOptions]) -> Effects:
    """Publish a post that thanks people, or show its preview first; without a text, open the composer."""
    wanted = await thanking.understand(ctx, command.args, command=command.name)
    for said in wanted.questions:
        yield said
    if not wanted.questions:
        async for effect in composing.publish_or_show(ctx, command, wanted.fields, fresh=True):
            yield effect
