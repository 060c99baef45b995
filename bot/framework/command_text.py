"""Finds the command in a message, and the text of the command's arguments."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.framework import converters
from bot.model.events import Commanded, From, Said
from bot.texts import comparing, quoting

_TAGS = re.compile(r"\[/?[a-z]{1,5}\]", re.IGNORECASE)
_AROUND = "\"'“”„«»()*_`"
_BEHIND = ",.:;!?…" + _AROUND


def is_shown(event: Commanded | Said) -> bool:
    """Check whether a typed command stands only inside code or a quotation, so that it must not be carried out."""
    if not isinstance(event, Commanded) or event.source is not From.TYPED or not event.text:
        return False
    lines = _lines(event.text)
    return _line_of(event, lines, shown=True) is not None and _line_of(event, lines, shown=False) is None


def command_of(event: Commanded | Said, names: Collection[str]) -> tuple[str, str]:
    """Return the name of the command, as `comparing.fold` makes it, and the text of its arguments.

    `names` are all names of commands. The text of a typed command ends before the next line that is one of our commands
    (reference: one entry per line). For a message without a command it is the first word and the rest, or "" and the
    whole text in a private dialog.
    """
    if isinstance(event, Said):
        return _from_message(event)
    if event.source is not From.TYPED or "\n" not in event.text:
        return comparing.fold(event.name), event.params
    return comparing.fold(event.name), _lines_of(event, names)


def _from_message(event: Said) -> tuple[str, str]:
    """Read a message as a command, as `command_of` does; quotes and markup around the name do not count.

    In a group the bot was mentioned, so the first word is a command with or without a slash. In a private dialog every
    message goes to the bot, so a word without a slash is a command only if it stands alone: "post office is closed" is
    no command to publish.
    """
    first, _, left = converters.split(event.text)
    name = comparing.fold(_TAGS.sub("", first)).strip(_AROUND).removeprefix("/").rstrip(_BEHIND)
    bare = not first.startswith("/") and not event.is_group
    return ("", event.text) if bare and left else (name, left)


def _lines_of(event: Commanded, names: Collection[str]) -> str:
    lines = _lines(event.text)
    start = _line_of(event, lines, shown=False)
    if start is None:
        return event.params
    taken = [event.params]
    for line, shown in lines[start + 1 :]:
        if not shown and line.startswith("/") and converters.split(line)[0][1:] in names:
            break
        taken.append(line)
    return "\n".join(taken)


def _line_of(event: Commanded, lines: list[tuple[str, bool]], *, shown: bool) -> int | None:
    """Return the index of the line that is the command; None if there is none. `shown`: inside code or a quotation."""
    head = f"/{event.name} {event.params}".rstrip()
    return next((n for n, line in enumerate(lines) if (line[0].rstrip(), line[1]) == (head, shown)), None)


def _lines(text: str) -> list[tuple[str, bool]]:
    """Return the lines of a message, each with True if it begins inside code or a quotation."""
    whole = text.replace("\r\n", "\n")
    spans = quoting.spans(whole)[::-1]
    found, at = [], 0
    for line in whole.split("\n"):
        while spans and spans[-1][1] <= at:
            spans.pop()
        found.append((line, bool(spans) and spans[-1][0] < at))
        at += len(line) + 1
    return found
