"""Lists posts of a person's feed, some on a page, with buttons to turn the pages.

The portal has no filter for an author or for words, so parts of the feed are read and searched here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.feed import post_text
from bot.feed.posts import showing
from bot.feed.relay import cards
from bot.framework import messages
from bot.framework.context import Context
from bot.model.effects import Effect
from bot.model.events import Commanded, Said
from bot.model.records import FeedPart, Post
from keyboards import Button, Keyboard, bb
from keyboards import Command as Press

ON_A_PAGE = 8
"""How many posts one message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a list: the part of the feed, by its first post, and how many of its posts are on pages before."""

    start: int = 0
    skip: int = 0

    def __str__(self) -> str:
        """Return the place as a button sends it, such as `200-8`."""
        return f"{self.start}-{self.skip}"


MOST_DIGITS = 16
"""The longest place that is read, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which posts a command lists: `wanted` chooses them, and `params` makes the arguments of a button to a place."""

    command: str
    wanted: Callable[[Post], bool]
    params: Callable[[Place], str]


def place(text: str) -> Place:
    """Return the place that a button sent; the first one for any other text."""
    start, _, skip = text.partition("-")
    if start.isascii() and start.isdecimal() and skip.isascii() and skip.isdecimal() and len(text) < MOST_DIGITS:
        return Place(start=int(start), skip=int(skip))
    return Place()


async def page(ctx: Context, event: Commanded | Said, search: Search, at: Place) -> list[Effect]:
    """Return the effects that answer with a page of the wanted posts of the asker's feed."""
    part = await ctx.portal.feed(event.author.id, start=at.start)
    found = [post for post in part.posts if search.wanted(post)]
    here = found[at.skip : at.skip + ON_A_PAGE]
    text = "\n".join(await _lines(ctx, search, part, here, at))
    buttons = _buttons(ctx, search, part, at, left=len(found) - at.skip - len(here))
    said = messages.of(text, keyboard=Keyboard.of([buttons]) if buttons else None)
    return showing.in_own_dialog(ctx, event, said)


async def _lines(ctx: Context, search: Search, part: FeedPart, here: list[Post], at: Place) -> list[str]:
    portal = await cards.known_portal(ctx)
    said = [ctx.say(f"{search.command}.{'list' if here else 'nothing'}")]
    for post in here:
        link = bb.link(cards.link(portal, post.id, post.author), f"{post.id}")
        words = bb.escape(post_text.headline(post.title, post.text))
        said.append(" · ".join(filter(None, (str(link), _day(post), words))))
    if part.next or at.start:
        said.append(ctx.say("posts.searched", first=at.start + 1, last=at.start + len(part.posts)))
    return said


def _buttons(ctx: Context, search: Search, part: FeedPart, at: Place, *, left: int) -> list[Button]:
    """Return the buttons to the page before and to the next one; `left` is how many posts of this part come later."""
    before = Place(start=at.start, skip=max(0, at.skip - ON_A_PAGE)) if at.skip else Place() if at.start else None
    after = Place(start=at.start, skip=at.skip + ON_A_PAGE) if left > 0 else None
    if after is None and part.next:
        after = Place(start=part.next)
    named = (("posts.newer", before), ("posts.older", after))
    return [Press(ctx.say(key), search.command, search.params(there)) for key, there in named if there is not None]


def _day(post: Post) -> str:
    """Return the day on which a post was published, as the portal gives it; "" if it gives none."""
    try:
        return datetime.fromisoformat(post.date).date().isoformat()
    except ValueError:
        return ""
