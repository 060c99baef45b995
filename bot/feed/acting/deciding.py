"""Decides which actions of people are sent with an administrator's token, because their own is missing or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from bot.errors import CLOSED_TO_USER
from bot.framework.context import Context
from bot.model import effects
from bot.model.acting import ACTED
from bot.model.effects import ByUser, Effect
from bot.model.events import Event, Failed, UserId

_REFUSED = "TokenRefused"
"""The name of the error that says that the token of a person does not work any more."""


async def is_needed(ctx: Context, user: UserId) -> bool:
    """Check whether we have to act for a user, and are allowed to: none of their tokens is known to work.

    A token that came with the event counts as one that works; if it is refused, `instead` follows.
    """
    if not ctx.settings.for_people:
        return False
    if ctx.portal.acted_for(user):
        return True
    came = ctx.event_tokens
    return not (came.user == user and came.access_token) and await ctx.memory.acts_until(user) <= ctx.now


async def marked(ctx: Context, made: Sequence[Effect]) -> list[Effect]:
    """Return the effects of a handler; those that must be sent for their user with another token say so."""
    return [await _marked(ctx, one) for one in made]


async def _marked(ctx: Context, effect: Effect) -> Effect:
    acts = isinstance(effect, ACTED) and not effect.acting and await is_needed(ctx, effect.user)
    return replace(effect, acting=True) if acts and isinstance(effect, ByUser) else effect


def instead(ctx: Context, event: Event) -> ByUser | None:
    """Return the action to do for a person whose token was just refused; None if that is not what the event says.

    Nothing was done with the refused token, so nothing is done twice. Nobody acts for people to whom an administrator
    has not opened the application.
    """
    if not ctx.settings.for_people or not isinstance(event, Failed) or event.error != _REFUSED:
        return None
    kind = effects.KINDS[event.kind]
    if event.outcome_unknown or event.code == CLOSED_TO_USER or not issubclass(kind, ACTED):
        return None
    effect = msgspec.convert(event.effect, kind)
    return None if effect.acting else replace(effect, acting=True)
