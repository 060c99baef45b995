"""/show 217: show one post as a card."""

from __future__ import annotations

from dataclasses import dataclass

from bot.feed.posts import lookup, showing
from bot.feed.publishing import references
from bot.framework import arguments
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.events import Dialog

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /show: a post."""

    post: references.PostReference = arguments.positional(needed="posts.no_id", read=references.post)  # noqa: RUF009 - makes a field


@router.command("show", Args, order=28, also=catalog.also("show"))
async def show(ctx: Context, command: Command[Args]) -> Effects:
    """Show a post here if everybody here may read it, else in the user's own dialog."""
    event = command.event
    beside = [Dialog(str(command.author.id)) if ctx.bot_absent else event.dialog]
    post = await lookup.read(ctx, event, command.args.post, beside=beside)
    for effect in await showing.one(ctx, event, post):
        yield effect
