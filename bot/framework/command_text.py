"""Find the command and the text of its arguments in what was written."""

from __future__ import annotations

from collections.abc import Collection

from bot.framework import converters
from bot.model.events import Commanded, From, Said


def command_of(event: Commanded | Said, names: Collection[str]) -> tuple[str, str]:
    """Find the command an event names (in lower case) and the text of its arguments.

    A typed command's text runs up to the next line that is a command of ours (reference: one entry per line); a
    message without a command gives its first word, or no name in a private dialog.
    """
    if isinstance(event, Said):
        return _said(event)
    if event.source is not From.TYPED or "\n" not in event.text:
        return event.name.casefold(), event.params
    return event.name.casefold(), _lines_of(event, names)


def _said(event: Said) -> tuple[str, str]:
    """In a group the bot was called by name, so its first word is a command with or without a slash.

    In a private dialog everything is said to the bot: there a word without a slash is a command only if it stands
    alone. "post office is closed" is no wish to publish.
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
