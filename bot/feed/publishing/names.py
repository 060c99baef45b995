"""Decides whether a dialog may see names of people and groups: only if all its readers may know them.

Otherwise the names are sent to the private dialog of the user who asked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import PortalDown, PortalError
from bot.feed.publishing import recipients
from bot.feed.subscriptions import rules
from bot.framework.context import Context
from bot.model.effects import Publish, Share
from bot.model.events import DialogEvent
from bot.model.records import Follow, Named


async def may_be_shown(ctx: Context, named: Sequence[Named]) -> bool:
    """Check whether everybody who reads in the dialog of the event may know these names.

    False if the portal does not answer.
    """
    event = ctx.event
    if not isinstance(event, DialogEvent):
        return False
    if all(one == recipients.EVERYONE for one in named) or not (event.is_group or ctx.bot_absent):
        return True
    if await _may_have_extranet_users(ctx, event):
        return False
    return all([await _is_public(ctx, event, one) for one in named])


def may_show_recipients(effect: Publish | Share) -> bool:
    """Check whether the dialog where the user asked for this effect may see the recipients' names."""
    everyone = effect.dest == [recipients.EVERYONE.code]
    return everyone or effect.audience_public or (effect.answers is None and effect.dialog.isdigit())


async def hide_names(ctx: Context, follows: Sequence[Follow]) -> list[Follow]:
    """Return the subscriptions, without the names in their rules if the readers of the dialog may not know them.

    Somebody may have joined the dialog after it was subscribed.
    """
    named = [one for one in follows if rules.read(one.topic).codes]
    people = [Named(code="", name=one.label) for one in named]
    if await may_be_shown(ctx, people):
        return list(follows)
    hidden = {one.topic: "\n".join(_unnamed(ctx, code) for code in rules.read(one.topic).codes) for one in named}
    return [replace(one, label=hidden.get(one.topic, one.label)) for one in follows]


def _unnamed(ctx: Context, code: str) -> str:
    """Return the words for a person, department or group whose name is hidden."""
    return ctx.say("follow.somebody" if code.startswith("U") else "follow.some_place")


async def _may_have_extranet_users(ctx: Context, event: DialogEvent) -> bool:
    """Check whether an extranet user may read in the dialog; True if that is unknown."""
    unknown = not event.is_group and not event.is_elsewhere
    if unknown or event.author.extranet or event.chat_extranet:
        return True
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.has_extranet_users(event.dialog)
    return True


async def _is_public(ctx: Context, event: DialogEvent, named: Named) -> bool:
    """Check whether every employee may know a name; for a workgroup that was named by its code, ask the portal."""
    if named.visible or not named.code.startswith("SG"):
        return named.visible
    with contextlib.suppress(PortalError, PortalDown):
        found = await ctx.portal.find(named.name, reader=event.author.id)
        return any(one == replace(named, visible=True) for one in found)
    return False
