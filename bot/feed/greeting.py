"""The greeting, which the bot sends after /start, when it joins a chat, and at the first contact with a user."""

from __future__ import annotations

from dataclasses import dataclass

from bot.framework import messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.effects import Content
from bot.model.events import DialogEvent
from keyboards import Command, Keyboard, Put


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The conversation state of a private dialog that was opened, while neither side has written in it."""


async def is_due(ctx: Context, event: DialogEvent) -> bool:
    """Check whether the author's private dialog with the bot is new, and neither side has written in it."""
    dialog, user = event.answer_dialog, event.author.id
    return await ctx.memory.conversation(dialog, user, Opened, now=ctx.now) is not None


def greeting(language: str, *, group: bool) -> Content:
    """Make the greeting for a group or a user: two sentences about the bot, and buttons to start."""
    hello = catalog.sentence(language, "greeting.group" if group else "greeting.private")
    keyboard = Keyboard.of(
        [
            [
                Put(catalog.sentence(language, "button.post"), "/post "),
                Command(catalog.sentence(language, "button.follow"), "follow"),
            ],
            Command(catalog.sentence(language, "button.help"), "help"),
        ]
    )
    return messages.of(f"{hello}\n{catalog.sentence(language, 'greeting.first')}", keyboard=keyboard)
