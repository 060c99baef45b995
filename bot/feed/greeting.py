"""The first words of the bot: after /start, and when it joins a chat."""

from __future__ import annotations

from bot import content, voice
from bot.effects import Content
from keyboards import Command, Keyboard, Put


def greeting(language: str, *, group: bool) -> Content:
    """Who we are in two sentences, with buttons to begin."""
    hello = voice.sentence(language, "greeting.group" if group else "greeting.private")
    keyboard = Keyboard.of(
        [
            [
                Put(voice.sentence(language, "button.post"), "/post "),
                Command(voice.sentence(language, "button.follow"), "follow"),
            ],
            Command(voice.sentence(language, "button.help"), "help"),
        ]
    )
    return content.of(f"{hello}\n{voice.sentence(language, 'greeting.first')}", keyboard=keyboard)
