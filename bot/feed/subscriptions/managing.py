"""Says who may end or change a subscription: in a group its owner, who manages the chat, and administrators."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed.publishing import names
from bot.feed.subscriptions import describing
from bot.framework.context import Context
from bot.model.events import DialogEvent
from bot.model.records import Follow
from keyboards import bb


async def require(ctx: Context, follow: Follow) -> None:
    """Check that the user of this event may end or change a subscription.

    Raises:
        UserMistake: they may not; it says whom to ask.
    """
    if not await _may(ctx, [follow]):
        [shown] = await names.hide_names(ctx, [follow])
        what = describing.describe(ctx.language, shown.topic, shown.label)
        owner = bb.escape(follow.owner_name) or ctx.say("follow.its_owner")
        raise UserMistake("follow.not_yours", what=what, owner=owner)


async def allowed(ctx: Context, follows: Sequence[Follow]) -> list[Follow]:
    """Return those of the subscriptions that the user of this event may end."""
    if await _may(ctx, follows):
        return list(follows)
    return [one for one in follows if _is_own(ctx, one)]


async def _may(ctx: Context, follows: Sequence[Follow]) -> bool:
    event = ctx.event
    if not isinstance(event, DialogEvent) or not event.is_group or all(_is_own(ctx, one) for one in follows):
        return True
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.manages(event.dialog, event.author.id) or await ctx.portal.is_admin()
    return False


def _is_own(ctx: Context, follow: Follow) -> bool:
    return isinstance(ctx.event, DialogEvent) and follow.owner == ctx.event.author.id
