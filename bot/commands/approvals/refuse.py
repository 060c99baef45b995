"""/refuse 3 reason: refuse what another person wants to publish, perhaps with a reason."""

from __future__ import annotations

from bot.feed.policy import deciding
from bot.feed.policy.deciding import Which
from bot.feed.policy.showing import Verb
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@router.command("refuse", Which, order=32, edits=True, also=catalog.also("refuse"))
async def refuse(ctx: Context, command: Command[Which]) -> Effects:
    """Refuse a request; its author gets the reason, if there is one, and the text back."""
    async for effect in deciding.step(ctx, command, Verb.REFUSE):
        yield effect
