"""What a person is told whose deed is long in coming: that it is kept, and will be done without them."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bot import content, effects, voice
from bot.context import Context, Effects
from bot.effects import ByUser
from bot.events import Delayed
from bot.feed import mistakes, naming
from bot.router import Router

router = Router()


@router.on(Delayed)
async def delayed(_ctx: Context, event: Delayed) -> Effects:
    """Say so where it was asked for; where the deed is done before that is sent, it is not said."""
    effect = msgspec.convert(event.effect, effects.KINDS[event.kind])
    if isinstance(effect, ByUser):
        yield replace(mistakes.back(effect, content.of(_sentence(effect))), about=event.effect_id)


def _sentence(effect: ByUser) -> str:
    if isinstance(effect, effects.Share):
        return voice.sentence(effect.language, "waiting.share", post=effect.post)
    if isinstance(effect, effects.SayAs):
        return voice.sentence(effect.language, "waiting.card", chat=naming.chat_link(effect.dialog))
    return voice.sentence(effect.language, "waiting.publish" if isinstance(effect, effects.Publish) else "waiting.crm")
