"""Recognises thanks, greetings and bare mentions, which need no explanation of commands as an answer."""

from __future__ import annotations

import re
import unicodedata

from bot.i18n import catalog
from bot.texts import comparing

LONGEST = 5
"""How many words a message of thanks or greeting has at most; a longer one says something else too."""

_WORD = re.compile(r"[^\W\d_]+")
_MENTION = re.compile(r"@\w|\[USER=", re.IGNORECASE)
_THANKS = frozenset(map(comparing.fold, catalog.also("courtesy_thanks")))
_HELLO = frozenset(map(comparing.fold, catalog.also("hello")))


def answer(text: str, *, is_group: bool) -> str | None:
    """Return the key of the sentence that answers thanks, a greeting or, in a group, a bare mention of the bot.

    None if the text says something else.
    """
    words = _WORD.findall(comparing.fold(text))
    if not words:
        return _of_signs(text, is_group=is_group)
    if len(words) > LONGEST or any(sign.isdigit() for sign in text):
        return None
    if _THANKS & set(words):
        return "unknown.welcome"
    return "unknown.here" if words[0] in _HELLO else None


def is_word(word: str) -> bool:
    """Check whether a word, as `comparing.fold` makes it, is a greeting or thanks, and so no misspelt command."""
    return word in _THANKS or word in _HELLO


def is_no_command(words: str, name: str, *, typed: str) -> bool:
    """Check whether a message without a slash, which begins with a command's `name` as `typed`, is thanks to the bot.

    Thanks to colleagues mention one of them: `thanks @anna cup Great work`.
    """
    return name == "thanks" and is_word(comparing.fold(typed)) and not _MENTION.search(words)


def _of_signs(text: str, *, is_group: bool) -> str | None:
    if any(unicodedata.category(sign) == "So" for sign in text):
        return "unknown.welcome"
    return "unknown.here" if is_group and not any(sign.isdigit() for sign in text) else None
