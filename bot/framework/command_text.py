"""Finds the command in a message, and the text of its arguments."""

from __future__ import annotations

from collections.abc import Collection

from bot.framework import converters
from bot.model.events import Commanded, From, Said


def command_of(event: Commanded | Said, names: Collection[str]) -> tuple[str, str]:
    """Return the name of the command (in lower case) and the text of its arguments.

    The text of a typed command ends before the next line that is one of our commands (reference: one entry per line). A
    message without a command returns its first word, or no name in a private dialog.
    """
    if isinstance(event, Said):
        return _from_message(event)
    if event.source is not From.TYPED or "\n" not in event.text:
        return event.name.casefold(), event.params
    return event.name.casefold(), _lines_of(event, names)


def _from_message(event: Said) -> tuple[str, str]:
    """Read a message as a command.

    In a group the bot was mentioned, so the first word is a command with or without a slash. In a private dialog every
    message goes to the bot, so a word without a slash is a command only if it stands alone: "post office is closed" is
    no command to publish.
    """
    first, _, left = converters.split(event.text)
    name = first.removeprefix("/").rstrip(",.:;!?").casefold()
    bare = not first.startswith("/") and not event.is_group
    return ("", event.text) if bare and left else (name, left)


def _lines_of(event: Commanded, names: Collection[str]) -> str:
    lines = event.text.replace("\r\n", "\n").split("\n")
    head = f"/{event.name} {event.params}".rstrip()
    start = next((n for n, line in enumerate(lines) if line.rstrip() == head), None)
    if start is None:
        return event.params
    taken = [event.params]
    for line in lines[start + 1 :]:
        if line.startswith("/") and converters.split(line)[0][1:] in names:
            break
        taken.append(line)
    return "\n".join(taken)
