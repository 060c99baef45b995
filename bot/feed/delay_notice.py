"""What a person is told whose deed is long in coming: that it is kept, and will be done without them."""

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


@router.on(Delayed)
async def delayed(_ctx: Context, event: Delayed) -> Effects:
    """Say so where it was asked for; where the deed is done before that is sent, it is not said."""
    effect = msgspec.convert(event.effect, effects.KINDS[event.kind])
    if isinstance(effect, ByUser):
        yield replace(error_messages.back(effect, messages.of(_sentence(effect))), about=event.effect_id)


def _sentence(effect: ByUser) -> str:
    if isinstance(effect, effects.Share):
        return catalog.sentence(effect.language, "waiting.share", post=effect.post)
    if isinstance(effect, effects.SayAs):
        return catalog.sentence(effect.language, "waiting.card", chat=references.chat_link(effect.dialog))
    return catalog.sentence(
        effect.language, "waiting.publish" if isinstance(effect, effects.Publish) else "waiting.crm"
    )
