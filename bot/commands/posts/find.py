"""/find words: search the posts that the person who asks may read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import UserMistake
from bot.feed import post_text
from bot.feed.posts import lists
from bot.framework import arguments
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.texts import comparing

MOST_CHARACTERS = 200
"""The longest search, so that a button can repeat it."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /find: the words, and the page, which only buttons send."""

    page: str = arguments.option()
    words: str = arguments.rest(needed="find.no_words")


@router.command("find", Args, order=27, edits=True, also=catalog.also("find"))
async def find(ctx: Context, command: Command[Args]) -> Effects:
    """List the posts of the user's own feed that contain all the words, in any order."""
    words = [word for word in comparing.fold(command.args.words).split() if word != "--"]
    if not words:
        raise UserMistake("find.no_words", command=command.name)
    if len(command.args.words) > MOST_CHARACTERS:
        raise UserMistake("find.long", most=MOST_CHARACTERS)
    search = lists.Search(
        command="find",
        wanted=lambda post: all(word in post_text.search_text(post) for word in words),
        params=lambda at: arguments.compose(replace(command.args, page=str(at)), command="").removeprefix("/").strip(),
    )
    for effect in await lists.page(ctx, command.event, search, lists.place(command.args.page)):
        yield effect
