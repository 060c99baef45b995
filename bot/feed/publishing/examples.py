"""Fills the examples of help with names and numbers that exist on the portal; the portal is not asked for them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.feed.publishing import recipients
from bot.framework import converters
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.events import Commanded, Said
from bot.model.records import Named

ALL = "all"
"""The recipient that every portal has."""


async def lines(ctx: Context, event: Commanded | Said, command: str) -> list[str]:
    """Return the examples of a command.

    Names come from the user's own last search, and are shown in private only; else the user's own name and `all`. The
    post is the newest whose card this dialog shows. A number that is not known is a word in capitals.
    """
    language, number = event.language, catalog.sentence(event.language, "help.number")
    somebody = catalog.sentence(language, "recipients.kind_u")
    private = not event.is_group and not ctx.bot_absent
    found = ctx.portal.found(event.author.id) if private else ()
    posts = [card.post for card in await ctx.memory.cards_with_content(event.answer_dialog)]
    text = catalog.sentence(
        language,
        f"{command}.example",
        group=_first(found, people=False) or ALL,
        person=_first(found, people=True) or converters.plain_or_quoted(event.author.name or somebody),
        post=max(posts, default=number),
        number=number,
    )
    return text.splitlines()


def start(language: str, line: str) -> str:
    """Return the beginning of an example that can be used as it is: up to an unknown number."""
    return line.partition(catalog.sentence(language, "help.number"))[0]


def _first(found: Sequence[Named], *, people: bool) -> str:
    """Return the first person, or the first department or group, as a recipient is written."""
    fitting = (one for one in found if one.code.startswith("U") is people and one != recipients.EVERYONE)
    return next((converters.plain_or_quoted(one.name) for one in fitting), "")
