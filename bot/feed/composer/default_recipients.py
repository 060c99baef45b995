"""Finds who a post without recipients is for, as its author or the chat chose; the author's rights count."""

from __future__ import annotations

import asyncio

from bot.errors import TokenExpired, TokenRefused, UserMistake
from bot.feed.publishing import recipients
from bot.framework.context import Context
from bot.model.events import Commanded, Said
from bot.model.records import Named

MOST = 10
"""The most default recipients: each use searches for all of them, and the searches of ten are one request."""


async def of(ctx: Context, event: Commanded | Said) -> tuple[Named, ...]:
    """Return the default recipients for a post of the event's author; empty if none are chosen.

    Raises:
        UserMistake: the author may not see one of them, or it no longer exists. Its name is not told, because
            somebody else may have chosen it.
    """
    chosen = (await ctx.memory.default_recipients(user=event.author.id, dialog=event.dialog)).decided
    found = await asyncio.gather(*(_seen(ctx, event, one) for one in chosen))
    known = tuple(one for one in found if one is not None)
    if len(known) < len(chosen):
        raise UserMistake("settings.to_lost")
    return known


async def _seen(ctx: Context, event: Commanded | Said, wanted: Named) -> Named | None:
    """Return a recipient as the author of the event sees it now; None if they do not see it."""
    if wanted == recipients.EVERYONE or wanted.name == wanted.code:
        return wanted  # a code has no name to search for; the portal judges it when the post is sent
    try:
        found = await ctx.portal.find(wanted.name, reader=event.author.id)
    except (TokenExpired, TokenRefused):
        return None
    return next((one for one in found if one.code == wanted.code), None)
