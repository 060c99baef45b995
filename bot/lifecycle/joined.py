"""The bot comes into a chat: it says in a few words what it is for."""

from __future__ import annotations

from bot.feed.greeting import greeting
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.model.events import Joined, Said
from bot.model.state_changes import ChatJoined

router = Router()


@router.on(Joined)
async def joined(ctx: Context, event: Joined) -> Effects:
    """Greet with the short reference, in the language of whoever added us; not where we came by ourselves."""
    ctx.store(ChatJoined(dialog=event.dialog, title=event.chat_title))
    if int(event.author.id) != int(event.bot):
        yield ctx.reply(greeting(event.language, group=event.is_group))


@router.on(Said)
async def heard(ctx: Context, event: Said) -> None:
    """In a group only members hear what is said: so we are one, even if nobody told us when we came."""
    if event.is_group:
        ctx.store(ChatJoined(dialog=event.dialog, title=event.chat_title))
