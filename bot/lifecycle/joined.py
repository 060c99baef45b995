"""Sends a greeting when the bot joins a group, or when somebody opens a private dialog with it.

A user who writes at once gets only the answer, not the greeting too. A portal sends the event of the new dialog and the
event of its first message at the same time, in any order.
"""

from __future__ import annotations

from bot.feed import greeting
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.model import ordering
from bot.model.events import Commanded, GreetingDue, Joined, Said
from bot.model.state_changes import ChatJoined, ConversationEnded, ConversationState

router = Router()

GREET_AFTER = 1.0
"""Seconds from the opening of a private dialog to the greeting, in which a first message would come."""
FORGOTTEN = 3600.0
"""Seconds after which a greeting that could not be sent is not due any more."""


@router.on(Joined)
async def joined(ctx: Context, event: Joined) -> Effects:
    """Greet a group at once, and a user in private after a moment, in the language of the user who caused the event.

    The bot sends no greeting if it came by itself, or if the user of the private dialog was greeted or has written
    already.
    """
    is_known = not event.is_group and await ctx.memory.is_member(event.answer_dialog)
    ctx.store(ChatJoined(dialog=event.answer_dialog, title=event.chat_title))
    if int(event.author.id) == int(event.bot) or is_known:
        return
    if event.is_group:
        yield ctx.reply(greeting.greeting(event.language, group=True))
        return
    dialog, user = event.answer_dialog, event.author.id
    ctx.store(ConversationState(dialog=dialog, user=user, state=greeting.Opened(), expires_at=ctx.now + FORGOTTEN))
    due = GreetingDue(portal=event.portal, bot=event.bot, dialog=dialog, author=event.author, language=event.language)
    key, ordering_key = ordering.timer_of_greeting(dialog), ordering.of_dialog(dialog)
    ctx.schedule(ctx.now + GREET_AFTER, due, key=key, ordering_key=ordering_key)


@router.on(GreetingDue)
async def greeting_due(ctx: Context, event: GreetingDue) -> Effects:
    """Greet the user of a new private dialog, if neither side has written in it yet."""
    if await greeting.is_due(ctx, event):
        ctx.store(ConversationEnded(dialog=event.dialog, user=event.author.id, kind=greeting.Opened))
        yield ctx.reply(greeting.greeting(event.language, group=False))


@router.on(Said)
async def message_received(ctx: Context, event: Said) -> None:
    """Store that the bot is in this group; in private, store that the user has written, so that no greeting is sent."""
    if event.is_group:
        ctx.store(ChatJoined(dialog=event.dialog, title=event.chat_title))
    else:
        await _wrote(ctx, event)


@router.on(Commanded)
async def command_received(ctx: Context, event: Commanded) -> None:
    """Store that the user has written in private, so that no greeting is sent."""
    if not event.is_group and not ctx.bot_absent:
        await _wrote(ctx, event)


async def _wrote(ctx: Context, event: Said | Commanded) -> None:
    """Make sure that a user who has written in a private dialog gets no greeting.

    A greeting that waits is cancelled. If the event of joining comes later, it sends none.
    """
    if await greeting.is_due(ctx, event):
        ctx.store(ConversationEnded(dialog=event.answer_dialog, user=event.author.id, kind=greeting.Opened))
        ctx.cancel(ordering.timer_of_greeting(event.answer_dialog))
    elif not await ctx.memory.is_member(event.answer_dialog):
        ctx.store(ChatJoined(dialog=event.answer_dialog, title=event.chat_title))
