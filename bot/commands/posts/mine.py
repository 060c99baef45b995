"""/mine: list the posts of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass

from bot.feed.posts import lists
from bot.framework import arguments
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /mine: the page, which only buttons send."""

    page: str = arguments.option()


@router.command("mine", Args, order=26, edits=True, also=catalog.also("mine"))
async def mine(ctx: Context, command: Command[Args]) -> Effects:
    """List the posts that the user wrote, from their own feed."""
    user = command.author.id
    search = lists.Search(command="mine", wanted=lambda post: post.author == user, params=lambda at: f"page:{at}")
    for effect in await lists.page(ctx, command.event, search, lists.place(command.args.page)):
        yield effect
