"""/title 217 text: give a post another title."""

from __future__ import annotations

from bot.feed.posts import changing
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@router.command("title", changing.Args, order=14, writes=True, also=catalog.also("title"))
async def title(ctx: Context, command: Command[changing.Args]) -> Effects:
    """Replace the title of a post with the user's token; a title is one line."""
    new = " ".join(changing.words(command).split())
    yield changing.title(ctx, command, await changing.read(ctx, command), new)
