"""Fills the examples in the help with names and numbers that exist on the portal, without asking the portal."""

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
    """Return the examples of a command, one line each.

    In private, names come from the user's own last search. Otherwise they are the user's own name and `all`. The post
    is the newest one whose card this dialog shows. If a number is not known, a word in capitals takes its place.
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
    """Return the beginning of an example that can be used as it is: the part before a number that is not known."""
    return line.partition(catalog.sentence(language, "help.number"))[0]


def _first(found: Sequence[Named], *, people: bool) -> str:
    """Return the first name as a recipient is written: with `people` of a person, else of a group; "" if none."""
    fitting = (one for one in found if one.code.startswith("U") is people and one != recipients.EVERYONE)
    return next((converters.plain_or_quoted(one.name) for one in fitting), "")
