"""Greets when the bot joins a chat."""

from __future__ import annotations

from bot.feed.greeting import greeting
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.model.events import Joined, Said
from bot.model.state_changes import ChatJoined

router = Router()


@router.on(Joined)
async def joined(ctx: Context, event: Joined) -> Effects:
    """Greet in the language of the user who added the bot.

    Not if the bot came by itself.
    """
    ctx.store(ChatJoined(dialog=event.dialog, title=event.chat_title))
    if int(event.author.id) != int(event.bot):
        yield ctx.reply(greeting(event.language, group=event.is_group))


@router.on(Said)
async def message_received(ctx: Context, event: Said) -> None:
    """Remember that the bot is a member of a group from which it receives messages."""
    if event.is_group:
        ctx.store(ChatJoined(dialog=event.dialog, title=event.chat_title))
