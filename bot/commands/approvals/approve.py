"""/approve 3: approve what another person wants to publish, as the policy asks."""

from __future__ import annotations

from bot.feed.policy import deciding, endings
from bot.feed.policy.deciding import Which
from bot.feed.policy.showing import Verb
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router().include(endings.router)


@router.command("approve", Which, order=31, edits=True, also=catalog.also("approve"))
async def approve(ctx: Context, command: Command[Which]) -> Effects:
    """Approve a request once, so that it is published in its author's name."""
    async for effect in deciding.step(ctx, command, Verb.APPROVE):
        yield effect
