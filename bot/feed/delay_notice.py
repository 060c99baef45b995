"""Tells a user that their action is delayed, and will still be tried."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bot.feed import error_messages
from bot.feed.publishing import references
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.effects import ByUser
from bot.model.events import Delayed

router = Router()

_ON_A_POST = {effects.ChangePost: "change", effects.DeletePost: "delete", effects.CommentOnPost: "comment"}


@router.on(Delayed)
async def delayed(_ctx: Context, event: Delayed) -> Effects:
    """Handle `Delayed`: send the user a notice that their action is delayed.

    The notice is dropped if the action finishes before it is sent.
    """
    effect = msgspec.convert(event.effect, effects.KINDS[event.kind])
    if isinstance(effect, ByUser):
        yield replace(error_messages.notice(effect, messages.of(_sentence(effect))), about=event.effect_id)


def _sentence(effect: ByUser) -> str:
    if isinstance(effect, effects.Share):
        return catalog.sentence(effect.language, "waiting.share", post=effect.post)
    if isinstance(effect, effects.SayAs):
        return catalog.sentence(effect.language, "waiting.card", chat=references.chat_link(effect.dialog))
    if isinstance(effect, effects.ChangePost | effects.DeletePost | effects.CommentOnPost):
        return catalog.sentence(effect.language, f"waiting.{_ON_A_POST[type(effect)]}", post=effect.post)
    if isinstance(effect, effects.DeleteCrmComment):
        return catalog.sentence(effect.language, "waiting.crm_undo")
    return catalog.sentence(
        effect.language, "waiting.publish" if isinstance(effect, effects.Publish) else "waiting.crm"
    )
