"""Reads single values from the start of a text, and writes them back."""

from __future__ import annotations

import re

from bot.errors import UserMistake

SHOWN = 60
"""How much of the user's text a mistake repeats, in characters."""


_MENTION = re.compile(r"\[(USER|CHAT)=\d+[^\]\s]*\].*?\[/\1\]", re.IGNORECASE | re.DOTALL)
_CLOSERS = {'"': '"', "“": "”", "„": "“”", "”": "”", "«": "»"}
_NUMBER = re.compile(r"[#№]?(\d{1,18})", re.ASCII)


def word(text: str) -> tuple[str, str]:
    """Read the next word, quoted string, or mention of a person or chat."""
    value, left = item(text, stops="")
    return value, left


def first(text: str) -> tuple[str, str]:
    """Split a message into its first word and the rest."""
    found, _space, left = split(text)
    return found, left


def number(text: str) -> tuple[int, str]:
    """Read the next word as a number: 217, #217 or №217."""
    value, left = word(text)
    if not (found := _NUMBER.fullmatch(value)):
        raise UserMistake("words.number", value=value[:SHOWN])
    return int(found[1]), left


def split(text: str) -> tuple[str, str, str]:
    """Split a text into its first word, the space after it, and the rest."""
    found = re.match(r"\s*(\S*)(\s*)(.*)", text, re.DOTALL)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def items(text: str, key: str) -> tuple[list[str], str]:
    """Read a list with commas.

    A comma at the end of a word continues the list after the space.
    """
    found: list[str] = []
    left = f",{text}"
    while left.startswith(","):
        one, left = item(left[1:].lstrip(), stops=",")
        if not one:
            raise UserMistake("words.no_value", option=key)
        found.append(one)
    return found, left


def item(text: str, *, stops: str) -> tuple[str, str]:
    """Read one value from the start of a text.

    It is a mention, a quoted string, or a word that ends at a space or one of `stops`.
    """
    if mention := _MENTION.match(text):
        return mention[0], text[mention.end() :]
    if closers := _CLOSERS.get(text[:1]):
        end = next((n for n, sign in enumerate(text[1:], 1) if sign in closers), None)
        if end is None:
            raise UserMistake("words.open_quote", text=text[:SHOWN])
        return text[1:end], text[end + 1 :]
    end = next((n for n, sign in enumerate(text) if sign.isspace() or sign in stops), len(text))
    return text[:end], text[end:]


def plain_or_quoted(value: str) -> str:
    """Quote a value if needed, with quotes that it does not contain.

    In a value that contains every kind, double quotes become single ones.
    """
    mention = _MENTION.match(value)
    if mention and mention.end() == len(value):
        return value
    if not mention and value and not re.search(r"[\s,:]", value) and value[0] not in _CLOSERS:
        return value
    for opener, closers in _CLOSERS.items():
        if not any(closer in value for closer in closers):
            return f"{opener}{value}{closers[0]}"
    return '"' + value.replace('"', "'") + '"'
