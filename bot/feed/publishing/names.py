"""Names of people and groups: said in a chat only where everybody who reads there may know them, else to the asker."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.errors import PortalDown, PortalError
from bot.feed.publishing import recipients
from bot.feed.publishing.recipients import Question
from bot.framework import messages
from bot.framework.context import Context
from bot.model.effects import Publish, Say, Share
from bot.model.events import DialogEvent
from bot.model.records import Follow, Named
from keyboards import bb


async def may_be_said(ctx: Context, named: Sequence[Named]) -> bool:
    """Whether everybody who reads the event's dialog may know these names; what cannot be proved may not be said."""
    event = ctx.event
    if not isinstance(event, DialogEvent):
        return False
    if all(one == recipients.EVERYONE for one in named) or not (event.is_group or ctx.guest):
        return True
    if await _may_have_guests(ctx, event):
        return False
    return all([await _is_public(ctx, event, one) for one in named])


async def ask(ctx: Context, asked: Question, respell: Callable[[str], str]) -> list[Say]:
    """Ask which name is meant; in private, with a word in the chat, where the chat may not know the names."""
    question = recipients.question(ctx.language, asked, respell)
    if not asked.candidates or await may_be_said(ctx, asked.candidates[: recipients.MOST_CHOICES]):
        return [ctx.reply(question)]
    here = ctx.say("recipients.asked_alone", name=bb.escape(asked.word[:60]))
    return [ctx.reply(messages.of(here)), ctx.reply_alone(question)]


def are_for_all(effect: Publish | Share) -> bool:
    """Whether the names of an effect's recipients may be said where it was asked for."""
    everyone = effect.dest == [recipients.EVERYONE.code]
    return everyone or effect.audience_public or (effect.answers is None and effect.dialog.isdigit())


async def of_follows(ctx: Context, follows: Sequence[Follow]) -> list[Follow]:
    """The same subscriptions with no name that the chat may not know: people may have come since it was followed."""
    people = [Named(code="", name=one.label) for one in follows if one.topic.startswith("from:")]
    if await may_be_said(ctx, people):
        return list(follows)
    somebody = ctx.say("follow.somebody")
    return [replace(one, label=somebody) if one.topic.startswith("from:") else one for one in follows]


async def _may_have_guests(ctx: Context, event: DialogEvent) -> bool:
    """Whether somebody from outside the company may read along; in a dialog of two it matters who the other one is."""
    unknown = not event.is_group and not event.is_elsewhere
    if unknown or event.author.extranet or event.chat_extranet:
        return True
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.has_extranet_users(event.dialog)
    return True


async def _is_public(ctx: Context, event: DialogEvent, named: Named) -> bool:
    """Whether every employee may know of it; of a group that was written with its code, the portal is asked."""
    if named.visible or not named.code.startswith("SG"):
        return named.visible
    with contextlib.suppress(PortalError, PortalDown):
        found = await ctx.portal.find(named.name, reader=event.author.id)
        return any(one == replace(named, visible=True) for one in found)
    return False
