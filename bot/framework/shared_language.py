"""Keeps the language of a message in a group, which several people share.

A button that edits its message contains the language of the message, so that a press by somebody else does not
translate the message.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace
from typing import Any

from bot.i18n import catalog
from bot.model.effects import Edit, EditCard, Effect, Say, ShowCard
from bot.model.events import Commanded, From

_MARK = re.compile(r"(?:^| )~([a-z]{2})$")
"""The language at the end of a button's parameters, as `~de`."""


def mark(effect: Effect, commands: Container[str]) -> Effect:
    """Return a message to a group with its language added to the buttons of these commands.

    Other effects are returned unchanged.
    """
    if not isinstance(effect, Say | Edit | ShowCard | EditCard) or effect.dialog.isdigit():
        return effect
    keyboard = [_marked(button, effect.language, commands) for button in effect.content.keyboard]
    if keyboard == effect.content.keyboard:
        return effect
    return replace(effect, content=replace(effect.content, keyboard=keyboard))


def of_message(event: Commanded) -> Commanded:
    """Return the event of a pressed button with the language of its message, which is removed from the parameters."""
    found = _MARK.search(event.params) if event.source is From.BUTTON else None
    if found is None:
        return event
    known = found[1] in catalog.languages()
    return replace(event, params=event.params[: found.start()], language=found[1] if known else event.language)


def _marked(button: dict[str, Any], language: str, commands: Container[str]) -> dict[str, Any]:
    if button.get("COMMAND") not in commands:
        return button
    params = str(button.get("COMMAND_PARAMS", ""))
    return button if _MARK.search(params) else {**button, "COMMAND_PARAMS": f"{params} ~{language}".strip()}
