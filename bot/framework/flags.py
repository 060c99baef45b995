"""Reads options that are switches: `important`, `important:yes`, `preview:off`."""

from __future__ import annotations

import re
from collections.abc import Container

from bot.errors import UserMistake
from bot.framework import converters
from bot.i18n import catalog
from bot.texts import comparing

YES, NO = "yes", "no"

_YES = {comparing.fold(word) for word in (YES, "on", *catalog.also("on"))}
_NO = {comparing.fold(word) for word in (NO, "off", *catalog.also("off"))}
_WORD = re.compile(r"[^\W\d_]+(?=\s|\Z)")
_OPTION = re.compile(r"[^\W\d]\w*:\S")


def value(text: str) -> tuple[str, str]:
    """Read the value of a switch, which marks the option as one; raises as `converters.item` does."""
    return converters.word(text)


def switch(text: str) -> bool | None:
    """Return True or False for a word such as `yes` or `off`, None for any other text."""
    word = comparing.fold(text)
    return True if word in _YES else False if word in _NO else None


def is_prose(name: str, behind: str) -> bool:
    """Check whether a name with a colon begins a sentence: it has a capital letter, and a space is behind the colon."""
    return not name.islower() and not behind[:1].strip()


def with_value(text: str, names: Container[str]) -> str:
    """Return a text that begins with one of these names alone as if it had the value `yes`; else the text unchanged.

    The name counts if it is in lower case, and what follows begins a sentence, is another option or switch, or is in a
    new line.

    Raises:
        UserMistake: the name may be the first word of the text, as in `important meeting`.
    """
    found = _WORD.match(text)
    if found is None or not found[0].islower() or comparing.fold(found[0]) not in names:
        return text
    left = text[found.end() :]
    behind = left.lstrip()
    begins = not behind or not behind[0].isalpha() or behind[0].isupper() or _OPTION.match(behind)
    second = _WORD.match(behind)
    is_switch = second is not None and comparing.fold(second[0]) in names
    if begins or is_switch or "\n" in left[: len(left) - len(behind)]:
        return f"{found[0]}:{YES}{left}"
    raise UserMistake("words.flag", part=found[0], moved=f"{found[0]}:{YES}{left}", plain=f"-- {text}")
