"""/append 217 text: add a text to the end of a post."""

from __future__ import annotations

from bot.feed.posts import changing
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@router.command("append", changing.Args, order=13, writes=True, also=catalog.also("append"))
async def append(ctx: Context, command: Command[changing.Args]) -> Effects:
    """Add a paragraph to the end of a post with the user's token."""
    added = changing.words(command)
    post = await changing.read(ctx, command)
    yield changing.text(ctx, command, post, f"{post.text}\n\n{added}" if post.text.strip() else added)
