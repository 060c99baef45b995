"""Finds a text that looks like an option but is none, so that the user is asked before anything happens.

Examples: `to=sales`, `—to:sales`, `to :sales`, `tо:sales` with a Cyrillic letter, `para: sales`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.texts import comparing

LONGEST = 120
"""How many characters of a text are looked at for an option."""

_TAG = r"\[/?[a-z]{1,6}\]"
_HEAD = re.compile(
    rf"(?P<marks>(?:{_TAG}|[^\w\s@\[]|\s){{0,12}}+)(?P<key>[^\W\d_]\w{{0,30}}+)(?:{_TAG}){{0,3}}"
    rf"\s{{0,3}}(?:(?P<sign>->|[:=;>])\s{{0,3}}|(?=[\"“„«@]|\[user=))"
)
_INSIDE = re.compile(rf"(?P<marks>(?:{_TAG}|[^\w\s@\[]){{0,12}}+)(?P<key>[^\W\d_]\w{{0,30}}+)(?P<sign>[:=])(?=\S)")
_OPENING_TAG = re.compile(r"\[([a-z]{1,6})\]", re.IGNORECASE)
_PAIRS = {"(": ")", "{": "}", "<": ">", '"': '"', "'": "'", "“": "”", "„": "“", "«": "»", "*": "*", "_": "_", "`": "`"}
_RECIPIENTS = (
    "recipient",
    "recipients",
    "whom",
    "cc",
    "получатель",
    "получатели",
    "адресат",
    "адресаты",
    "empfänger",
    "pour",
    "para",
    "destinataire",
    "destinataires",
    "destinatario",
    "destinatarios",
    "dla",
    "voor",
    "aan",
    "kime",
    "komu",
    "til",
    "till",
)
"""Words for "to" in languages that the bot does not speak, and words that people write for it in ours."""
_SCHEMES = frozenset({"mailto", "tel", "sms", "callto", "skype", "geo", "magnet", "tg"})
"""Schemes of addresses without slashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """A text that looks like an option.

    `name` is the option that is probably meant, `written` the text that looks like it, and `left` the text behind it.
    """

    name: str
    written: str
    left: str


def find(text: str, names: Mapping[str, str], *, people: str = "", inside: bool = False) -> LookAlike | None:
    """Return what looks like an option at the start of a text; None if nothing does.

    `names` has the option for each name of an option, `people` is the option for recipients. `inside`: the text is a
    part of a message, where spaces before the value make it prose.
    """
    if re.match(r"--\s", text):  # says that everything behind it is text
        return None
    look, places = comparing.skeleton_with_places(text[:LONGEST])
    found = (_INSIDE if inside else _HEAD).match(look)
    if found is None or (name := _by_look(frozenset(names.items()), people).get(found["key"])) is None:
        return None
    if found["sign"] is None and (found["marks"] or not people):
        return None
    start, end = places[found.start("key")], places[found.end()]
    left = text[end:] if inside else _without_end(text[:start], text[end:])
    return LookAlike(name=name, written=text[:end].strip(), left=left)


def is_address(key: str, value: str) -> bool:
    """Check whether a word `key:value` begins an address: https://..., mailto:..."""
    return value.startswith("//") or key.casefold() in _SCHEMES


@cache
def _by_look(names: frozenset[tuple[str, str]], people: str) -> Mapping[str, str]:
    foreign = {comparing.skeleton(word): people for word in _RECIPIENTS} if people else {}
    return foreign | {comparing.skeleton(word): name for word, name in names}


def _without_end(before: str, left: str) -> str:
    """Remove the closing tags, quotes and brackets from `left` that were opened in `before`."""
    closing = [rf"\[/{tag}\]" for tag in _OPENING_TAG.findall(before)]
    for closer in (*closing, *(re.escape(_PAIRS[sign]) for sign in before if sign in _PAIRS)):
        left = re.sub(closer, "", left, count=1, flags=re.IGNORECASE)
    return left.lstrip()
