"""Edited messages of a draft or a post, and the answer to the question about them, which only buttons send."""

from __future__ import annotations

from bot.feed.composer.composing import Signed
from bot.feed.publishing import corrections
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router, Spec
from bot.model.effects import Effect
from bot.model.events import Said

router = Router()


@router.corrected
async def corrected(ctx: Context, event: Said, spec: Spec, text: str) -> list[Effect]:
    """Change the draft that the message began, or ask whether to change the post that it published."""
    args = corrections.read(spec.args, text, command=spec.name, language=event.language)
    return await corrections.corrected(ctx, event, args, command=spec.name) if args else []


@router.command(corrections.COMMAND, Signed, edits=True, for_buttons=True)
async def correct(ctx: Context, command: Command[Signed]) -> Effects:
    """Change the post as the user has answered, or leave it."""
    async for effect in corrections.pressed(ctx, command, command.args.signed):
        yield effect
