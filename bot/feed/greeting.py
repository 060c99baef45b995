"""The greeting: after /start, and when the bot joins a chat."""

from __future__ import annotations

from bot.framework import messages
from bot.i18n import catalog
from bot.model.effects import Content
from keyboards import Command, Keyboard, Put


def greeting(language: str, *, group: bool) -> Content:
    """Make the greeting: two sentences about the bot, and buttons to start."""
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
