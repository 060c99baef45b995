"""/draft [to:...] [title:"..."] text: prepare a post, or change the draft of this dialog."""

from __future__ import annotations

from bot.feed.composer import composing, endings, options
from bot.feed.composer.options import PostOptions
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router().include(endings.router)


@router.command("draft", PostOptions, order=11, also=catalog.also("draft"))
async def draft(ctx: Context, command: Command[PostOptions]) -> Effects:
    """Change the draft of this dialog, or begin one; what is not named stays as it is."""
    if composing.is_press(command):
        async for effect in composing.pressed(ctx, command, command.args.text):
            yield effect
        return
    wanted = await options.understand(ctx, command.args, command=command.name)
    for said in wanted.questions:
        yield said
    if not wanted.questions:
        fields = await composing.with_default(ctx, command, wanted.fields, fresh=False)
        async for effect in composing.begin(ctx, command.event, fields, fresh=False):
            yield effect
